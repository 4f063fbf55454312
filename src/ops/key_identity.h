// SPDX-License-Identifier: LGPL-2.1-or-later
// Which files hold one public key. A key can be written in several ways: as SSH or as X.509 has it,
// and a point of an elliptic curve compressed or not, on a curve that has its name or all its
// parameters. Whoever counts keys has to see through that.
//
// Everything goes through the SubjectPublicKeyInfo of RFC 5280, which is what `openssl pkey
// -pubout` writes:
//
//     SEQUENCE {
//       SEQUENCE { OBJECT IDENTIFIER algorithm, parameters }
//       BIT STRING key
//     }
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "modproof/base/bytes.h"
#include "modproof/base/result.h"

namespace modproof {

/// What stands around it in PEM.
inline constexpr std::string_view kPublicKeyBegin = "-----BEGIN PUBLIC KEY-----\n";
inline constexpr std::string_view kPublicKeyEnd = "-----END PUBLIC KEY-----\n";

/// The SubjectPublicKeyInfo in DER that the PEM text `text` starts with; nothing if it starts
/// otherwise or has no end.
[[nodiscard]] std::optional<ByteVector> public_key_of_pem(std::string_view text);

/// The SubjectPublicKeyInfo of `blob`, the bytes of a public key of SSH of type ssh-ed25519, which
/// ssh-keygen cannot convert (RFC 8709, section 4, to RFC 8410, section 4); nothing if it is no
/// such key.
[[nodiscard]] std::optional<ByteVector> public_key_of_ssh_ed25519(Bytes blob);

/// `key` with the point of an elliptic curve uncompressed and the curve by name; any other kind of
/// key as it is. `path` is a PEM file with the key, `about` the file of the user. Errors: malformed
/// (no key in DER; a curve without a name); program.
[[nodiscard]] Result<ByteVector> in_usual_form(ByteVector key, const std::string& path,
                                               const std::string& about);

/// The same for two keys in their usual form if and only if they are one: SHA-256 in hexadecimal.
/// RSA is one kind of key, whether or not its algorithm says that it signs with PSS only.
[[nodiscard]] std::string identity_of(Bytes key);

}  // namespace modproof
