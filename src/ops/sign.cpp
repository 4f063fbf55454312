// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ops/sign.h"

#include <cstdint>
#include <vector>

#include "base/file.h"
#include "base/program.h"
#include "base/replacement.h"
#include "base/temporary_directory.h"
#include "base/try.h"

namespace modproof {
namespace {

/// Far more than any signature has.
constexpr std::uint64_t kSignatureLimit = std::uint64_t{1} << 20U;

std::vector<std::string> command_of(const SigningKey& key, const std::string& message,
                                    const std::string& signature) {
  switch (key.scheme) {
    case Scheme::ssh:
      // Writes message.sig.
      return {"ssh-keygen", "-q", "-Y", "sign", "-f", key.key, "-n", std::string(kSshNamespace),
              message};
    case Scheme::openpgp:
      // What somebody has in gpg.conf must not make it another kind of signature.
      return {"gpg",           "--batch",       "--quiet",  "--no-armor", "--no-textmode",
              "--digest-algo", "SHA256",        "--output", signature,    "--local-user",
              key.key,         "--detach-sign", message};
    case Scheme::x509:
      if (key.certificate.empty()) {
        // The digest is the one that OpenSSL has for this kind of key: SHA-256 for RSA and ECDSA.
        return {"openssl", "pkeyutl", "-sign", "-rawin", "-inkey",
                key.key,   "-in",     message, "-out",   signature};
      }
      // -binary: the bytes as they are, not as lines of mail.
      return {"openssl", "cms",    "-sign",    "-binary", "-nosmimecap", "-nocerts",
              "-md",     "sha256", "-in",      message,   "-signer",     key.certificate,
              "-inkey",  key.key,  "-outform", "DER",     "-out",        signature};
  }
  return {};
}

}  // namespace

const char* name_of(Scheme scheme) noexcept {
  switch (scheme) {
    case Scheme::ssh:
      return "SSH";
    case Scheme::openpgp:
      return "OpenPGP";
    case Scheme::x509:
      return "X.509";
  }
  return "";
}

Result<ByteVector> sign(const SigningKey& key, std::string_view message) {
  MODPROOF_ASSIGN(directory, TemporaryDirectory::create());
  const std::string path = directory.path() + "/message";
  const std::string signature = path + ".sig";
  MODPROOF_TRY(write_file(path, bytes_of(message), false));
  MODPROOF_TRY(run_program(command_of(key, path, signature), key.key));
  return read_file(signature, kSignatureLimit);
}

}  // namespace modproof
