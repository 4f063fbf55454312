// SPDX-License-Identifier: LGPL-2.1-or-later
#include "modproof/format/module_name.h"

#include <algorithm>
#include <cstdint>

namespace modproof {

std::optional<std::string> module_name_of(std::string_view path) {
  std::string_view name = path.substr(path.rfind('/') + 1);
  for (const std::string_view suffix : {".ko", ".ko.gz", ".ko.xz", ".ko.zst"}) {
    if (name.size() > suffix.size() && name.ends_with(suffix)) {
      name.remove_suffix(suffix.size());
      return std::string(name);
    }
  }
  return std::nullopt;
}

std::size_t KernelNameHash::operator()(std::string_view name) const noexcept {
  // FNV-1a: names are short, and a container of them is no target of an attack that is not seen.
  std::uint64_t hash = 0xCBF29CE484222325U;
  for (const char c : name) {
    hash = (hash ^ static_cast<unsigned char>(c == '-' ? '_' : c)) * 0x100000001B3U;
  }
  return hash;
}

bool KernelNameEqual::operator()(std::string_view a, std::string_view b) const noexcept {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return (x == '-' ? '_' : x) == (y == '-' ? '_' : y); });
}

std::string kernel_name(std::string_view name) {
  std::string result(name);
  std::replace(result.begin(), result.end(), '-', '_');
  return result;
}

}  // namespace modproof
