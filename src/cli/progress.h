// SPDX-License-Identifier: LGPL-2.1-or-later
// A count of modules on the terminal, for work that takes long enough to wonder.
#pragma once

#include <cstddef>
#include <functional>

namespace modproof::cli {

/// The callback for RunOptions::progress, or an empty one where standard error is no terminal.
[[nodiscard]] std::function<void(std::size_t, std::size_t)> terminal_progress();

/// Takes the count off the terminal, before other text goes there.
void clear_progress();

}  // namespace modproof::cli
