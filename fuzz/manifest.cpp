// SPDX-License-Identifier: LGPL-2.1-or-later
// decode_manifest on any bytes: what it takes is the one text of the build, byte for byte.
#include "modproof/format/manifest.h"

#include <string_view>

#include "check.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace modproof;
  const auto manifest = decode_manifest({data, size});
  if (!manifest) {
    FUZZ_CHECK(!manifest.error().offset || *manifest.error().offset <= size);
    FUZZ_CHECK(describe(manifest.error()).find('\n') == std::string::npos);
    return fuzz::refused(manifest.error());
  }
  const auto text = encode_manifest(*manifest);
  FUZZ_CHECK(text.has_value());
  FUZZ_CHECK(*text == std::string_view(reinterpret_cast<const char*>(data), size));
  return fuzz::taken();
}
