// SPDX-License-Identifier: LGPL-2.1-or-later
// The modules of a tree that are not where they should be.
#pragma once

#include <vector>

#include "modproof/ops/discover.h"
#include "modproof/ops/verify.h"

#include "ops/known_tree.h"

namespace modproof {

/// Appends to `report` a verdict for each module of `known` that is not among `modules`, in the
/// order of the tree.
void add_missing(const std::vector<ModuleFile>& modules, const KnownTree& known,
                 VerifyReport& report);

}  // namespace modproof
