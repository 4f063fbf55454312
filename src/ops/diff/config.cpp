// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ops/diff/config.h"

#include <filesystem>
#include <map>
#include <optional>
#include <string_view>
#include <utility>

#include <fmt/core.h>

#include "base/file.h"
#include "format/kconfig.h"

namespace modproof {
namespace {

/// Symbols named in the clause; the others are counted.
constexpr std::size_t kNamed = 3;
constexpr std::string_view kNotSet = "not set";

std::optional<Kconfig> config_beside(const std::string& kernel) {
  const auto path = std::filesystem::path(kernel).parent_path() / ".config";
  const auto bytes = read_file(path.string(), kKconfigLimit);
  if (!bytes) {
    return std::nullopt;
  }
  auto config = parse_kconfig(*bytes);
  return config ? std::optional(std::move(*config)) : std::nullopt;
}

bool is_from_tools(std::string_view name) {
  return name.ends_with("_VERSION") || name.ends_with("_VERSION_TEXT") ||
         name.find("_HAS_") != std::string_view::npos || name.starts_with("CC_IS_") ||
         name.starts_with("AS_IS_") || name.starts_with("LD_IS_");
}

/// A symbol that a .config does not name is not set: its dependencies are not met.
std::string value_of(const KconfigEntry* entry) {
  return entry == nullptr || entry->kind == KconfigKind::not_set ? std::string(kNotSet)
                                                                 : entry->value;
}

}  // namespace

std::string config_difference(const std::string& a, const std::string& b) {
  const auto config_a = config_beside(a);
  const auto config_b = config_beside(b);
  if (!config_a || !config_b) {
    return {};
  }
  std::map<std::string_view, std::pair<std::string, std::string>> differing;
  for (const Kconfig* config : {&*config_a, &*config_b}) {
    for (const KconfigEntry& entry : config->entries()) {
      std::pair values(value_of(config_a->find(entry.name)), value_of(config_b->find(entry.name)));
      if (values.first != values.second && !is_from_tools(entry.name)) {
        differing.insert_or_assign(entry.name, std::move(values));
      }
    }
  }
  std::string clause;
  std::size_t named = 0;
  for (const auto& [name, values] : differing) {
    if (named++ == kNamed) {
      return clause + fmt::format("; and {} more", differing.size() - kNamed);
    }
    clause += fmt::format("{}CONFIG_{}: {} in A, {} in B", clause.empty() ? "" : "; ", name,
                          printable(values.first), printable(values.second));
  }
  return clause;
}

}  // namespace modproof
