// SPDX-License-Identifier: LGPL-2.1-or-later
// parse_modules_order on any bytes. No path that it gives leaves the directory, and the lines are
// those of the text.
#include "modproof/format/modules_order.h"

#include <string>
#include <string_view>

#include "modproof/format/module_name.h"

#include "check.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace modproof;
  const auto lines = parse_modules_order({data, size});
  if (!lines) {
    FUZZ_CHECK(lines.error().kind == ErrorKind::malformed);
    FUZZ_CHECK(lines.error().offset.has_value() && *lines.error().offset < size);
    FUZZ_CHECK(describe(lines.error()).find('\n') == std::string::npos);
    return fuzz::refused(lines.error());
  }
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  std::size_t at = 0;
  for (const OrderLine& line : *lines) {
    FUZZ_CHECK(line.offset == at);
    const std::size_t end = text.find('\n', at);
    FUZZ_CHECK(end != std::string_view::npos);
    const std::string_view stem =
        std::string_view(line.module_path).substr(0, line.module_path.size() - 3);
    FUZZ_CHECK(text.substr(at, end - at).starts_with(stem));
    FUZZ_CHECK(line.module_path.ends_with(".ko") && module_name_of(line.module_path));
    FUZZ_CHECK(line.module_path.front() != '/');
    FUZZ_CHECK(("/" + line.module_path).find("/../") == std::string::npos);
    at = end + 1;
  }
  FUZZ_CHECK(at == size);
  return fuzz::taken();
}
