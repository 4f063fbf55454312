// SPDX-License-Identifier: LGPL-2.1-or-later
// The manifest: written and read back, and only the one text for a build is taken.
#include "modproof/format/manifest.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "modproof/hash/sha256.h"

#include "support/bytes.h"
#include "support/expect.h"

namespace modproof::test {
namespace {

Digest digest_of(std::uint32_t seed) { return Sha256::of(noise(8, seed)); }

Manifest sample(const std::vector<std::string>& names, bool variants = false) {
  Manifest manifest;
  manifest.kernel = "7.3.0";
  manifest.architecture = "x86_64";
  if (variants) {
    manifest.tree.variants.push_back(Variant::strip_debug);
  }
  manifest.tree.names = names;
  manifest.tree.root = {.levels = 3, .hash = digest_of(1)};
  for (std::uint32_t i = 0; i < names.size() * manifest.tree.variants.size(); ++i) {
    manifest.tree.leaves.push_back({.payload_size = 100 + i, .hash = digest_of(1000 + i)});
  }
  for (std::uint32_t i = 0; i < names.size(); ++i) {
    manifest.files.push_back(digest_of(2000 + i));
  }
  return manifest;
}

TEST(Manifest, ModulesAreSortedAndKeepTheirPositions) {
  const Manifest manifest = sample({"zeta", "alpha", "mid-dle"});
  const std::string text = value_of(encode_manifest(manifest));
  EXPECT_LT(text.find(" alpha\n"), text.find(" mid-dle\n"));
  EXPECT_LT(text.find(" mid-dle\n"), text.find(" zeta\n"));
  EXPECT_NE(text.find("\n0 " + to_hex(manifest.files[0])), std::string::npos);
  EXPECT_EQ(value_of(decode_manifest(bytes_of(text))), manifest);
}

TEST(Manifest, NothingKnownAndNothingInIt) {
  Manifest manifest;
  const std::string text = value_of(encode_manifest(manifest));
  EXPECT_NE(text.find("kernel -\narchitecture -\n"), std::string::npos);
  EXPECT_EQ(value_of(decode_manifest(bytes_of(text))), manifest);
}

TEST(Manifest, EveryChangedBitIsRefusedOrAnotherBuild) {
  const Manifest manifest = sample({"b", "a", "c d"}, true);
  const ByteVector text = bytes_of(value_of(encode_manifest(manifest)));
  for (std::size_t i = 0; i < text.size(); ++i) {
    for (unsigned bit = 0; bit < 8; ++bit) {
      ByteVector changed = text;
      changed[i] ^= static_cast<std::uint8_t>(1U << bit);
      const auto read = decode_manifest(changed);
      if (read) {
        ASSERT_NE(*read, manifest) << i;
        ASSERT_EQ(bytes_of(value_of(encode_manifest(*read))), changed) << "two texts of one build";
      } else {
        // What is behind the end is the one place without a byte of its own.
        ASSERT_LE(read.error().offset.value_or(0), changed.size()) << i;
      }
    }
  }
}

TEST(Manifest, CutOffAnywhereIsMalformed) {
  const ByteVector text = bytes_of(value_of(encode_manifest(sample({"b", "a"}))));
  for (std::size_t size = 0; size < text.size(); ++size) {
    expect_error(decode_manifest(Bytes(text).first(size)), ErrorKind::malformed);
  }
}

TEST(Manifest, WhatCannotBeWrittenIsRefused) {
  expect_error(encode_manifest(sample({"new\nline"})), ErrorKind::unsupported);
  Manifest manifest = sample({});
  manifest.kernel = "7\n";
  expect_error(encode_manifest(manifest), ErrorKind::unsupported);
}

TEST(Manifest, AnyNamesAndSizes) {
  rc::check([](bool variants) {
    const auto numbers = *rc::gen::unique<std::vector<int>>(rc::gen::inRange(0, 200));
    std::vector<std::string> names;
    names.reserve(numbers.size());
    for (const int number : numbers) {
      names.push_back("m " + std::to_string(number));
    }
    const Manifest manifest = sample(names, variants);
    RC_ASSERT(value_of(decode_manifest(bytes_of(value_of(encode_manifest(manifest))))) == manifest);
  });
}

}  // namespace
}  // namespace modproof::test
