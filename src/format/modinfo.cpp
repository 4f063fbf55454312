// SPDX-License-Identifier: LGPL-2.1-or-later
#include "format/modinfo.h"

#include <algorithm>

namespace modproof {

std::optional<std::string_view> modinfo_value(Bytes section, std::string_view key) noexcept {
  std::string_view rest = text_of(section);
  while (!rest.empty()) {
    const std::string_view text = rest.substr(0, rest.find('\0'));
    if (text.size() > key.size() && text.starts_with(key) && text[key.size()] == '=') {
      return text.substr(key.size() + 1);
    }
    rest.remove_prefix(std::min(text.size() + 1, rest.size()));
  }
  return std::nullopt;
}

}  // namespace modproof
