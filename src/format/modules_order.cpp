// SPDX-License-Identifier: LGPL-2.1-or-later
#include "modproof/format/modules_order.h"

#include <string_view>

#include <fmt/core.h>

#include "format/malformed.h"

namespace modproof {
namespace {

/// True if a component of `path` is `..`.
bool climbs(std::string_view path) noexcept {
  for (std::size_t at = 0; at <= path.size();) {
    const std::size_t end = std::min(path.find('/', at), path.size());
    if (path.substr(at, end - at) == "..") {
      return true;
    }
    at = end + 1;
  }
  return false;
}

Result<std::string> module_path(std::string_view line, std::size_t offset) {
  if (line.empty()) {
    return malformed(offset, "empty line");
  }
  if (const auto at = line.find('\r'); at != std::string_view::npos) {
    return malformed(offset + at, "carriage return; lines end in a newline only");
  }
  if (const auto at = line.find('\0'); at != std::string_view::npos) {
    return malformed(offset + at, "NUL byte in a path");
  }
  if (line.front() == '/') {
    return malformed(offset, fmt::format("absolute path {}; paths are relative to the directory "
                                         "of modules.order",
                                         printable(line)));
  }
  if (climbs(line)) {
    return malformed(offset,
                     fmt::format("path {} leaves the directory of modules.order", printable(line)));
  }
  for (const std::string_view suffix : {".o", ".ko"}) {
    if (line.ends_with(suffix)) {
      const std::string_view stem = line.substr(0, line.size() - suffix.size());
      if (!stem.empty() && stem.back() != '/') {
        return std::string(stem) + ".ko";
      }
    }
  }
  return malformed(offset, fmt::format("path {} does not end in .o or .ko", printable(line)));
}

}  // namespace

Result<std::vector<OrderLine>> parse_modules_order(Bytes text) {
  const std::string_view all = text_of(text);
  std::vector<OrderLine> lines;
  for (std::size_t at = 0; at < all.size();) {
    const std::size_t newline = all.find('\n', at);
    if (newline == std::string_view::npos) {
      return malformed(at, "the last line has no newline; the file seems to be cut off");
    }
    auto path = module_path(all.substr(at, newline - at), at);
    if (!path) {
      return std::unexpected(std::move(path.error()));
    }
    lines.push_back({std::move(*path), at});
    at = newline + 1;
  }
  return lines;
}

}  // namespace modproof
