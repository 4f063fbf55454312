// SPDX-License-Identifier: LGPL-2.1-or-later
// Building the tree of a set of modules.
#pragma once

#include <string>
#include <vector>

#include "modproof/base/result.h"
#include "modproof/format/tree_file.h"
#include "modproof/ops/discover.h"
#include "modproof/ops/run_options.h"

namespace modproof {

struct MakeTreeOptions {
  /// Adds the leaf of each module after `strip --strip-debug`.
  bool strip_variant = false;
  /// The program that strips, with its arguments before `--strip-debug`.
  std::string strip_program = "strip";
  /// The tree file beside which leaves are cached (FILE.cache), so that a module that did not
  /// change is not hashed again; empty for no cache. The result never depends on it.
  std::string cache_beside;
  /// Takes files that are no ELF modules, too: whatever bytes they hold.
  bool any_file = false;
};

/// Hashes `modules` in their order and builds their tree. A module that carries a Merkle trailer
/// is hashed without it.
/// Errors: the first in the order of the modules of: io, changed, malformed (not a module, trailer
/// malformed, broken compression), unsupported (compressed in a way that the kernel does not know,
/// larger than `run.max_module_size`); duplicate (two of one kernel name); program (strip); usage
/// (more leaves than positions); interrupted.
[[nodiscard]] Result<TreeFile> make_tree(const std::vector<ModuleFile>& modules,
                                         const MakeTreeOptions& options, const RunOptions& run);

/// Writes `tree` to the file `path`, if that does not hold these bytes already: its time stays as
/// it is then, so that make sees that nothing changed. Gives true if it wrote.
/// Errors: io; malformed (`path` is no regular file); changed, missing (somebody else replaced or
/// removed it meanwhile).
[[nodiscard]] Result<bool> write_tree(const std::string& path, const TreeFile& tree, bool sync);

/// Reads the tree file or manifest `path`.
/// Errors: io; changed; those of decode_tree_file() or decode_manifest(); unsupported (larger than
/// 1 GiB); malformed, if its root does not follow from its leaves.
[[nodiscard]] Result<TreeFile> read_tree(const std::string& path);

}  // namespace modproof
