// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ops/key_identity.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "modproof/format/dsse.h"
#include "modproof/hash/sha256.h"

#include "base/program.h"
#include "base/try.h"

namespace modproof {
namespace {

constexpr std::uint8_t kSequence = 0x30;
constexpr std::uint8_t kObjectIdentifier = 0x06;
constexpr std::uint8_t kBitString = 0x03;

/// id-ecPublicKey (RFC 5480), rsaEncryption and id-RSASSA-PSS (RFC 4055).
constexpr std::array<std::uint8_t, 7> kEllipticCurve = {0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01};
constexpr std::array<std::uint8_t, 9> kRsa = {0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x01};
constexpr std::array<std::uint8_t, 9> kRsaPss = {0x2A, 0x86, 0x48, 0x86, 0xF7,
                                                 0x0D, 0x01, 0x01, 0x0A};

/// What stands before the 32 bytes of a key of Ed25519: in a blob of SSH, and in its
/// SubjectPublicKeyInfo.
constexpr std::array<std::uint8_t, 19> kSshEd25519 = {
    0, 0, 0, 11, 's', 's', 'h', '-', 'e', 'd', '2', '5', '5', '1', '9', 0, 0, 0, 32};
constexpr std::array<std::uint8_t, 12> kEd25519 = {0x30, 0x2A, 0x30, 0x05, 0x06, 0x03,
                                                   0x2B, 0x65, 0x70, 0x03, 0x21, 0x00};

/// The contents of the element of DER of type `tag` that `rest` starts with; `rest` is moved behind
/// it.
std::optional<Bytes> take(Bytes& rest, std::uint8_t tag) {
  constexpr std::size_t kMostLengthBytes = 3;
  if (rest.size() < 2 || rest[0] != tag) {
    return std::nullopt;
  }
  std::size_t length = rest[1];
  std::size_t head = 2;
  if (length >= 0x80U) {
    const std::size_t count = length & 0x7FU;
    if (count == 0 || count > kMostLengthBytes || rest.size() < head + count) {
      return std::nullopt;
    }
    length = 0;
    for (std::size_t i = 0; i < count; ++i) {
      length = length << 8U | rest[head + i];
    }
    head += count;
  }
  if (rest.size() - head < length) {
    return std::nullopt;
  }
  const Bytes contents = rest.subspan(head, length);
  rest = rest.subspan(head + length);
  return contents;
}

struct KeyParts {
  Bytes algorithm;   // contents of the object identifier
  Bytes parameters;  // the element behind it
  Bytes key;         // contents of the bit string
};

std::optional<KeyParts> parts_of(Bytes key) {
  const auto whole = take(key, kSequence);
  if (!whole || !key.empty()) {
    return std::nullopt;
  }
  Bytes inside = *whole;
  const auto algorithm = take(inside, kSequence);
  const auto bits = take(inside, kBitString);
  if (!algorithm || !bits || !inside.empty()) {
    return std::nullopt;
  }
  Bytes parameters = *algorithm;
  const auto name = take(parameters, kObjectIdentifier);
  return name ? std::optional(KeyParts{*name, parameters, *bits}) : std::nullopt;
}

}  // namespace

std::optional<ByteVector> public_key_of_pem(std::string_view text) {
  const std::size_t end = text.find(kPublicKeyEnd);
  if (!text.starts_with(kPublicKeyBegin) || end == std::string_view::npos) {
    return std::nullopt;
  }
  std::string base64(text.substr(kPublicKeyBegin.size(), end - kPublicKeyBegin.size()));
  std::erase(base64, '\n');
  auto key = from_base64(base64);
  return key ? std::optional(std::move(*key)) : std::nullopt;
}

std::optional<ByteVector> public_key_of_ssh_ed25519(Bytes blob) {
  constexpr std::size_t kKeySize = 32;
  if (blob.size() != kSshEd25519.size() + kKeySize ||
      !std::equal(kSshEd25519.begin(), kSshEd25519.end(), blob.begin())) {
    return std::nullopt;
  }
  ByteVector key(kEd25519.begin(), kEd25519.end());
  key.insert(key.end(), blob.end() - kKeySize, blob.end());
  return key;
}

Result<ByteVector> in_usual_form(ByteVector key, const std::string& path,
                                 const std::string& about) {
  const auto parts = parts_of(key);
  if (!parts) {
    return fail(ErrorKind::malformed, about, "openssl gives no public key in DER for it");
  }
  if (!std::ranges::equal(parts->algorithm, kEllipticCurve)) {
    return key;
  }
  MODPROOF_ASSIGN(answer, ask_program({"openssl", "ec", "-pubin", "-in", path, "-pubout",
                                       "-conv_form", "uncompressed", "-param_enc", "named_curve"},
                                      about));
  auto usual = public_key_of_pem(answer.output);
  const auto found = usual ? parts_of(*usual) : std::nullopt;
  if (answer.exit_status != 0 || !found || found->parameters.empty() ||
      found->parameters[0] != kObjectIdentifier) {
    return fail(ErrorKind::malformed, about, "a key on an elliptic curve that has no name");
  }
  return std::move(*usual);
}

std::string identity_of(Bytes key) {
  const auto parts = parts_of(key);
  if (parts && (std::ranges::equal(parts->algorithm, kRsa) ||
                std::ranges::equal(parts->algorithm, kRsaPss))) {
    return to_hex(Sha256::of(parts->key));
  }
  return to_hex(Sha256::of(key));
}

}  // namespace modproof
