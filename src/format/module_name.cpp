// SPDX-License-Identifier: LGPL-2.1-or-later
#include "modproof/format/module_name.h"

#include <algorithm>

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

std::string kernel_name(std::string_view name) {
  std::string result(name);
  std::replace(result.begin(), result.end(), '-', '_');
  return result;
}

}  // namespace modproof
