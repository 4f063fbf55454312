// SPDX-License-Identifier: LGPL-2.1-or-later
#include "modproof/ops/make_tree.h"

#include <limits>
#include <utility>

#include <fmt/core.h>
#include <sys/stat.h>

#include "modproof/hash/sha256.h"
#include "modproof/merkle/tree.h"

#include "base/file.h"
#include "base/program.h"
#include "base/replacement.h"
#include "base/try.h"
#include "ops/known_tree.h"
#include "ops/leaf_cache.h"
#include "ops/leaf_collector.h"
#include "ops/strip_variant.h"

namespace modproof {
namespace {

/// What the leaves depend on besides the modules: whether any file is taken, and what strips.
Digest dependencies(const MakeTreeOptions& options) {
  std::string text = options.any_file ? "any file;" : "modules;";
  if (options.strip_variant) {
    text += options.strip_program;
    // Of `sh strip.sh` both words are what strips.
    auto words = split_words(options.strip_program);
    if (!words.empty()) {
      words.front() = program_path(words.front());
    }
    for (const std::string& word : words) {
      struct stat status{};
      if (::stat(word.c_str(), &status) != 0 || !S_ISREG(status.st_mode)) {
        continue;
      }
      const FileStamp stamp = stamp_of(status);
      for (const auto number : {stamp.device, stamp.inode, stamp.size,
                                static_cast<std::uint64_t>(stamp.changed_seconds),
                                static_cast<std::uint64_t>(stamp.changed_nanoseconds)}) {
        text += fmt::format(";{}", number);
      }
    }
  }
  return Sha256::of(bytes_of(text));
}

/// Fills `tree.leaves` from `cache` where it can; gives the modules that have to be hashed.
std::vector<std::size_t> take_cached(const std::vector<ModuleFile>& modules, LeafCache& cache,
                                     TreeFile& tree) {
  const std::size_t stride = tree.variants.size();
  std::vector<std::size_t> rest;
  for (std::size_t i = 0; i < modules.size(); ++i) {
    const auto position = static_cast<std::uint32_t>(i * stride);
    struct stat status{};
    if (!cache.empty() && ::stat(modules[i].path.c_str(), &status) == 0) {
      const FileStamp stamp = stamp_of(status);
      if (const auto leaves = cache.find(stamp, position)) {
        std::copy(leaves->begin(), leaves->end(), tree.leaves.begin() + position);
        cache.keep(stamp, position, *leaves);
        continue;
      }
    }
    rest.push_back(i);
  }
  return rest;
}

/// Hashes the modules with these indices into `tree.leaves`, and keeps them in `cache`.
Status hash_rest(const std::vector<ModuleFile>& modules, const std::vector<std::size_t>& indices,
                 const MakeTreeOptions& options, const RunOptions& run, LeafCache& cache,
                 TreeFile& tree) {
  const std::size_t stride = tree.variants.size();
  const bool all = indices.size() == modules.size();
  std::vector<ModuleFile> some;
  std::vector<std::uint32_t> positions;
  for (const std::size_t i : indices) {
    if (!all) {
      some.push_back(modules[i]);
    }
    positions.push_back(static_cast<std::uint32_t>(i * stride));
  }
  const std::vector<ModuleFile>& rest = all ? modules : some;
  LeafCollector collector(positions, tree.leaves, options.any_file);
  MODPROOF_TRY(hash_modules(rest, collector, run));
  MODPROOF_TRY(collector.status());
  if (options.strip_variant) {
    MODPROOF_TRY(add_stripped_leaves(rest, positions, collector.stamps(), options.strip_program,
                                     tree.leaves, run));
  }
  for (std::size_t slot = 0; slot < rest.size(); ++slot) {
    cache.keep(collector.stamps()[slot], positions[slot], tree.leaves_of(indices[slot]));
  }
  return {};
}

}  // namespace

Result<TreeFile> make_tree(const std::vector<ModuleFile>& modules, const MakeTreeOptions& options,
                           const RunOptions& run) {
  TreeFile tree;
  if (options.strip_variant) {
    tree.variants.push_back(Variant::strip_debug);
  }
  constexpr std::uint64_t kMostLeaves = std::numeric_limits<std::uint32_t>::max();
  if (modules.size() > kMostLeaves / tree.variants.size()) {
    return fail(ErrorKind::usage, {}, "more modules than a tree has positions");
  }
  MODPROOF_TRY(check_modules_differ(modules));
  tree.names.reserve(modules.size());
  for (const ModuleFile& module : modules) {
    tree.names.push_back(module.name);
  }
  tree.leaves.resize(modules.size() * tree.variants.size());
  LeafCache cache;
  if (!options.cache_beside.empty()) {
    cache = LeafCache::open(options.cache_beside, tree.variants.size(), dependencies(options));
  }
  const std::vector<std::size_t> rest = take_cached(modules, cache, tree);
  MODPROOF_TRY(hash_rest(modules, rest, options, run, cache, tree));
  cache.write();
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
