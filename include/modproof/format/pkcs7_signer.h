// SPDX-License-Identifier: LGPL-2.1-or-later
// Who signed a module, as its PKCS#7 signature says (RFC 5652, SignedData in DER; made by the
// kernel's scripts/sign-file.c). Nothing is checked here: anybody can write any name into it.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "modproof/base/bytes.h"
#include "modproof/base/result.h"

namespace modproof {

/// The largest signature that is read. sign-file's have less than 1 KiB with RSA, and at most
/// 50 KiB with the largest of the post-quantum algorithms.
inline constexpr std::size_t kMaxPkcs7Size = 256U << 10U;

/// The first signer of a message; modinfo(8) shows the same.
struct Pkcs7Signer {
  /// The common name of the issuer of the signer's certificate, in UTF-8; of an issuer without one
  /// the last part of its name. Any characters may stand in it. Nothing where the certificate is
  /// named by its key identifier.
  std::optional<std::string> name;
  /// The serial number of the certificate, big-endian, without sign; or its key identifier.
  ByteVector key;
  /// `sha256`; digits and dots of an algorithm that OpenSSL has no name for.
  std::string hash;
  ByteVector signature;
};

/// Reads the body of a PKCS#7 trailer: one message, and not a byte more.
/// Errors (path empty, offset that of the wrong byte in `body`):
///   malformed    no such message; bytes behind it; no signer; a name that is no text
///   unsupported  larger than kMaxPkcs7Size
[[nodiscard]] Result<Pkcs7Signer> read_pkcs7_signer(Bytes body);

}  // namespace modproof
