// SPDX-License-Identifier: LGPL-2.1-or-later
// What debug information says about how a file was compiled (DW_AT_producer), as GCC writes it:
//
//     GNU C11 12.2.0 -m64 -O2 -g ...
//
// Options that only name directories are not in it. clang names itself, but no options.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "modproof/ops/diff.h"

namespace modproof {

/// Another compiler, or the same one with other options, from the texts of .debug_str of both
/// sides; nothing if they do not tell. Files of one kernel, and even of one module, are compiled
/// with different options, so what only one side has is compared with all that the other has, and
/// the two that are most alike are named.
[[nodiscard]] std::optional<DiffGuess> guess_from_producers(const std::vector<std::string_view>& a,
                                                            const std::vector<std::string_view>& b);

}  // namespace modproof
