/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Stand-in: the kernel's names for integers. */
#pragma once

#include <asm/types.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef uint8_t u8;
typedef uint32_t u32;
typedef uint64_t u64;
typedef uint32_t __be32;
