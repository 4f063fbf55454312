// SPDX-License-Identifier: LGPL-2.1-or-later
// Words that several commands share.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace modproof::cli {

/// Writes `text` to standard output. What goes wrong stays with the stream, for Output::finish().
void put(std::string_view text);

/// Writes `modproof: `, `text` and a newline to standard error. If that fails nobody can be told.
void complain(std::string_view text);

/// `1 module`, `2 modules`.
[[nodiscard]] std::string count_of(std::size_t count, std::string_view thing);

/// `key:` and the value, in two columns.
[[nodiscard]] std::string field(std::string_view key, std::string_view value);

}  // namespace modproof::cli
