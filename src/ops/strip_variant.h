// SPDX-License-Identifier: LGPL-2.1-or-later
// The leaf of a module as installers leave it: after `strip --strip-debug`.
#pragma once

#include <string>
#include <vector>

#include "modproof/base/result.h"
#include "modproof/format/tree_file.h"
#include "modproof/ops/discover.h"
#include "modproof/ops/run_options.h"

#include "base/file.h"

namespace modproof {

/// Strips a temporary copy of each module and puts its leaf into `leaves`, behind the one at the
/// module's position. `stamps` are the states in which the modules were hashed as linked; `program`
/// is what a make variable holds: a name and maybe arguments.
/// Errors: the first in the order of the modules of io, changed, program; usage (no program);
/// interrupted.
[[nodiscard]] Status add_stripped_leaves(const std::vector<ModuleFile>& modules,
                                         const std::vector<std::uint32_t>& positions,
                                         const std::vector<FileStamp>& stamps,
                                         const std::string& program, std::vector<Leaf>& leaves,
                                         const RunOptions& run);

}  // namespace modproof
