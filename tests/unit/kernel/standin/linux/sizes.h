/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Stand-in for what kernel/module/hashes.c uses of it. */
#pragma once

#define SZ_64K 0x10000
