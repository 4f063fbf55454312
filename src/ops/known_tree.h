// SPDX-License-Identifier: LGPL-2.1-or-later
// A tree file with the tree that follows from it, and modules found by name.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "modproof/base/result.h"
#include "modproof/format/tree_file.h"
#include "modproof/merkle/tree.h"

#include "format/indexed_tree_file.h"
#include "format/name_index.h"

namespace modproof {

class KnownTree {
 public:
  KnownTree(KnownTree&&) noexcept = default;
  KnownTree& operator=(KnownTree&&) noexcept = default;
  KnownTree(const KnownTree&) = delete;
  KnownTree& operator=(const KnownTree&) = delete;

  /// Reads the tree file or manifest `path` and builds its tree.
  /// Errors: io; changed; those of decode_tree_file() or decode_manifest(); unsupported (larger
  /// than 1 GiB); malformed, if its root does not follow from its leaves.
  [[nodiscard]] static Result<KnownTree> load(const std::string& path);

  /// As load(); nothing if `path` is empty, since most commands can do without a tree file.
  [[nodiscard]] static Result<std::optional<KnownTree>> load_if_named(const std::string& path);

  /// As load(), from contents at hand. The path in errors is empty.
  /// Errors: duplicate, if two modules have one name; malformed, if the root does not follow.
  [[nodiscard]] static Result<KnownTree> from(TreeFile file);

  [[nodiscard]] const TreeFile& file() const noexcept { return file_; }
  [[nodiscard]] TreeFile take_file() && { return std::move(file_); }
  [[nodiscard]] const Tree& tree() const noexcept { return tree_; }
  [[nodiscard]] const Root& root() const noexcept { return tree_.root(); }

  /// The index of the module that the kernel calls as it calls `name`.
  [[nodiscard]] std::optional<std::size_t> find(std::string_view name) const;

  /// The position of the first leaf of module `index`.
  [[nodiscard]] std::uint32_t first_position(std::size_t index) const noexcept {
    return static_cast<std::uint32_t>(index * file_.variants.size());
  }

  /// The module that owns `position`, which is less than the number of leaves.
  [[nodiscard]] std::size_t module_at(std::uint32_t position) const noexcept {
    return position / file_.variants.size();
  }

  /// The variant whose leaf stands at `position`.
  [[nodiscard]] Variant variant_at(std::uint32_t position) const noexcept {
    return file_.variants[position % file_.variants.size()];
  }

 private:
  static Result<KnownTree> from(IndexedTreeFile file);
  KnownTree(IndexedTreeFile file, Tree tree);

  TreeFile file_;
  Tree tree_;
  NameIndex by_name_;  // of file_.names
};

/// The leaf hashes of `leaves`, in their order.
[[nodiscard]] std::vector<Digest> hashes_of(std::span<const Leaf> leaves);

}  // namespace modproof
