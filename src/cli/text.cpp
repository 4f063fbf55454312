// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cli/text.h"

#include <cstdio>

#include <fmt/core.h>

namespace modproof::cli {

void put(std::string_view text) {
  static_cast<void>(std::fwrite(text.data(), 1, text.size(), stdout));
}

void complain(std::string_view text) {
  const std::string line = fmt::format("modproof: {}\n", text);
  static_cast<void>(std::fwrite(line.data(), 1, line.size(), stderr));
}

std::string count_of(std::size_t count, std::string_view thing) {
  return fmt::format("{} {}{}", count, thing, count == 1 ? "" : "s");
}

std::string field(std::string_view key, std::string_view value) {
  return fmt::format("{:<13} {}", fmt::format("{}:", key), value);
}

}  // namespace modproof::cli
