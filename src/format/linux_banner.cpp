// SPDX-License-Identifier: LGPL-2.1-or-later
#include "format/linux_banner.h"

#include <algorithm>
#include <optional>
#include <string_view>

#include "base/try.h"

namespace modproof {
namespace {

constexpr std::string_view kStart = "Linux version ";
/// More than any banner has.
constexpr std::size_t kLimit = 1024;
constexpr std::size_t kPiece = 1U << 18U;

/// The banner whose text starts `text`, if it is one: a digit first, a newline at the end, nothing
/// but printable characters between.
std::optional<std::string> banner_at(std::string_view text) {
  text = text.substr(0, kLimit);
  const std::size_t end = text.find('\n');
  if (end == std::string_view::npos || end == 0 || text[0] < '0' || text[0] > '9' ||
      !std::all_of(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(end),
                   [](char c) { return c >= ' ' && c <= '~'; })) {
    return std::nullopt;
  }
  return std::string(text.substr(0, end));
}

}  // namespace

Result<std::string> find_linux_banner(const FileRange& range) {
  // Pieces overlap, so that a banner across the end of one lies whole in the next.
  constexpr std::size_t kOverlap = kStart.size() + kLimit;
  ByteVector buffer(kPiece + kOverlap);
  for (std::uint64_t offset = 0; offset < range.size(); offset += kPiece) {
    const auto length =
        static_cast<std::size_t>(std::min<std::uint64_t>(buffer.size(), range.size() - offset));
    MODPROOF_TRY(range.read_at(offset, MutableBytes(buffer).first(length)));
    const std::string_view text(reinterpret_cast<const char*>(buffer.data()), length);
    for (std::size_t at = text.find(kStart); at != std::string_view::npos;
         at = text.find(kStart, at + 1)) {
      if (auto banner = banner_at(text.substr(at + kStart.size()))) {
        return std::move(*banner);
      }
    }
  }
  return std::string();
}

std::string release_of(const std::string& banner) { return banner.substr(0, banner.find(' ')); }

}  // namespace modproof
