/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Stand-in: the kernel's descriptor of a trailer, as docs/format.md has it. */
#pragma once

#include <linux/types.h>

#define MODULE_SIGNATURE_MARKER "~Module signature appended~\n"

enum module_signature_type {
	MODULE_SIGNATURE_TYPE_PKCS7 = 2,
	MODULE_SIGNATURE_TYPE_MERKLE = 3,
};

struct module_signature {
	u8 algo;
	u8 hash;
	u8 id_type;
	u8 signer_len;
	u8 key_id_len;
	u8 __pad[3];
	__be32 sig_len;
};
