// SPDX-License-Identifier: LGPL-2.1-or-later
// OpenSSL's reader of CMS does the work. It is not loaded before a signature is there to be read
// (base/libcrypto.h).
#include "modproof/format/pkcs7_signer.h"

#include <memory>

#include <fmt/core.h>

#include "base/libcrypto.h"
#include "base/try.h"

namespace modproof {
namespace {

struct FreeMessage {
  const Libcrypto* crypto;
  void operator()(CMS_ContentInfo* message) const { crypto->CMS_ContentInfo_free(message); }
};

/// OpenSSL keeps what went wrong in a queue of the thread; whoever uses it next shall not find it.
class ClearErrors {
 public:
  explicit ClearErrors(const Libcrypto& crypto) : crypto_(crypto) {}
  ClearErrors(const ClearErrors&) = delete;
  ClearErrors& operator=(const ClearErrors&) = delete;
  ~ClearErrors() { crypto_.ERR_clear_error(); }

 private:
  const Libcrypto& crypto_;
};

std::unexpected<Error> malformed_at(std::uint64_t offset, std::string message) {
  return fail(ErrorKind::malformed, {}, std::move(message), offset);
}

ByteVector bytes_of_string(const Libcrypto& crypto, const ASN1_STRING* string) {
  const unsigned char* data = crypto.ASN1_STRING_get0_data(string);
  return {data, data + crypto.ASN1_STRING_length(string)};
}

Result<std::string> text_of_string(const Libcrypto& crypto, const ASN1_STRING* string) {
  unsigned char* text = nullptr;
  const int length = crypto.ASN1_STRING_to_UTF8(&text, string);
  if (length < 0) {
    return malformed_at(0, "the name of the signer in the PKCS#7 signature is no text");
  }
  std::string copy(reinterpret_cast<const char*>(text), static_cast<std::size_t>(length));
  crypto.CRYPTO_free(text, "", 0);
  return copy;
}

/// The first common name, else the last entry, as kmod chooses.
Result<std::string> name_of_issuer(const Libcrypto& crypto, const X509_NAME* issuer) {
  const int count = crypto.X509_NAME_entry_count(issuer);
  if (count <= 0) {
    return malformed_at(0, "the issuer in the PKCS#7 signature has no name");
  }
  const int common =
      crypto.X509_NAME_get_index_by_NID(const_cast<X509_NAME*>(issuer), NID_commonName, -1);
  const X509_NAME_ENTRY* entry =
      crypto.X509_NAME_get_entry(issuer, common >= 0 ? common : count - 1);
  return text_of_string(crypto, crypto.X509_NAME_ENTRY_get_data(entry));
}

Result<std::string> name_of_algorithm(const Libcrypto& crypto, const X509_ALGOR* algorithm) {
  const ASN1_OBJECT* object = nullptr;
  crypto.X509_ALGOR_get0(&object, nullptr, nullptr, algorithm);
  const int length = crypto.OBJ_obj2txt(nullptr, 0, object, 0);
  if (length <= 0) {
    return malformed_at(0, "the hash algorithm in the PKCS#7 signature has no number");
  }
  std::string name(static_cast<std::size_t>(length) + 1, '\0');
  crypto.OBJ_obj2txt(name.data(), length + 1, object, 0);
  name.pop_back();
  return name;
}

/// Owned by the message; null for a message of another kind, and where nobody signed.
CMS_SignerInfo* first_signer(const Libcrypto& crypto, CMS_ContentInfo* message) {
  const STACK_OF(CMS_SignerInfo)* signers = crypto.CMS_get0_SignerInfos(message);
  // What the typed macros of <openssl/cms.h> do, which call functions by themselves.
  const auto* stack = reinterpret_cast<const OPENSSL_STACK*>(signers);
  if (stack == nullptr || crypto.OPENSSL_sk_num(stack) <= 0) {
    return nullptr;
  }
  return static_cast<CMS_SignerInfo*>(crypto.OPENSSL_sk_value(stack, 0));
}

}  // namespace

Result<Pkcs7Signer> read_pkcs7_signer(Bytes body) {
  if (body.size() > kMaxPkcs7Size) {
    return fail(
        ErrorKind::unsupported, {},
        fmt::format("a PKCS#7 signature of more than {} bytes, which is not read", kMaxPkcs7Size),
        0);
  }
  MODPROOF_ASSIGN(loaded, libcrypto());
  const Libcrypto& crypto = *loaded;
  const ClearErrors clear_errors(crypto);
  const unsigned char* at = body.data();
  const std::unique_ptr<CMS_ContentInfo, FreeMessage> message(
      crypto.d2i_CMS_ContentInfo(nullptr, &at, static_cast<long>(body.size())), {&crypto});
  if (!message) {
    return malformed_at(0, "the PKCS#7 signature is broken");
  }
  const auto used = static_cast<std::size_t>(at - body.data());
  if (used != body.size()) {
    return malformed_at(used, fmt::format("{} bytes behind the PKCS#7 signature that belong to it "
                                          "by the trailer, but not by its own length",
                                          body.size() - used));
  }
  CMS_SignerInfo* first = first_signer(crypto, message.get());
  if (first == nullptr) {
    return malformed_at(0, "the PKCS#7 message has no signer");
  }
  ASN1_OCTET_STRING* key_id = nullptr;
  X509_NAME* issuer = nullptr;
  ASN1_INTEGER* serial = nullptr;
  X509_ALGOR* hash_algorithm = nullptr;
  X509_ALGOR* signature_algorithm = nullptr;
  crypto.CMS_SignerInfo_get0_algs(first, nullptr, nullptr, &hash_algorithm, &signature_algorithm);
  if (crypto.CMS_SignerInfo_get0_signer_id(first, &key_id, &issuer, &serial) != 1 ||
      hash_algorithm == nullptr) {
    return malformed_at(0, "the PKCS#7 signature does not say who signed");
  }
  Pkcs7Signer signer;
  if (issuer != nullptr && serial != nullptr) {
    MODPROOF_ASSIGN(name, name_of_issuer(crypto, issuer));
    signer.name = std::move(name);
    signer.key = bytes_of_string(crypto, serial);
  } else if (key_id != nullptr) {
    signer.key = bytes_of_string(crypto, key_id);
  }
  MODPROOF_ASSIGN(hash, name_of_algorithm(crypto, hash_algorithm));
  signer.hash = std::move(hash);
  signer.signature = bytes_of_string(crypto, crypto.CMS_SignerInfo_get0_signature(first));
  return signer;
}

}  // namespace modproof
