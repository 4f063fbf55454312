// SPDX-License-Identifier: LGPL-2.1-or-later
// The known answers in tests/vectors/merkle.json: leaves, roots, proofs, trailers and root
// sections.
#include <fstream>
#include <string>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "modproof/format/trailer.h"
#include "modproof/merkle/tree.h"

#include "format/root_section.h"
#include "support/bytes.h"

namespace modproof::test {
namespace {

nlohmann::json vectors() {
  std::ifstream stream(MODPROOF_VECTORS "/merkle.json");
  return nlohmann::json::parse(stream);
}

std::string hex(Bytes bytes) {
  const char* digits = "0123456789abcdef";
  std::string all;
  for (const std::uint8_t byte : bytes) {
    all += digits[byte / 16];
    all += digits[byte % 16];
  }
  return all;
}

/// Clang does not compare JSON with a string.
std::string text(const nlohmann::json& value) { return value.get<std::string>(); }

/// Byte i of module k is (31 * i + 17 * k) mod 256, says the file.
ByteVector module_of(std::size_t length, std::size_t k) {
  ByteVector bytes(length);
  for (std::size_t i = 0; i < length; ++i) {
    bytes[i] = static_cast<std::uint8_t>(31 * i + 17 * k);
  }
  return bytes;
}

TEST(Vectors, AllAnswersAreAsKnown) {
  const nlohmann::json cases = vectors()["cases"];
  ASSERT_FALSE(cases.empty());
  for (const auto& known : cases) {
    std::vector<Digest> leaves;
    for (const auto& value : known["lengths"]) {
      const auto length = value.get<std::size_t>();
      const std::size_t k = leaves.size();
      leaves.push_back(leaf_hash(static_cast<std::uint32_t>(k), module_of(length, k)));
      EXPECT_EQ(to_hex(leaves.back()), text(known["leaves"][k]));
    }
    SCOPED_TRACE(std::to_string(leaves.size()) + " modules");
    const Tree tree(leaves);
    EXPECT_EQ(tree.root().levels, known["levels"].get<std::uint32_t>());
    EXPECT_EQ(to_hex(tree.root().hash), text(known["root"]));
    EXPECT_EQ(hex(encode_root_section(tree.root(), std::endian::little)),
              text(known["root_section_le"]));
    EXPECT_EQ(hex(encode_root_section(tree.root(), std::endian::big)),
              text(known["root_section_be"]));
    for (std::size_t k = 0; k < leaves.size(); ++k) {
      const Proof proof = tree.proof(static_cast<std::uint32_t>(k));
      const ByteVector trailer = encode_trailer(proof);
      EXPECT_EQ(hex(trailer), text(known["trailers"][k]));
      EXPECT_EQ(hex(Bytes(trailer).first(4 + 32 * proof.siblings.size())),
                text(known["proofs"][k]));
      EXPECT_EQ(check(proof, leaves[k], tree.root()), ProofVerdict::accepted);
    }
  }
}

}  // namespace
}  // namespace modproof::test
