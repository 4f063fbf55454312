/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Stand-in: the C library has the same functions. */
#pragma once

#include <string.h>
