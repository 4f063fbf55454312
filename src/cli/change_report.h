// SPDX-License-Identifier: LGPL-2.1-or-later
// What attach, detach and seal say of the modules they worked on.
#pragma once

#include <vector>

#include "modproof/ops/attach.h"

#include "cli/output.h"

namespace modproof::cli {

/// Reports every module that was refused or failed (every module, if verbose) and one line that
/// counts them. Gives the exit status that follows.
[[nodiscard]] Exit report_changes(const std::vector<ModuleChange>& changes, bool dry_run,
                                  Output& output);

}  // namespace modproof::cli
