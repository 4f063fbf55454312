// SPDX-License-Identifier: LGPL-2.1-or-later
// decode_tree_file on any bytes, once as they are and once with the right digest at the end, which
// a fuzzer would never find. What it accepts is encoded to the same bytes.
#include "modproof/format/tree_file.h"

#include <algorithm>

#include "modproof/hash/sha256.h"

#include "check.h"
#include "ops/known_tree.h"

namespace {

using namespace modproof;

int decode(Bytes bytes) {
  auto tree = decode_tree_file(bytes);
  if (!tree) {
    FUZZ_CHECK(!tree.error().offset || *tree.error().offset <= bytes.size());
    return fuzz::refused(tree.error());
  }
  const ByteVector again = encode_tree_file(*tree);
  FUZZ_CHECK(std::equal(again.begin(), again.end(), bytes.begin(), bytes.end()));
  FUZZ_CHECK(tree->leaves.size() == tree->names.size() * tree->variants.size());
  const std::size_t modules = tree->names.size();
  if (const auto known = KnownTree::from(std::move(*tree))) {
    for (std::size_t i = 0; i < modules; ++i) {
      FUZZ_CHECK(known->find(known->file().names[i]) == i);
    }
  }
  return fuzz::taken();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const int result = decode({data, size});
  if (size >= kDigestSize) {
    ByteVector bytes(data, data + size);
    const Digest digest = Sha256::of(Bytes(bytes).first(size - kDigestSize));
    std::copy(digest.begin(), digest.end(), bytes.end() - kDigestSize);
    decode(bytes);
  }
  return result;
}
