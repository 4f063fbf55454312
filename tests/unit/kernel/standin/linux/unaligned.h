/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Stand-in for what kernel/module/hashes.c uses of it. */
#pragma once

#include <linux/types.h>

static inline u32 get_unaligned_be32(const void *from)
{
	const u8 *p = (const u8 *)from;

	return (u32)p[0] << 24 | (u32)p[1] << 16 | (u32)p[2] << 8 | p[3];
}

static inline void put_unaligned_be32(u32 value, void *to)
{
	u8 *p = (u8 *)to;

	p[0] = (u8)(value >> 24);
	p[1] = (u8)(value >> 16);
	p[2] = (u8)(value >> 8);
	p[3] = (u8)value;
}
