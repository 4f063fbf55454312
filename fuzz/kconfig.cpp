// SPDX-License-Identifier: LGPL-2.1-or-later
// parse_kconfig and parse_auto_conf on any bytes. A configuration that is taken can be written down
// from its values, and is read back as the same.
#include "format/kconfig.h"

#include <string>

#include "check.h"

namespace {

using namespace modproof;

std::string written(const Kconfig& config) {
  std::string text;
  for (const KconfigEntry& entry : config.entries()) {
    if (entry.kind == KconfigKind::not_set) {
      text += "# CONFIG_" + entry.name + " is not set\n";
      continue;
    }
    text += "CONFIG_" + entry.name + "=";
    if (entry.kind != KconfigKind::text) {
      text += entry.value + "\n";
      continue;
    }
    text += '"';
    for (const char c : entry.value) {
      text += c == '"' || c == '\\' ? std::string("\\") + c : std::string(1, c);
    }
    text += "\"\n";
  }
  return text;
}

template <typename T>
void check_error(const Result<T>& result, std::size_t size) {
  FUZZ_CHECK(result.error().kind == ErrorKind::malformed);
  FUZZ_CHECK(result.error().offset.has_value() && *result.error().offset <= size);
  FUZZ_CHECK(describe(result.error()).find('\n') == std::string::npos);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto values = parse_auto_conf({data, size});
  if (!values) {
    check_error(values, size);
  }
  const auto config = parse_kconfig({data, size});
  if (!config) {
    check_error(config, size);
    return fuzz::refused(config.error());
  }
  FUZZ_CHECK(values.has_value());  // it takes all that .config may hold
  const std::string text = written(*config);
  const auto again =
      parse_kconfig({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
  FUZZ_CHECK(again.has_value() && again->entries().size() == config->entries().size());
  for (std::size_t i = 0; i < config->entries().size(); ++i) {
    const KconfigEntry& a = config->entries()[i];
    const KconfigEntry& b = again->entries()[i];
    FUZZ_CHECK(a.name == b.name && a.kind == b.kind && a.value == b.value && b.line == i + 1);
    FUZZ_CHECK(a.earlier < a.line && config->find(a.name) == &a);
  }
  return fuzz::taken();
}
