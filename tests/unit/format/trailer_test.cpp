// SPDX-License-Identifier: LGPL-2.1-or-later
// The trailer of a module: every field, every length, every way to be cut off.
#include "modproof/format/trailer.h"

#include <algorithm>
#include <array>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "support/bytes.h"
#include "support/expect.h"

namespace modproof::test {
namespace {

constexpr std::size_t kMarkerSize = 28;

Proof proof_of_levels(std::size_t levels, std::uint32_t position = 0) {
  Proof proof{.position = position, .siblings = std::vector<Digest>(levels)};
  for (std::size_t level = 0; level < levels; ++level) {
    proof.siblings[level].fill(static_cast<std::uint8_t>(level + 1));
  }
  return proof;
}

/// A descriptor as the kernel's struct module_signature lays it out.
ByteVector descriptor(std::uint8_t id_type, std::uint32_t size) {
  ByteVector bytes(12);
  bytes[2] = id_type;
  store_be32(bytes.data() + 8, size);
  return bytes;
}

ByteVector module_with_trailer(Bytes payload, Bytes body, std::uint8_t id_type) {
  return concat({payload, body, descriptor(id_type, static_cast<std::uint32_t>(body.size())),
                 bytes_of(kTrailerMarker)});
}

Result<Trailer> parse(const ByteVector& file) { return parse_trailer(file, file.size()); }

TEST(EncodeTrailer, LaysOutProofDescriptorAndMarker) {
  const ByteVector bytes = encode_trailer(proof_of_levels(2, 0x01020304));
  ASSERT_EQ(bytes.size(), merkle_trailer_size(2));
  EXPECT_EQ(ByteVector(bytes.begin(), bytes.begin() + 4), (ByteVector{1, 2, 3, 4}));
  EXPECT_EQ(ByteVector(bytes.begin() + 4, bytes.begin() + 36), ByteVector(32, 1));
  EXPECT_EQ(ByteVector(bytes.begin() + 36, bytes.begin() + 68), ByteVector(32, 2));
  EXPECT_EQ(ByteVector(bytes.begin() + 68, bytes.begin() + 80),
            (ByteVector{0, 0, 3, 0, 0, 0, 0, 0, 0, 0, 0, 68}));
  EXPECT_EQ(ByteVector(bytes.begin() + 80, bytes.end()), bytes_of("~Module signature appended~\n"));
}

TEST(ParseTrailer, ReadsWhatEncodeTrailerWrites) {
  EXPECT_TRUE(rc::check([](std::uint32_t position, const ByteVector& payload) {
    const auto levels = *rc::gen::inRange<std::size_t>(1, 33);
    Proof proof{.position = position, .siblings = std::vector<Digest>(levels)};
    for (Digest& sibling : proof.siblings) {
      sibling = *rc::gen::arbitrary<Digest>();
    }
    const ByteVector file = concat({payload, encode_trailer(proof)});
    const auto trailer = parse(file);
    RC_ASSERT(trailer.has_value());
    RC_ASSERT(trailer->kind == TrailerKind::merkle);
    RC_ASSERT(trailer->proof == proof);
    RC_ASSERT(trailer->payload_size == payload.size());
    RC_ASSERT(trailer->body_offset == payload.size());
    RC_ASSERT(trailer->body_size == 4 + 32 * levels);
    RC_ASSERT(trailer->id_type == 3);
  }));
}

TEST(ParseTrailer, TheEndOfTheFileIsEnough) {
  const ByteVector trailer = encode_trailer(proof_of_levels(32));
  const ByteVector file = concat({noise(100000, 1), trailer});
  const Bytes tail = Bytes(file).last(kTrailerWindow);
  const auto parsed = parse_trailer(tail, file.size());
  ASSERT_TRUE(parsed.has_value());
  EXPECT_EQ(parsed->payload_size, 100000U);
  // Beyond 4 GiB, too.
  const std::uint64_t huge = std::uint64_t{1} << 40U;
  EXPECT_EQ(parse_trailer(tail, huge)->payload_size, huge - trailer.size());
}

TEST(ParseTrailer, AFileWithoutTheMarkerHasNone) {
  for (const std::size_t size : {0U, 1U, 27U, 28U, 29U, 5000U}) {
    const auto trailer = parse(noise(size, 1));
    ASSERT_TRUE(trailer.has_value());
    EXPECT_EQ(trailer->kind, TrailerKind::none);
    EXPECT_EQ(trailer->payload_size, size);
    EXPECT_EQ(trailer->body_offset, size);
  }
}

TEST(ParseTrailer, AMarkerThatIsNotAtTheEndIsPayload) {
  ByteVector file = concat({noise(100, 1), encode_trailer(proof_of_levels(1)), bytes_of("x")});
  EXPECT_EQ(parse(file)->kind, TrailerKind::none);
  EXPECT_EQ(parse(file)->payload_size, file.size());
}

TEST(ParseTrailer, EveryByteOfTheMarkerCounts) {
  const ByteVector file = concat({noise(100, 1), encode_trailer(proof_of_levels(1))});
  for (std::size_t i = file.size() - kMarkerSize; i < file.size(); ++i) {
    ByteVector changed = file;
    changed[i] ^= 1;
    EXPECT_EQ(parse(changed)->kind, TrailerKind::none) << i;
  }
}

TEST(ParseTrailer, OtherSignaturesBelongToThePayload) {
  const ByteVector body = noise(700, 2);
  for (const auto& [id_type, kind] :
       {std::pair(0, TrailerKind::other), std::pair(1, TrailerKind::other),
        std::pair(2, TrailerKind::pkcs7), std::pair(4, TrailerKind::other),
        std::pair(255, TrailerKind::other)}) {
    const ByteVector file =
        module_with_trailer(noise(100, 1), body, static_cast<std::uint8_t>(id_type));
    const auto trailer = parse(file);
    ASSERT_TRUE(trailer.has_value()) << id_type;
    EXPECT_EQ(trailer->kind, kind) << id_type;
    EXPECT_EQ(trailer->id_type, id_type);
    EXPECT_EQ(trailer->payload_size, file.size()) << "a leaf covers the signature";
    EXPECT_EQ(trailer->body_offset, 100U);
    EXPECT_EQ(trailer->body_size, 700U);
  }
}

TEST(ParseTrailer, ASignatureBelowTheProofIsPayload) {
  const ByteVector signed_module = module_with_trailer(noise(100, 1), noise(700, 2), 2);
  const auto trailer = parse(concat({signed_module, encode_trailer(proof_of_levels(3))}));
  ASSERT_TRUE(trailer.has_value());
  EXPECT_EQ(trailer->kind, TrailerKind::merkle);
  EXPECT_EQ(trailer->payload_size, signed_module.size());
}

TEST(ParseTrailer, AProofBelowASignatureIsPayload) {
  const ByteVector sealed = concat({noise(100, 1), encode_trailer(proof_of_levels(3))});
  EXPECT_EQ(parse(module_with_trailer(sealed, noise(700, 2), 2))->kind, TrailerKind::pkcs7);
}

TEST(ParseTrailer, TwoStackedProofsAreRefused) {
  const ByteVector inner = concat({noise(100, 1), encode_trailer(proof_of_levels(3))});
  for (const std::size_t levels : {1U, 32U}) {
    const ByteVector file = concat({inner, encode_trailer(proof_of_levels(levels))});
    expect_error_at(parse(file), ErrorKind::malformed, inner.size() - 40);
    const std::size_t window = std::min(file.size(), kTrailerWindow);
    expect_error_at(parse_trailer(Bytes(file).last(window), file.size()), ErrorKind::malformed,
                    inner.size() - 40);
  }
}

TEST(ParseTrailer, AStackedProofIsRefusedEvenIfItIsMalformed) {
  ByteVector inner = concat({noise(100, 1), encode_trailer(proof_of_levels(3))});
  store_be32(inner.data() + inner.size() - 32, 0xFFFFFFFF);  // its size
  expect_error(parse(concat({inner, encode_trailer(proof_of_levels(3))})), ErrorKind::malformed);
}

TEST(ParseTrailer, EveryReservedBitIsRefusedWhereItStands) {
  const ByteVector file = concat({noise(100, 1), encode_trailer(proof_of_levels(5))});
  const std::size_t at = file.size() - 40;
  for (const std::size_t field : {0U, 1U, 3U, 4U, 5U, 6U, 7U}) {
    for (unsigned bit = 0; bit < 8; ++bit) {
      ByteVector changed = file;
      changed[at + field] = static_cast<std::uint8_t>(1U << bit);
      expect_error_at(parse(changed), ErrorKind::malformed, at + field);
    }
  }
}

TEST(ParseTrailer, EveryOtherTypeIsNoProof) {
  const ByteVector file = concat({noise(100, 1), encode_trailer(proof_of_levels(5))});
  for (int type = 0; type < 256; ++type) {
    ByteVector changed = file;
    changed[file.size() - 38] = static_cast<std::uint8_t>(type);
    const auto trailer = parse(changed);
    ASSERT_TRUE(trailer.has_value());
    EXPECT_EQ(trailer->kind == TrailerKind::merkle, type == 3) << type;
  }
}

TEST(ParseTrailer, EveryLengthButThoseOfProofsIsRefused) {
  const ByteVector payload = noise(3000, 1);
  for (std::uint32_t size = 0; size <= 4 + 34 * 32; ++size) {
    const auto trailer = parse(module_with_trailer(payload, ByteVector(size), 3));
    const bool right = size >= 36 && size <= 4 + 32 * 32 && (size - 4) % 32 == 0;
    ASSERT_EQ(trailer.has_value(), right) << size;
    if (!right) {
      EXPECT_EQ(trailer.error().kind, ErrorKind::malformed);
      EXPECT_EQ(trailer.error().offset, payload.size() + size + 8);
    }
  }
}

TEST(ParseTrailer, ALengthBeyondTheFileIsRefusedForEveryType) {
  const ByteVector payload = noise(200, 1);
  for (const int type : {0, 2, 3, 9}) {
    for (const std::uint32_t size : {201U, 0x7FFFFFFFU, 0x80000000U, 0xFFFFFFD8U, 0xFFFFFFFFU}) {
      const ByteVector file = concat(
          {payload, descriptor(static_cast<std::uint8_t>(type), size), bytes_of(kTrailerMarker)});
      expect_error_at(parse(file), ErrorKind::malformed, 208);
    }
  }
}

TEST(ParseTrailer, ABodyMayFillTheWholeFile) {
  const auto trailer = parse(encode_trailer(proof_of_levels(1)));
  ASSERT_TRUE(trailer.has_value());
  EXPECT_EQ(trailer->payload_size, 0U);
  EXPECT_EQ(parse(module_with_trailer({}, {}, 2))->body_size, 0U);
}

TEST(ParseTrailer, AMarkerWithoutRoomForADescriptorIsRefused) {
  for (std::size_t before = 0; before < 12; ++before) {
    expect_error(parse(concat({ByteVector(before), bytes_of(kTrailerMarker)})),
                 ErrorKind::malformed);
  }
}

TEST(ParseTrailer, CutOffAnywhereItIsNoProof) {
  const ByteVector file = concat({noise(50, 1), encode_trailer(proof_of_levels(4))});
  for (std::size_t size = 0; size < file.size(); ++size) {
    const auto trailer = parse(ByteVector(file.begin(), file.begin() + static_cast<long>(size)));
    ASSERT_TRUE(trailer.has_value()) << "without the marker there is no trailer to be malformed";
    EXPECT_EQ(trailer->kind, TrailerKind::none) << size;
  }
}

TEST(ParseTrailer, CutOffInTheMiddleItIsMalformed) {
  // Bytes are lost before descriptor and marker, so that the length field claims too much.
  const ByteVector file = encode_trailer(proof_of_levels(4));
  for (std::size_t lost = 1; lost <= file.size() - 40; ++lost) {
    expect_error(parse(ByteVector(file.begin() + static_cast<long>(lost), file.end())),
                 ErrorKind::malformed);
  }
}

TEST(ParseTrailer, AnyBytesGiveATrailerWithinTheFileOrAnErrorWithinIt) {
  EXPECT_TRUE(rc::check([](const ByteVector& before, const std::array<std::uint8_t, 12>& fields) {
    const ByteVector file = concat({before, fields, bytes_of(kTrailerMarker)});
    const auto trailer = parse(file);
    if (trailer) {
      RC_ASSERT(trailer->payload_size <= file.size());
      RC_ASSERT(trailer->body_offset + trailer->body_size + 40 == file.size());
    } else {
      RC_ASSERT(trailer.error().offset.value() < file.size());
    }
  }));
}

TEST(TrailerKind, NamesAreDifferent) {
  std::set<std::string_view> names;
  for (const auto kind :
       {TrailerKind::none, TrailerKind::merkle, TrailerKind::pkcs7, TrailerKind::other}) {
    EXPECT_TRUE(names.insert(name_of(kind)).second);
  }
}

}  // namespace
}  // namespace modproof::test
