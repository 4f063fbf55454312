// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit test for the proofs that modules carry.
 *
 * The tree is one of the known answers that come with modproof(1): three
 * modules of 64, 63 and 65 bytes, where byte i of module k is 31 * i + 17 * k.
 * The last of them stands alone in its level and is its own sibling.
 */

#include <kunit/test.h>
#include <linux/errno.h>
#include <linux/module_hashes.h>
#include <linux/module_signature.h>
#include <linux/string.h>

#define MODULES		3
#define LEVELS		2
#define PROOF_LEN	(4 + LEVELS * SHA256_DIGEST_SIZE)
#define MARKER_LEN	(sizeof(MODULE_SIGNATURE_MARKER) - 1)
#define FILE_MAX	256

static const size_t payload_lens[MODULES] = { 64, 63, 65 };

static const struct module_hashes_root root = {
	.levels = LEVELS,
	.hash = {
		0xd6, 0x2d, 0xcf, 0xd8, 0xda, 0x27, 0x81, 0x1b,
		0x32, 0xe3, 0x69, 0x18, 0x81, 0x8d, 0xe0, 0xbc,
		0x0f, 0x65, 0x03, 0x27, 0x66, 0x29, 0x15, 0x7e,
		0xb9, 0xb4, 0x2c, 0x2d, 0xc0, 0x86, 0x1d, 0x8c,
	},
};

static const u8 proofs[MODULES][PROOF_LEN] = {
	{
		0x00, 0x00, 0x00, 0x00, 0xa3, 0x8e, 0x1a, 0x55,
		0xe5, 0x4d, 0xd0, 0x63, 0x66, 0x3c, 0xd8, 0xa5,
		0xae, 0xee, 0x6b, 0xf6, 0x64, 0xe8, 0xf6, 0x11,
		0x29, 0x3e, 0xf0, 0x19, 0x5c, 0xec, 0x2a, 0x50,
		0x8c, 0xd3, 0x9a, 0xdf, 0xd2, 0xa7, 0xb9, 0x4b,
		0x99, 0x85, 0x8b, 0x24, 0x2d, 0x6b, 0x16, 0x46,
		0x32, 0x25, 0x9b, 0x72, 0x8a, 0xe1, 0xe5, 0x94,
		0xf6, 0x74, 0x8a, 0xf8, 0x7d, 0x61, 0x5a, 0x5b,
		0xd2, 0x22, 0xf6, 0x53,
	},
	{
		0x00, 0x00, 0x00, 0x01, 0xbf, 0xff, 0xb7, 0xb7,
		0xda, 0x21, 0x1c, 0x31, 0x52, 0x30, 0xd9, 0xe1,
		0xb3, 0xe8, 0xe3, 0xed, 0x5f, 0xdf, 0xe0, 0x3a,
		0x33, 0x09, 0x8d, 0xb3, 0x8c, 0x22, 0x0c, 0x80,
		0x3c, 0xe3, 0xeb, 0x8d, 0xd2, 0xa7, 0xb9, 0x4b,
		0x99, 0x85, 0x8b, 0x24, 0x2d, 0x6b, 0x16, 0x46,
		0x32, 0x25, 0x9b, 0x72, 0x8a, 0xe1, 0xe5, 0x94,
		0xf6, 0x74, 0x8a, 0xf8, 0x7d, 0x61, 0x5a, 0x5b,
		0xd2, 0x22, 0xf6, 0x53,
	},
	{
		0x00, 0x00, 0x00, 0x02, 0xf1, 0x2e, 0x43, 0x4e,
		0x78, 0x9f, 0xaa, 0xf7, 0xee, 0x81, 0x8b, 0x90,
		0x28, 0xa0, 0x4f, 0xc9, 0xe2, 0xd9, 0x02, 0x56,
		0xd4, 0x7e, 0x5d, 0xc0, 0xb5, 0x57, 0x7a, 0xac,
		0xfa, 0x71, 0xa9, 0x51, 0x36, 0x10, 0x3d, 0x7a,
		0x95, 0x24, 0x5c, 0x3d, 0xe6, 0xfe, 0x4b, 0x25,
		0xb9, 0x35, 0x3f, 0x48, 0xd6, 0xd0, 0x0e, 0x29,
		0x29, 0x9e, 0x84, 0x31, 0x5c, 0xc2, 0xc3, 0x82,
		0x26, 0x87, 0x1f, 0x57,
	},
};

struct file {
	size_t len;
	u8 data[FILE_MAX];
};

static void append(struct file *file, const void *data, size_t len)
{
	memcpy(file->data + file->len, data, len);
	file->len += len;
}

static void append_trailer(struct file *file, const u8 *proof, u32 proof_len,
			   u32 claimed_len)
{
	struct module_signature ms = {
		.id_type = MODULE_SIGNATURE_TYPE_MERKLE,
		.sig_len = cpu_to_be32(claimed_len),
	};

	append(file, proof, proof_len);
	append(file, &ms, sizeof(ms));
	append(file, MODULE_SIGNATURE_MARKER, MARKER_LEN);
}

static struct file *payload(struct kunit *test, unsigned int module)
{
	struct file *file = kunit_kzalloc(test, sizeof(*file), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, file);
	for (; file->len < payload_lens[module]; file->len++)
		file->data[file->len] = 31 * file->len + 17 * module;
	return file;
}

static struct file *sealed(struct kunit *test, unsigned int module)
{
	struct file *file = payload(test, module);

	append_trailer(file, proofs[module], PROOF_LEN, PROOF_LEN);
	return file;
}

static enum module_hashes_verdict verify(const struct file *file)
{
	size_t payload_len;

	return module_hashes_verify(&root, file->data, file->len, &payload_len);
}

static void known_answers_are_accepted(struct kunit *test)
{
	enum module_hashes_verdict verdict;
	unsigned int i;

	for (i = 0; i < MODULES; i++) {
		struct file *file = sealed(test, i);
		size_t len = 0;

		verdict = module_hashes_verify(&root, file->data, file->len, &len);
		KUNIT_EXPECT_EQ(test, verdict, MODULE_HASHES_ACCEPTED);
		KUNIT_EXPECT_EQ(test, len, payload_lens[i]);
	}
}

static void each_flipped_bit_is_noticed(struct kunit *test)
{
	struct file *file = sealed(test, 2);
	size_t bit;

	for (bit = 0; bit < file->len * 8; bit++) {
		file->data[bit / 8] ^= 1 << bit % 8;
		KUNIT_EXPECT_NE(test, verify(file), MODULE_HASHES_ACCEPTED);
		file->data[bit / 8] ^= 1 << bit % 8;
	}
}

static void each_cut_is_noticed(struct kunit *test)
{
	struct file *file = sealed(test, 1), rest;
	size_t cut;

	for (cut = 1; cut <= file->len; cut++) {
		rest.len = 0;
		append(&rest, file->data, file->len - cut);
		KUNIT_EXPECT_EQ(test, verify(&rest), MODULE_HASHES_NO_PROOF);

		rest.len = 0;
		append(&rest, file->data + cut, file->len - cut);
		KUNIT_EXPECT_NE(test, verify(&rest), MODULE_HASHES_ACCEPTED);
	}
}

static void foreign_proof_is_refused(struct kunit *test)
{
	struct file *file = payload(test, 0);

	append_trailer(file, proofs[1], PROOF_LEN, PROOF_LEN);
	KUNIT_EXPECT_EQ(test, verify(file), MODULE_HASHES_MISMATCH);
}

static void position_outside_is_refused(struct kunit *test)
{
	struct file *file = sealed(test, 0);

	file->data[payload_lens[0] + 3] = 1 << LEVELS;
	KUNIT_EXPECT_EQ(test, verify(file), MODULE_HASHES_POSITION);
}

static void other_lengths_are_refused(struct kunit *test)
{
	static const struct {
		u32 len;
		enum module_hashes_verdict verdict;
	} cases[] = {
		{ 0, MODULE_HASHES_PROOF_LENGTH },
		{ PROOF_LEN - SHA256_DIGEST_SIZE, MODULE_HASHES_PROOF_LENGTH },
		{ PROOF_LEN - 1, MODULE_HASHES_PROOF_LENGTH },
		{ PROOF_LEN + 1, MODULE_HASHES_PROOF_LENGTH },
		{ 64 + PROOF_LEN + 1, MODULE_HASHES_CUT_SHORT },
		{ U32_MAX, MODULE_HASHES_CUT_SHORT },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct file *file = payload(test, 0);

		append_trailer(file, proofs[0], PROOF_LEN, cases[i].len);
		KUNIT_EXPECT_EQ(test, verify(file), cases[i].verdict);
	}
}

static void stacked_trailers_are_refused(struct kunit *test)
{
	struct file *file = payload(test, 0);

	append_trailer(file, proofs[0], 0, 0);
	append_trailer(file, proofs[0], PROOF_LEN, PROOF_LEN);
	KUNIT_EXPECT_EQ(test, verify(file), MODULE_HASHES_STACKED);
}

static void empty_tree_accepts_nothing(struct kunit *test)
{
	static const struct module_hashes_root empty = { };
	struct file *file = payload(test, 0);
	size_t len;

	append_trailer(file, proofs[0], 4, 4);
	KUNIT_EXPECT_EQ(test, module_hashes_verify(&empty, file->data, file->len, &len),
			MODULE_HASHES_NO_ROOT);
}

static void verdicts_have_words_and_numbers(struct kunit *test)
{
	unsigned int verdict;

	for (verdict = 0; verdict < MODULE_HASHES_VERDICTS; verdict++) {
		KUNIT_EXPECT_NOT_NULL(test, module_hashes_reason(verdict));
		KUNIT_EXPECT_EQ(test, !module_hashes_errno(verdict),
				verdict == MODULE_HASHES_ACCEPTED);
	}
}

static struct kunit_case module_hashes_cases[] = {
	KUNIT_CASE(known_answers_are_accepted),
	KUNIT_CASE(each_flipped_bit_is_noticed),
	KUNIT_CASE(each_cut_is_noticed),
	KUNIT_CASE(foreign_proof_is_refused),
	KUNIT_CASE(position_outside_is_refused),
	KUNIT_CASE(other_lengths_are_refused),
	KUNIT_CASE(stacked_trailers_are_refused),
	KUNIT_CASE(empty_tree_accepts_nothing),
	KUNIT_CASE(verdicts_have_words_and_numbers),
	{}
};

static struct kunit_suite module_hashes_suite = {
	.name = "module_hashes",
	.test_cases = module_hashes_cases,
};

kunit_test_suite(module_hashes_suite);

MODULE_DESCRIPTION("KUnit test for the proofs that modules carry");
MODULE_LICENSE("GPL");
