// SPDX-License-Identifier: LGPL-2.1-or-later
// The order in which the modules of a directory count.
#pragma once

#include <string>
#include <vector>

#include "modproof/base/result.h"
#include "modproof/format/modules_order.h"
#include "modproof/ops/discover.h"

namespace modproof {

/// `paths`, sorted, of the modules in `directory`: those that `lines` of its modules.order list
/// first, in their order; then all others. No links are in the result.
/// Errors: duplicate (a module that is listed twice).
[[nodiscard]] Result<ModuleDirectory> arrange_modules(const std::vector<std::string>& paths,
                                                      const std::string& directory,
                                                      const std::vector<OrderLine>& lines);

}  // namespace modproof
