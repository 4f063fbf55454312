// SPDX-License-Identifier: LGPL-2.1-or-later
// What debug information says about how a file was compiled (DW_AT_producer), as GCC writes it:
//
//     GNU C11 12.2.0 -m64 -O2 -g ...
//
// Options that only name directories are not in it. clang names itself, but no options.
#pragma once

#include <optional>

#include "modproof/ops/diff.h"

#include "ops/diff_text.h"

namespace modproof {

/// Another compiler, or the same one with other options, from the texts of .debug_str that only one
/// side has; nothing if they do not tell. Files of one kernel are compiled with different options,
/// so each of A is compared with each of B, and the two that are most alike are named.
[[nodiscard]] std::optional<DiffGuess> guess_from_producers(const OneSided& texts);

}  // namespace modproof
