// SPDX-License-Identifier: LGPL-2.1-or-later
#include "modproof/format/root_text.h"

#include <charconv>

#include <fmt/core.h>

namespace modproof {
namespace {

constexpr std::string_view kAlgorithm = "sha256:";

std::unexpected<Error> malformed(std::size_t offset, std::string_view what) {
  return fail(ErrorKind::malformed, {},
              fmt::format("{} in a root; its form is sha256:LEVELS:HEX", what), offset);
}

}  // namespace

std::string to_text(const Root& root) {
  return fmt::format("{}{}:{}", kAlgorithm, root.levels, to_hex(root.hash));
}

Result<Root> root_from_text(std::string_view text) {
  if (!text.starts_with(kAlgorithm)) {
    return malformed(0, "no algorithm that is known");
  }
  const std::size_t levels_at = kAlgorithm.size();
  const std::size_t colon = text.find(':', levels_at);
  if (colon == std::string_view::npos) {
    return malformed(text.size(), "no hash");
  }
  const std::string_view levels = text.substr(levels_at, colon - levels_at);
  Root root;
  const auto [end, error] =
      std::from_chars(levels.data(), levels.data() + levels.size(), root.levels);
  if (error != std::errc{} || end != levels.data() + levels.size() || root.levels > kMaxLevels ||
      (levels.size() > 1 && levels.front() == '0')) {
    return malformed(levels_at, "no number of levels from 0 to 32");
  }
  const auto hash = digest_from_hex(text.substr(colon + 1));
  if (!hash) {
    return malformed(colon + 1, "no hash of 64 hexadecimal digits");
  }
  root.hash = *hash;
  if (root.levels == 0 && root.hash != Digest{}) {
    return malformed(colon + 1, "a hash that is not zero although there are no levels");
  }
  return root;
}

}  // namespace modproof
