// SPDX-License-Identifier: LGPL-2.1-or-later
// One message in one stream, by every backend, against EVP: every length around the edges of
// blocks, every alignment, every way to cut a message into calls.
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "modproof/hash/sha256.h"

#include "each_backend.h"
#include "reference.h"

namespace modproof::test {
namespace {

class Sha256Stream : public EachBackend {};

TEST_P(Sha256Stream, EveryShortLength) {
  const ByteVector data = random_bytes(300, 1);
  for (std::size_t length = 0; length <= data.size(); ++length) {
    const Bytes message = Bytes(data).first(length);
    ASSERT_EQ(to_hex(Sha256::of(message)), to_hex(evp_sha256(message))) << length << " bytes";
  }
}

TEST_P(Sha256Stream, EveryAlignment) {
  const ByteVector data = random_bytes(64 + 1000, 2);
  for (std::size_t offset = 0; offset < 64; ++offset) {
    const Bytes message = Bytes(data).subspan(offset, 1000);
    ASSERT_EQ(to_hex(Sha256::of(message)), to_hex(evp_sha256(message))) << "offset " << offset;
  }
}

TEST_P(Sha256Stream, LargeLengths) {
  const ByteVector data = random_bytes((1 << 20) + 77, 3);
  for (const std::size_t length : {std::size_t{65535}, std::size_t{65536}, data.size()}) {
    const Bytes message = Bytes(data).first(length);
    ASSERT_EQ(to_hex(Sha256::of(message)), to_hex(evp_sha256(message))) << length << " bytes";
  }
}

TEST_P(Sha256Stream, CutInTwoAnywhere) {
  const ByteVector data = random_bytes(200, 4);
  const Digest want = evp_sha256(data);
  Sha256 stream(backend());
  for (std::size_t cut = 0; cut <= data.size(); ++cut) {
    stream.update(Bytes(data).first(cut));
    stream.update(Bytes(data).subspan(cut));
    ASSERT_EQ(to_hex(stream.finish()), to_hex(want)) << "cut at " << cut;
  }
}

TEST_P(Sha256Stream, ByteByByte) {
  const ByteVector data = random_bytes(300, 5);
  Sha256 stream(backend());
  for (const std::uint8_t& byte : data) {
    stream.update({&byte, 1});
  }
  EXPECT_EQ(to_hex(stream.finish()), to_hex(evp_sha256(data)));
}

TEST_P(Sha256Stream, NothingAtAll) {
  Sha256 stream(backend());
  const Digest want = evp_sha256({});
  EXPECT_EQ(to_hex(stream.finish()), to_hex(want));
  stream.update({});
  EXPECT_EQ(to_hex(stream.finish()), to_hex(want));
  EXPECT_EQ(to_hex(Sha256::of({})), to_hex(want));
}

TEST_P(Sha256Stream, MovesWithItsMessage) {
  const ByteVector data = random_bytes(150, 6);
  Sha256 first(backend());
  first.update(Bytes(data).first(70));
  Sha256 second(std::move(first));
  second.update(Bytes(data).subspan(70));
  EXPECT_EQ(to_hex(second.finish()), to_hex(evp_sha256(data)));
}

// The length that ends a message is in bits and has 64 of them.
TEST_P(Sha256Stream, LongerThan32BitsOfBits) {
  const ByteVector piece = random_bytes(1 << 20, 7);
  constexpr int kPieces = 513;
  Sha256 stream(backend());
  EVP_MD_CTX* reference = EVP_MD_CTX_new();
  ASSERT_EQ(EVP_DigestInit_ex(reference, EVP_sha256(), nullptr), 1);
  for (int i = 0; i < kPieces; ++i) {
    stream.update(piece);
    ASSERT_EQ(EVP_DigestUpdate(reference, piece.data(), piece.size()), 1);
  }
  Digest want{};
  ASSERT_EQ(EVP_DigestFinal_ex(reference, want.data(), nullptr), 1);
  EVP_MD_CTX_free(reference);
  EXPECT_EQ(to_hex(stream.finish()), to_hex(want));
}

TEST_P(Sha256Stream, AnyMessageCutAnyhow) {
  EXPECT_TRUE(rc::check("a message in pieces is the message", [] {
    const auto pieces = *rc::gen::container<std::vector<ByteVector>>(
        rc::gen::scale(3.0, rc::gen::arbitrary<ByteVector>()));
    Sha256 stream(backend());
    ByteVector whole;
    for (const ByteVector& piece : pieces) {
      stream.update(piece);
      whole.insert(whole.end(), piece.begin(), piece.end());
    }
    RC_ASSERT(to_hex(stream.finish()) == to_hex(evp_sha256(whole)));
    RC_ASSERT(to_hex(Sha256::of(whole)) == to_hex(evp_sha256(whole)));
  }));
}

MODPROOF_FOR_EACH_BACKEND(Sha256Stream);

}  // namespace
}  // namespace modproof::test
