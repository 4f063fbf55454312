// SPDX-License-Identifier: LGPL-2.1-or-later
#include "modproof/format/trailer.h"

#include <algorithm>

#include <fmt/core.h>

#include "format/malformed.h"

namespace modproof {
namespace {

constexpr std::uint8_t kIdPkcs7 = 2;   // PKEY_ID_PKCS7
constexpr std::uint8_t kIdMerkle = 3;  // the proof of a Merkle tree
constexpr std::size_t kIdTypeAt = 2;
constexpr std::size_t kSizeAt = 8;
constexpr std::size_t kFixedSize = kDescriptorSize + kTrailerMarker.size();

bool ends_in_marker(Bytes bytes) noexcept {
  return bytes.size() >= kTrailerMarker.size() &&
         std::equal(kTrailerMarker.begin(), kTrailerMarker.end(),
                    bytes.end() - static_cast<std::ptrdiff_t>(kTrailerMarker.size()),
                    [](char a, std::uint8_t b) { return static_cast<std::uint8_t>(a) == b; });
}

/// The descriptor of bytes that end in a marker and have room for one.
Bytes descriptor_of(Bytes bytes) noexcept {
  return bytes.subspan(bytes.size() - kFixedSize, kDescriptorSize);
}

/// Checks what only a Merkle trailer promises, and reads the proof. `before` is what `tail` holds
/// of the payload, `body` the proof.
Status read_merkle(Bytes before, Bytes body, Bytes descriptor, Trailer& trailer) {
  const std::uint64_t descriptor_at = trailer.body_offset + trailer.body_size;
  for (std::size_t i = 0; i < kSizeAt; ++i) {
    if (i != kIdTypeAt && descriptor[i] != 0) {
      return malformed(
          descriptor_at + i,
          fmt::format("reserved field of the Merkle trailer is {}, not 0", descriptor[i]));
    }
  }
  const std::size_t levels = (body.size() - 4) / kDigestSize;
  trailer.proof.position = load_be32(body.data());
  trailer.proof.siblings.resize(levels);
  for (std::size_t level = 0; level < levels; ++level) {
    const Bytes sibling = body.subspan(4 + level * kDigestSize, kDigestSize);
    std::copy(sibling.begin(), sibling.end(), trailer.proof.siblings[level].begin());
  }
  if (before.size() >= kFixedSize && ends_in_marker(before) &&
      descriptor_of(before)[kIdTypeAt] == kIdMerkle) {
    return malformed(trailer.body_offset - kFixedSize,
                     "the payload ends in a second Merkle trailer");
  }
  return {};
}

}  // namespace

std::string_view name_of(TrailerKind kind) noexcept {
  switch (kind) {
    case TrailerKind::none:
      return "none";
    case TrailerKind::merkle:
      return "merkle";
    case TrailerKind::pkcs7:
      return "pkcs7";
    case TrailerKind::other:
      return "other";
  }
  return "unknown";
}

Result<Trailer> parse_trailer(Bytes tail, std::uint64_t file_size) {
  Trailer trailer{.kind = TrailerKind::none,
                  .payload_size = file_size,
                  .body_offset = file_size,
                  .body_size = 0,
                  .id_type = 0,
                  .proof = {}};
  if (!ends_in_marker(tail)) {
    return trailer;
  }
  if (tail.size() < kFixedSize) {
    return malformed(0, fmt::format("a trailer marker, but only {} bytes before it; a descriptor "
                                    "needs {}",
                                    tail.size() - kTrailerMarker.size(), kDescriptorSize));
  }
  const Bytes descriptor = descriptor_of(tail);
  const std::uint64_t descriptor_at = file_size - kFixedSize;
  trailer.id_type = descriptor[kIdTypeAt];
  trailer.body_size = load_be32(descriptor.data() + kSizeAt);
  if (trailer.body_size > descriptor_at) {
    return malformed(
        descriptor_at + kSizeAt,
        fmt::format("the trailer claims a body of {} bytes, but only {} stand before it",
                    trailer.body_size, descriptor_at));
  }
  trailer.body_offset = descriptor_at - trailer.body_size;
  if (trailer.id_type != kIdMerkle) {
    trailer.kind = trailer.id_type == kIdPkcs7 ? TrailerKind::pkcs7 : TrailerKind::other;
    return trailer;
  }
  trailer.kind = TrailerKind::merkle;
  trailer.payload_size = trailer.body_offset;
  const std::size_t size = trailer.body_size;
  if (size < 4 + kDigestSize || size > 4 + kMaxLevels * kDigestSize ||
      (size - 4) % kDigestSize != 0) {
    return malformed(descriptor_at + kSizeAt,
                     fmt::format("a proof of {} bytes; it must be 4 + 32 * n bytes for n levels, "
                                 "1 to {}",
                                 size, kMaxLevels));
  }
  const std::size_t body_in_tail = tail.size() - kFixedSize - size;
  if (auto read = read_merkle(tail.first(body_in_tail), tail.subspan(body_in_tail, size),
                              descriptor, trailer);
      !read) {
    return std::unexpected(std::move(read.error()));
  }
  return trailer;
}

ByteVector encode_trailer(const Proof& proof) {
  ByteVector bytes(4);
  bytes.reserve(merkle_trailer_size(static_cast<std::uint32_t>(proof.siblings.size())));
  store_be32(bytes.data(), proof.position);
  for (const Digest& sibling : proof.siblings) {
    bytes.insert(bytes.end(), sibling.begin(), sibling.end());
  }
  const auto body_size = static_cast<std::uint32_t>(bytes.size());
  bytes.resize(bytes.size() + kDescriptorSize);
  std::uint8_t* descriptor = bytes.data() + body_size;
  descriptor[kIdTypeAt] = kIdMerkle;
  store_be32(descriptor + kSizeAt, body_size);
  bytes.insert(bytes.end(), kTrailerMarker.begin(), kTrailerMarker.end());
  return bytes;
}

}  // namespace modproof
