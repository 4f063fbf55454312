// SPDX-License-Identifier: LGPL-2.1-or-later
// The error of a parser that has no path: bytes at an offset that break their format.
#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include "modproof/base/result.h"

namespace modproof {

/// The caller, who knows which file it was, adds the path.
[[nodiscard]] inline std::unexpected<Error> malformed(std::uint64_t offset, std::string message) {
  return fail(ErrorKind::malformed, {}, std::move(message), offset);
}

}  // namespace modproof
