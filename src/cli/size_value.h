// SPDX-License-Identifier: LGPL-2.1-or-later
// Sizes on the command line: 512, 64K, 2G.
#pragma once

#include <CLI/CLI.hpp>

namespace modproof::cli {

/// Turns the value of an option into bytes. CLI11 knows more units than anybody needs, and lists
/// all of them where it meets another; this names four.
[[nodiscard]] CLI::Validator size_value();

}  // namespace modproof::cli
