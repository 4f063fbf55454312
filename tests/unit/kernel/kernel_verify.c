/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* See kernel_verify.h. */
#include "kernel_verify.h"

#include <linux/module_hashes.h>
#include <string.h>

int kernel_verify_payload(const uint8_t *root, uint32_t levels, const uint8_t *file, size_t len,
			  const char **reason, size_t *payload_len)
{
	struct module_hashes_root kernel_root = { .levels = levels };
	enum module_hashes_verdict verdict;

	memcpy(kernel_root.hash, root, sizeof(kernel_root.hash));
	verdict = module_hashes_verify(&kernel_root, file, len, payload_len);
	if (reason)
		*reason = module_hashes_reason(verdict);
	return module_hashes_errno(verdict);
}

int kernel_verify(const uint8_t *root, uint32_t levels, const uint8_t *file, size_t len,
		  const char **reason)
{
	size_t payload_len;

	return kernel_verify_payload(root, levels, file, len, reason, &payload_len);
}
