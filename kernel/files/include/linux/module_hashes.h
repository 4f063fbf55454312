/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Modules authenticated by the Merkle tree of their build.
 *
 * The format is described in Documentation/admin-guide/module-hashes.rst.
 */

#ifndef _LINUX_MODULE_HASHES_H
#define _LINUX_MODULE_HASHES_H

#include <linux/types.h>
#include <crypto/sha2.h>

/* A position is a 32-bit number, so a deeper tree has no meaning. */
#define MODULE_HASHES_MAX_LEVELS	32

/**
 * struct module_hashes_root - root of the tree of all modules of this build
 * @levels: levels between a leaf and the root; 0 if there are no modules
 * @hash: hash of the topmost node
 *
 * This is the layout of the section .module_hashes, which modproof(1) writes
 * into the linked vmlinux.
 */
struct module_hashes_root {
	u32 levels;
	u8 hash[SHA256_DIGEST_SIZE];
};

/* Defined in assembly, so that no compiler can know what is in it. */
extern const struct module_hashes_root module_hashes_root;

/**
 * enum module_hashes_verdict - what the proof of a module turned out to be
 * @MODULE_HASHES_ACCEPTED: the proof leads from the module to the root
 * @MODULE_HASHES_NO_PROOF: the module does not end in a Merkle trailer
 * @MODULE_HASHES_BAD_TRAILER: the trailer has reserved fields that are not zero
 * @MODULE_HASHES_CUT_SHORT: the trailer claims more bytes than the file has
 * @MODULE_HASHES_STACKED: what the trailer covers ends in a Merkle trailer, too
 * @MODULE_HASHES_NO_ROOT: this kernel was built without any module
 * @MODULE_HASHES_PROOF_LENGTH: the proof has another length than this kernel's
 * @MODULE_HASHES_POSITION: the proof is for a position outside the tree
 * @MODULE_HASHES_MISMATCH: the proof leads to another root
 * @MODULE_HASHES_VERDICTS: number of verdicts
 */
enum module_hashes_verdict {
	MODULE_HASHES_ACCEPTED,
	MODULE_HASHES_NO_PROOF,
	MODULE_HASHES_BAD_TRAILER,
	MODULE_HASHES_CUT_SHORT,
	MODULE_HASHES_STACKED,
	MODULE_HASHES_NO_ROOT,
	MODULE_HASHES_PROOF_LENGTH,
	MODULE_HASHES_POSITION,
	MODULE_HASHES_MISMATCH,
	MODULE_HASHES_VERDICTS
};

enum module_hashes_verdict
module_hashes_verify(const struct module_hashes_root *root,
		     const void *file, size_t len, size_t *payload_len);

int module_hashes_errno(enum module_hashes_verdict verdict);
const char *module_hashes_reason(enum module_hashes_verdict verdict);

#endif /* _LINUX_MODULE_HASHES_H */
