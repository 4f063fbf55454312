/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The kernel's own check of a module, for use in tests and fuzzers: the very
 * file that goes into the kernel, compiled with stand-ins for its headers.
 *
 * To build it, as C11 with GNU extensions (the kernel's dialect is gnu11):
 *
 *   sources   kernel/files/kernel/module/hashes.c
 *             tests/unit/kernel/kernel_verify.c
 *   includes  tests/unit/kernel/standin, then kernel/files/include
 *             (for these two files only: standin/ hides <linux/...>)
 *   links     OpenSSL's libcrypto, for SHA-256
 *
 * hashes.c keeps to the kernel's warnings, not to -Wconversion.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Checks file[0..len) against a root of 32 bytes with this many levels.
 *
 * Returns 0 if the kernel would load the module, else the negative errno that
 * loading it fails with; -ENODATA says that it has no Merkle trailer, so that
 * the kernel goes on as if there were no hashes. *reason, unless reason is
 * null, becomes the words in the kernel's log (static storage).
 */
int kernel_verify(const uint8_t *root, uint32_t levels, const uint8_t *file, size_t len,
		  const char **reason);

/* The same, and the length of the module without its Merkle trailer if it is accepted. */
int kernel_verify_payload(const uint8_t *root, uint32_t levels, const uint8_t *file, size_t len,
			  const char **reason, size_t *payload_len);

#ifdef __cplusplus
}
#endif
