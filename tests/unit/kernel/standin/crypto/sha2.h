/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Stand-in: the kernel's SHA-256 functions on top of OpenSSL. */
#pragma once

#include <linux/types.h>
#include <openssl/evp.h>
#include <stdlib.h>

#define SHA256_DIGEST_SIZE 32

struct sha256_ctx {
	EVP_MD_CTX *evp;
};

/* SHA-256 cannot fail but for lack of memory, which tests do not survive. */
static inline void sha256_must(int ok)
{
	if (ok != 1)
		abort();
}

static inline void sha256_init(struct sha256_ctx *ctx)
{
	ctx->evp = EVP_MD_CTX_new();
	sha256_must(ctx->evp && EVP_DigestInit_ex(ctx->evp, EVP_sha256(), NULL));
}

static inline void sha256_update(struct sha256_ctx *ctx, const u8 *data, size_t len)
{
	sha256_must(EVP_DigestUpdate(ctx->evp, data, len));
}

static inline void sha256_final(struct sha256_ctx *ctx, u8 out[SHA256_DIGEST_SIZE])
{
	sha256_must(EVP_DigestFinal_ex(ctx->evp, out, NULL));
	EVP_MD_CTX_free(ctx->evp);
}
