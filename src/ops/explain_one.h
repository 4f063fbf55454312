// SPDX-License-Identifier: LGPL-2.1-or-later
// The parts of explain(), for modules that are no files of their own.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "modproof/base/result.h"
#include "modproof/ops/explain.h"

#include "base/file.h"
#include "ops/examine_module.h"
#include "ops/known_tree.h"

namespace modproof {

/// Explains the module `stored`, which is called `name`. `known` may be null.
/// Errors: as examine_module().
[[nodiscard]] Result<Explanation> explain_one(std::string name, File stored,
                                              std::uint64_t max_module_size, const Root& root,
                                              const KnownTree* known);

/// Extends the advice for a module that was found in a `container`: it is of no use before that is
/// made anew.
void advise_for_container(Explanation& explanation, std::string_view container);

/// Adds to `report` what only many modules tell together. Those that lead to one and the same other
/// root have it from one build: a root that two of them agree on is that build's, whereas a damaged
/// module leads to a root of its own.
void name_other_roots(ExplainReport& report);

}  // namespace modproof
