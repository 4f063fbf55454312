// SPDX-License-Identifier: LGPL-2.1-or-later
// The leaf of a module as installers leave it: after `strip --strip-debug`.
#pragma once

#include <string>
#include <vector>

#include "modproof/base/result.h"
#include "modproof/format/tree_file.h"
#include "modproof/ops/discover.h"
#include "modproof/ops/run_options.h"

namespace modproof {

/// Strips a temporary copy of each module and puts its leaf into `tree`, which holds a slot for it.
/// `program` is what a make variable holds: a name and maybe arguments.
/// Errors: the first in the order of the modules of io, changed, program; interrupted.
[[nodiscard]] Status add_stripped_leaves(const std::vector<ModuleFile>& modules,
                                         const std::string& program, TreeFile& tree,
                                         const RunOptions& run);

}  // namespace modproof
