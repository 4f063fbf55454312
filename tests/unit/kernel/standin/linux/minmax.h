/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Stand-in for what kernel/module/hashes.c uses of it. */
#pragma once

#define min_t(type, a, b) ((type)(a) < (type)(b) ? (type)(a) : (type)(b))
