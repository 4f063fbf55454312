// SPDX-License-Identifier: LGPL-2.1-or-later
// Builds the tree of two payloads, attaches a proof to one and checks it, with the library alone.
#include <cstdio>

#include <modproof/format/root_text.h>
#include <modproof/format/trailer.h>
#include <modproof/merkle/tree.h>
#include <modproof/ops/verify.h>

int main() {
  const modproof::ByteVector payload{'a', 'b', 'c'};
  const modproof::Tree tree({modproof::leaf_hash(0, payload), modproof::leaf_hash(1, {})});
  modproof::ByteVector file = payload;
  const modproof::ByteVector trailer = modproof::encode_trailer(tree.proof(0));
  file.insert(file.end(), trailer.begin(), trailer.end());

  const auto read = modproof::parse_trailer(file, file.size());
  if (!read || read->payload_size != payload.size()) {
    std::puts("the trailer cannot be read back");
    return 1;
  }
  const auto verdict = modproof::check(read->proof, modproof::leaf_hash(0, payload), tree.root());
  std::printf("%s\n", modproof::to_text(tree.root()).c_str());
  return verdict == modproof::ProofVerdict::accepted ? 0 : 1;
}
