// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cli/text.h"

#include <fmt/core.h>

namespace modproof::cli {

std::string count_of(std::size_t count, std::string_view thing) {
  return fmt::format("{} {}{}", count, thing, count == 1 ? "" : "s");
}

std::string field(std::string_view key, std::string_view value) {
  return fmt::format("{:<13} {}", fmt::format("{}:", key), value);
}

}  // namespace modproof::cli
