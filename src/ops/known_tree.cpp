// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ops/known_tree.h"

#include <utility>

#include <fmt/core.h>

#include "modproof/format/manifest.h"
#include "modproof/format/root_text.h"

#include "base/file.h"
#include "base/try.h"

namespace modproof {
namespace {

/// 10^6 modules of two variants with long names take a fifth of this.
constexpr std::uint64_t kTreeFileLimit = std::uint64_t{1} << 30U;

/// A manifest holds all that a tree file does, and serves as one.
Result<IndexedTreeFile> decode_tree_or_manifest(Bytes bytes) {
  const std::string_view text = text_of(bytes);
  if (!text.starts_with(kManifestMagic)) {
    return decode_indexed_tree_file(bytes);
  }
  MODPROOF_ASSIGN(manifest, decode_manifest(bytes));
  return index_tree_file(std::move(manifest.tree));
}

}  // namespace

std::vector<Digest> hashes_of(std::span<const Leaf> leaves) {
  std::vector<Digest> hashes;
  hashes.reserve(leaves.size());
  for (const Leaf& leaf : leaves) {
    hashes.push_back(leaf.hash);
  }
  return hashes;
}

KnownTree::KnownTree(IndexedTreeFile file, Tree tree)
    : file_(std::move(file.file)), tree_(std::move(tree)), by_name_(std::move(file.by_name)) {}

Result<std::optional<KnownTree>> KnownTree::load_if_named(const std::string& path) {
  if (path.empty()) {
    return std::nullopt;
  }
  MODPROOF_ASSIGN(known, load(path));
  return known;
}

Result<KnownTree> KnownTree::load(const std::string& path) {
  const auto with_path = [&](Error error) {
    error.path = path;
    return std::unexpected(std::move(error));
  };
  MODPROOF_ASSIGN(bytes, read_file(path, kTreeFileLimit));
  auto file = decode_tree_or_manifest(bytes);
  if (!file) {
    return with_path(std::move(file.error()));
  }
  auto known = from(std::move(*file));
  if (!known) {
    return with_path(std::move(known.error()));
  }
  return known;
}

Result<KnownTree> KnownTree::from(TreeFile file) {
  MODPROOF_ASSIGN(indexed, index_tree_file(std::move(file)));
  return from(std::move(indexed));
}

Result<KnownTree> KnownTree::from(IndexedTreeFile file) {
  Tree tree(hashes_of(file.file.leaves));
  if (tree.root() != file.file.root) {
    return fail(ErrorKind::malformed, {},
                fmt::format("the tree file claims root {}, but its leaves give {}; make the tree "
                            "again",
                            to_text(file.file.root), to_text(tree.root())));
  }
  return KnownTree(std::move(file), std::move(tree));
}

std::optional<std::size_t> KnownTree::find(std::string_view name) const {
  return by_name_.find(file_.names, name);
}

}  // namespace modproof
