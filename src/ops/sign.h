// SPDX-License-Identifier: LGPL-2.1-or-later
// Signatures made by the programs that people have: ssh-keygen, gpg, openssl. This project neither
// reads nor makes secret keys; a program that needs a passphrase asks for it itself.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "modproof/base/bytes.h"
#include "modproof/base/result.h"

namespace modproof {

/// What a key is used with.
enum class Scheme : std::uint8_t { ssh, openpgp, x509 };

/// `SSH`, `OpenPGP`, `X.509`.
[[nodiscard]] const char* name_of(Scheme scheme) noexcept;

/// The namespace of SSH signatures (ssh-keygen(1), -n). It keeps a signature that was made for
/// something else, such as a git commit, from being taken for one of these.
inline constexpr std::string_view kSshNamespace = "modproof-attest";

struct SigningKey {
  Scheme scheme = Scheme::ssh;
  std::string key;          ///< file of the key; for OpenPGP what gpg --local-user takes
  std::string certificate;  ///< file of the certificate; X.509 only. Empty for a bare signature
};

/// The signature of `message`, in the form in which the program makes it: armoured text of SSH,
/// binary OpenPGP, CMS in DER without certificates, or a bare signature: ECDSA in DER or RSA
/// (PKCS #1 v1.5), both over SHA-256, or Ed25519, which is what others verify in an envelope of
/// DSSE. Errors: io (the temporary directory); program.
[[nodiscard]] Result<ByteVector> sign(const SigningKey& key, std::string_view message);

}  // namespace modproof
