// SPDX-License-Identifier: GPL-2.0-only
/*
 * Checks a module against the Merkle tree of all modules of this build.
 *
 * A module that takes part ends in a Merkle trailer. It is read backwards,
 * each length being checked against what is left before it is used:
 *
 *	+---------+---------------------------+------------------+--------+
 *	| payload | proof                     | module_signature | marker |
 *	|         | be32 position             | id_type 3        |        |
 *	|         | one sibling for a level   | sig_len: proof   |        |
 *	+---------+---------------------------+------------------+--------+
 *	0         payload_len                 -40                -28      len
 *
 *	leaf = SHA-256(0x01 || be32(position) || payload)
 *	node = SHA-256(0x02 || left || right)
 *
 * The first byte keeps a leaf from being taken for a node, and the position
 * inside the leaf ties each module to one place in the tree. Bit N of the
 * position says on which side of its sibling the node of level N stands.
 *
 * This file knows nothing of how a module gets loaded: bytes in, verdict out.
 * It is also compiled in user space, where it is tested against an independent
 * implementation, so that it must stay free of other parts of the kernel.
 */

#include <linux/errno.h>
#include <linux/minmax.h>
#include <linux/module_hashes.h>
#include <linux/module_signature.h>
#include <linux/sched.h>
#include <linux/sizes.h>
#include <linux/string.h>
#include <linux/unaligned.h>

#define MODULE_HASHES_LEAF	0x01
#define MODULE_HASHES_NODE	0x02

#define MARKER_LEN		(sizeof(MODULE_SIGNATURE_MARKER) - 1)
#define TRAILER_LEN		(sizeof(struct module_signature) + MARKER_LEN)
#define POSITION_LEN		sizeof(__be32)

/* Finds the descriptor of the outermost trailer, if it is a Merkle trailer. */
static bool find_trailer(const u8 *file, size_t len, struct module_signature *ms)
{
	if (len < TRAILER_LEN)
		return false;
	if (memcmp(file + len - MARKER_LEN, MODULE_SIGNATURE_MARKER, MARKER_LEN))
		return false;

	memcpy(ms, file + len - TRAILER_LEN, sizeof(*ms));
	return ms->id_type == MODULE_SIGNATURE_TYPE_MERKLE;
}

static void hash_leaf(u32 position, const u8 *payload, size_t len,
		      u8 out[SHA256_DIGEST_SIZE])
{
	u8 head[1 + POSITION_LEN] = { MODULE_HASHES_LEAF };
	struct sha256_ctx ctx;

	put_unaligned_be32(position, head + 1);

	sha256_init(&ctx);
	sha256_update(&ctx, head, sizeof(head));

	/*
	 * SHA-256 may run with preemption disabled, and a module with debug
	 * information has hundreds of megabytes.
	 */
	while (len) {
		size_t piece = min_t(size_t, len, SZ_64K);

		sha256_update(&ctx, payload, piece);
		payload += piece;
		len -= piece;
		cond_resched();
	}
	sha256_final(&ctx, out);
}

/* @out may be the same as @left or @right. */
static void hash_node(const u8 *left, const u8 *right, u8 out[SHA256_DIGEST_SIZE])
{
	const u8 head = MODULE_HASHES_NODE;
	struct sha256_ctx ctx;

	sha256_init(&ctx);
	sha256_update(&ctx, &head, sizeof(head));
	sha256_update(&ctx, left, SHA256_DIGEST_SIZE);
	sha256_update(&ctx, right, SHA256_DIGEST_SIZE);
	sha256_final(&ctx, out);
}

/**
 * module_hashes_verify - follow the proof of a module up to the root
 * @root: the root that the proof must lead to
 * @file: the module as loaded, with all of its trailers
 * @len: length of @file
 * @payload_len: where the length of the module without its Merkle trailer is
 *	put. Only written if the module is accepted.
 *
 * Only the outermost trailer counts: a PKCS#7 trailer below it is a part of
 * the payload and not looked at.
 */
enum module_hashes_verdict
module_hashes_verify(const struct module_hashes_root *root,
		     const void *file, size_t len, size_t *payload_len)
{
	struct module_signature ms, inner;
	const u8 *data = file, *proof;
	u8 hash[SHA256_DIGEST_SIZE];
	size_t left, proof_len;
	u32 position, level;

	if (!find_trailer(data, len, &ms))
		return MODULE_HASHES_NO_PROOF;
	left = len - TRAILER_LEN;

	if (ms.algo || ms.hash || ms.signer_len || ms.key_id_len ||
	    ms.__pad[0] || ms.__pad[1] || ms.__pad[2])
		return MODULE_HASHES_BAD_TRAILER;

	proof_len = get_unaligned_be32(&ms.sig_len);
	if (proof_len > left)
		return MODULE_HASHES_CUT_SHORT;
	left -= proof_len;
	proof = data + left;

	if (find_trailer(data, left, &inner))
		return MODULE_HASHES_STACKED;

	if (!root->levels || root->levels > MODULE_HASHES_MAX_LEVELS)
		return MODULE_HASHES_NO_ROOT;
	if (proof_len != POSITION_LEN + root->levels * SHA256_DIGEST_SIZE)
		return MODULE_HASHES_PROOF_LENGTH;

	position = get_unaligned_be32(proof);
	if ((u64)position >> root->levels)
		return MODULE_HASHES_POSITION;
	proof += POSITION_LEN;

	hash_leaf(position, data, left, hash);
	for (level = 0; level < root->levels; level++) {
		if (position & 1)
			hash_node(proof, hash, hash);
		else
			hash_node(hash, proof, hash);
		proof += SHA256_DIGEST_SIZE;
		position >>= 1;
	}

	if (memcmp(hash, root->hash, sizeof(hash)))
		return MODULE_HASHES_MISMATCH;

	*payload_len = left;
	return MODULE_HASHES_ACCEPTED;
}

/**
 * module_hashes_errno - what loading a module with this verdict returns
 * @verdict: from module_hashes_verify()
 *
 * The values are those that a PKCS#7 signature leads to: -EBADMSG for what
 * cannot be read, -EKEYREJECTED for what can be read but proves nothing.
 */
int module_hashes_errno(enum module_hashes_verdict verdict)
{
	switch (verdict) {
	case MODULE_HASHES_ACCEPTED:
		return 0;
	case MODULE_HASHES_NO_PROOF:
		return -ENODATA;
	case MODULE_HASHES_BAD_TRAILER:
	case MODULE_HASHES_CUT_SHORT:
	case MODULE_HASHES_STACKED:
		return -EBADMSG;
	default:
		return -EKEYREJECTED;
	}
}

/**
 * module_hashes_reason - the verdict in words, for the log
 * @verdict: from module_hashes_verify()
 */
const char *module_hashes_reason(enum module_hashes_verdict verdict)
{
	static const char * const reasons[MODULE_HASHES_VERDICTS] = {
		[MODULE_HASHES_ACCEPTED]     = "accepted",
		[MODULE_HASHES_NO_PROOF]     = "no proof",
		[MODULE_HASHES_BAD_TRAILER]  = "reserved fields of the trailer are set",
		[MODULE_HASHES_CUT_SHORT]    = "trailer is longer than the file",
		[MODULE_HASHES_STACKED]      = "second proof below the first",
		[MODULE_HASHES_NO_ROOT]      = "kernel was built without modules",
		[MODULE_HASHES_PROOF_LENGTH] = "proof has another length than this kernel's",
		[MODULE_HASHES_POSITION]     = "position is outside the tree",
		[MODULE_HASHES_MISMATCH]     = "proof does not lead to the root of this kernel",
	};

	if ((unsigned int)verdict >= MODULE_HASHES_VERDICTS)
		return "unknown";
	return reasons[verdict];
}
