// SPDX-License-Identifier: LGPL-2.1-or-later
// Guesses from the line by which a kernel introduces itself (init/version-timestamp.c):
//
//     Linux version RELEASE (USER@HOST) (COMPILER) #NUMBER OPTIONS TIMESTAMP
//
// OPTIONS and TIMESTAMP have no mark between them, and distributions put more there.
#pragma once

#include <string_view>
#include <vector>

#include "modproof/ops/diff.h"

namespace modproof {

/// What two banners, without `Linux version `, say of why the kernels differ, in the order of
/// DiffCause. What is no such line gives no guess.
[[nodiscard]] std::vector<DiffGuess> guess_from_banners(std::string_view a, std::string_view b);

}  // namespace modproof
