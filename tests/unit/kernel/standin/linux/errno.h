/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Stand-in: the C library includes this file, too, so it must be the real numbers. */
#include <asm/errno.h>
