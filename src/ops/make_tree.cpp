// SPDX-License-Identifier: LGPL-2.1-or-later
#include "modproof/ops/make_tree.h"

#include <limits>
#include <utility>

#include "modproof/merkle/tree.h"

#include "base/file.h"
#include "base/replacement.h"
#include "base/try.h"
#include "ops/known_tree.h"
#include "ops/leaf_collector.h"
#include "ops/strip_variant.h"

namespace modproof {

Result<TreeFile> make_tree(const std::vector<ModuleFile>& modules, const MakeTreeOptions& options,
                           const RunOptions& run) {
  TreeFile tree;
  if (options.strip_variant) {
    tree.variants.push_back(Variant::strip_debug);
  }
  constexpr std::uint64_t kMostLeaves = std::uint64_t{std::numeric_limits<std::uint32_t>::max()};
  if (modules.size() > kMostLeaves / tree.variants.size()) {
    return fail(ErrorKind::usage, {}, "more modules than a tree has positions");
  }
  MODPROOF_TRY(check_modules_differ(modules));
  tree.names.reserve(modules.size());
  for (const ModuleFile& module : modules) {
    tree.names.push_back(module.name);
  }
  LeafCollector collector(modules.size(), tree.variants.size(), options.any_file);
  MODPROOF_TRY(hash_modules(modules, collector, run));
  MODPROOF_TRY(collector.status());
  tree.leaves = std::move(collector).take_leaves();
  if (options.strip_variant) {
    MODPROOF_TRY(add_stripped_leaves(modules, options.strip_program, tree, run));
  }
  tree.root = Tree(hashes_of(tree.leaves)).root();
  return tree;
}

Result<bool> write_tree(const std::string& path, const TreeFile& tree, bool sync) {
  const ByteVector bytes = encode_tree_file(tree);
  if (const auto old = read_file(path, bytes.size()); old && *old == bytes) {
    return false;
  }
  MODPROOF_TRY(write_file(path, bytes, sync));
  return true;
}

Result<TreeFile> read_tree(const std::string& path) {
  MODPROOF_ASSIGN(known, KnownTree::load(path));
  return std::move(known).take_file();
}

}  // namespace modproof
