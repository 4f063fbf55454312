// SPDX-License-Identifier: LGPL-2.1-or-later
// OpenSSL's libcrypto, loaded when it is first used.
//
// Loading and relocating it takes longer than hashing a small module, and most runs do not need it:
// SHA-256 has code of its own on most machines (hash/backend.h), and few commands read PKCS#7. So
// nothing is linked with it; its functions are called through this table. The binary carries a note
// that says so to packagers (https://uapi-group.org/specifications/specs/elf_dlopen_metadata/).
#pragma once

#include <openssl/cms.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/x509.h>

#include "modproof/base/result.h"

namespace modproof {

/// Every function of libcrypto that is called, each by its own name.
#define MODPROOF_LIBCRYPTO_FUNCTIONS(F) \
  F(ASN1_STRING_get0_data)              \
  F(ASN1_STRING_length)                 \
  F(ASN1_STRING_to_UTF8)                \
  F(CMS_ContentInfo_free)               \
  F(CMS_SignerInfo_get0_algs)           \
  F(CMS_SignerInfo_get0_signature)      \
  F(CMS_SignerInfo_get0_signer_id)      \
  F(CMS_get0_SignerInfos)               \
  F(CRYPTO_free)                        \
  F(ERR_clear_error)                    \
  F(EVP_DigestFinal_ex)                 \
  F(EVP_DigestInit_ex2)                 \
  F(EVP_DigestUpdate)                   \
  F(EVP_MD_CTX_free)                    \
  F(EVP_MD_CTX_new)                     \
  F(EVP_MD_fetch)                       \
  F(OBJ_obj2txt)                        \
  F(OPENSSL_sk_num)                     \
  F(OPENSSL_sk_value)                   \
  F(X509_ALGOR_get0)                    \
  F(X509_NAME_ENTRY_get_data)           \
  F(X509_NAME_entry_count)              \
  F(X509_NAME_get_entry)                \
  F(X509_NAME_get_index_by_NID)         \
  F(d2i_CMS_ContentInfo)

struct Libcrypto {
// NOLINTNEXTLINE(bugprone-macro-parentheses): a name that is declared, no expression
#define MODPROOF_DECLARE(name) decltype(&::name) name = nullptr;
  MODPROOF_LIBCRYPTO_FUNCTIONS(MODPROOF_DECLARE)
#undef MODPROOF_DECLARE
};

/// The table, the same for all threads until the process ends; it is never unloaded.
/// Errors: unsupported, where libcrypto.so.3 is not installed or lacks a function. They stay.
[[nodiscard]] Result<const Libcrypto*> libcrypto();

}  // namespace modproof
