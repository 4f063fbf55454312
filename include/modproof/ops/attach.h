// SPDX-License-Identifier: LGPL-2.1-or-later
// Appending proofs to modules, and taking them away.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "modproof/base/result.h"
#include "modproof/format/tree_file.h"
#include "modproof/ops/discover.h"
#include "modproof/ops/run_options.h"

namespace modproof {

/// What became of one module.
enum class Change : std::uint8_t {
  attached,         ///< carries the proof now
  detached,         ///< carries no Merkle trailer any more
  unchanged,        ///< was as it should be
  not_in_tree,      ///< left alone: the tree has no module of this name
  payload_unknown,  ///< left alone: not a form of the module that the tree knows
  failed,           ///< left alone: see the error
};

/// `attached`, `detached`, `unchanged`, `not-in-tree`, `payload-unknown`, `failed`.
[[nodiscard]] std::string_view name_of(Change change) noexcept;

struct ModuleChange {
  std::string path;
  Change change = Change::failed;
  std::uint32_t position = 0;         ///< of the leaf, where attached or unchanged
  Variant variant = Variant::linked;  ///< likewise
  std::optional<Error> error;         ///< where failed
};

struct ChangeOptions {
  /// Only finds out what would be done; nothing is written.
  bool dry_run = false;
  /// Waits for the disk before a module is replaced, and once more for the directories at the end.
  /// Without it, only a crash of the whole machine can harm a module.
  bool sync = true;
};

/// Appends to each module its proof from the tree file `tree`; a module that carries it already is
/// not touched, one that carries another proof gets the right one. Each module is replaced as a
/// whole or not at all; owner, mode, times and extended attributes stay. A compressed module is
/// compressed again as it was (docs/artefacts.md).
/// The result has one entry a module, in the order of `modules`.
/// Errors: those of reading the tree file; interrupted (modules done so far stay done).
[[nodiscard]] Result<std::vector<ModuleChange>> attach(const std::vector<ModuleFile>& modules,
                                                       const std::string& tree,
                                                       const ChangeOptions& options,
                                                       const RunOptions& run);

/// Removes the Merkle trailer from each module, and nothing else. A compressed module is compressed
/// again as it was.
/// The result has one entry a module, in the order of `modules`. Errors: interrupted.
[[nodiscard]] Result<std::vector<ModuleChange>> detach(const std::vector<ModuleFile>& modules,
                                                       const ChangeOptions& options,
                                                       const RunOptions& run);

struct Sealed {
  TreeFile tree;
  std::vector<ModuleChange> changes;  ///< one a module, in the order of the tree
};

/// Builds the tree of `modules`, writes it to `tree_path` and appends the proofs, reading each
/// module once, a compressed one twice. The tree file is complete before the first module is
/// replaced, so attach() can finish what an interruption left. While it runs it needs as much free
/// space as the modules have that are not compressed.
/// Errors: as make_tree() (nothing is changed then); io (tree file); interrupted.
[[nodiscard]] Result<Sealed> seal(const std::vector<ModuleFile>& modules,
                                  const std::string& tree_path, bool any_file,
                                  const ChangeOptions& options, const RunOptions& run);

}  // namespace modproof
