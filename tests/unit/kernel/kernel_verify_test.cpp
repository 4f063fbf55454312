// SPDX-License-Identifier: LGPL-2.1-or-later
// The kernel and the library must agree on every file: what one accepts, the other accepts,
// whatever an attacker made of it.
#include "kernel_verify.h"

#include <cerrno>

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "modproof/format/trailer.h"
#include "modproof/merkle/tree.h"

#include "library_verify.h"

namespace modproof {
namespace {

int kernel_says(const Root& root, Bytes file) {
  return kernel_verify(root.hash.data(), root.levels, file.data(), file.size(), nullptr);
}

/// Both accept, both find no proof, or both refuse. Which error a refusal gives may differ: to the
/// library, which knows no root when it reads a trailer, some lengths are malformed that to the
/// kernel are just not its own.
void expect_agreement(const Root& root, Bytes file) {
  const int library = library_verify(root, file).error;
  const int kernel = kernel_says(root, file);
  EXPECT_EQ(library == 0, kernel == 0);
  // Malformed signatures of other kinds are errors to the library and none of hashes.c's business.
  if (library == -ENODATA) {
    EXPECT_EQ(kernel, -ENODATA);
  }
}

struct Sealed {
  std::vector<ByteVector> files;
  Root root;
};

/// Module i has 3 * i + 1 bytes.
Sealed seal(std::size_t count) {
  std::vector<ByteVector> payloads;
  std::vector<Digest> leaves;
  for (std::size_t i = 0; i < count; ++i) {
    payloads.emplace_back(3 * i + 1, static_cast<std::uint8_t>(17 * i));
    leaves.push_back(leaf_hash(static_cast<std::uint32_t>(i), payloads.back()));
  }
  const Tree tree(std::move(leaves));
  for (std::size_t i = 0; i < count; ++i) {
    const ByteVector trailer = encode_trailer(tree.proof(static_cast<std::uint32_t>(i)));
    payloads[i].insert(payloads[i].end(), trailer.begin(), trailer.end());
  }
  return {std::move(payloads), tree.root()};
}

TEST(KernelVerify, AcceptsWhatTheLibrarySealed) {
  for (const std::size_t count : {1U, 2U, 3U, 5U, 8U, 33U}) {
    const Sealed sealed = seal(count);
    for (const ByteVector& file : sealed.files) {
      EXPECT_EQ(kernel_says(sealed.root, file), 0);
      EXPECT_EQ(library_verify(sealed.root, file).error, 0);
    }
  }
}

TEST(KernelVerify, AcceptsNothingWithoutARoot) {
  const Sealed sealed = seal(3);
  EXPECT_NE(kernel_says(Root{}, sealed.files[0]), 0);
  EXPECT_NE(library_verify(Root{}, sealed.files[0]).error, 0);
}

TEST(KernelVerify, RefusesEveryBitFlipAndAgreesWithTheLibrary) {
  const Sealed sealed = seal(5);
  for (const ByteVector& file : sealed.files) {
    for (std::size_t bit = 0; bit < 8 * file.size(); ++bit) {
      ByteVector flipped = file;
      flipped[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
      EXPECT_NE(kernel_says(sealed.root, flipped), 0) << "bit " << bit;
      expect_agreement(sealed.root, flipped);
    }
  }
}

TEST(KernelVerify, AgreesOnFilesCutAtEveryLength) {
  const Sealed sealed = seal(4);
  const ByteVector& file = sealed.files[2];
  for (std::size_t length = 0; length < file.size(); ++length) {
    EXPECT_NE(kernel_says(sealed.root, Bytes(file).first(length)), 0) << length;
    expect_agreement(sealed.root, Bytes(file).first(length));
    EXPECT_NE(kernel_says(sealed.root, Bytes(file).subspan(file.size() - length)), 0) << length;
    expect_agreement(sealed.root, Bytes(file).subspan(file.size() - length));
  }
}

TEST(KernelVerify, RefusesStackedProofs) {
  const Sealed sealed = seal(2);
  ByteVector file = sealed.files[0];
  const Tree tree({leaf_hash(0, file), leaf_hash(1, {})});
  const ByteVector trailer = encode_trailer(tree.proof(0));
  file.insert(file.end(), trailer.begin(), trailer.end());
  EXPECT_EQ(kernel_says(tree.root(), file), -EBADMSG);
  EXPECT_EQ(library_verify(tree.root(), file).error, -EBADMSG);
}

TEST(KernelVerify, AgreesOnHostileFiles) {
  const Sealed sealed = seal(9);
  EXPECT_TRUE(rc::check("kernel and library agree", [&] {
    // A sealed module, of which some bytes become anything, something is cut and something
    // appended.
    ByteVector file = sealed.files[*rc::gen::inRange<std::size_t>(0, sealed.files.size())];
    const auto changes = *rc::gen::inRange(0, 4);
    for (int i = 0; i < changes; ++i) {
      // Most of what can go wrong is in the last hundred bytes.
      const auto at = file.size() - 1 - *rc::gen::inRange<std::size_t>(0, file.size());
      file[at] = *rc::gen::arbitrary<std::uint8_t>();
    }
    const auto cut = *rc::gen::inRange<std::size_t>(0, 3);
    file.resize(file.size() - std::min(cut, file.size()));
    const auto tail = *rc::gen::element(ByteVector{}, ByteVector{0}, sealed.files[0],
                                        encode_trailer({.position = 1, .siblings = {Digest{}}}));
    file.insert(file.end(), tail.begin(), tail.end());
    const int library = library_verify(sealed.root, file).error;
    const int kernel = kernel_says(sealed.root, file);
    RC_ASSERT((library == 0) == (kernel == 0));
    RC_ASSERT(library != -ENODATA || kernel == -ENODATA);
  }));
}

}  // namespace
}  // namespace modproof
