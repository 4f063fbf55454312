// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cli/size_value.h"

#include <fmt/core.h>

namespace modproof::cli {

CLI::Validator size_value() {
  const auto convert = [](std::string& text) {
    const std::string given = text;
    // CLI11 takes -1 for the largest number there is.
    bool good = !text.empty() && text.front() >= '0' && text.front() <= '9';
    try {
      good = good && CLI::AsSizeValue(false)(text).empty();
    } catch (const CLI::ValidationError&) {
      good = false;
    }
    if (good) {
      return std::string();
    }
    return fmt::format("'{}' is no size: a number, with K, M, G or T behind it for powers of 1024",
                       given);
  };
  return {convert, ""};
}

}  // namespace modproof::cli
