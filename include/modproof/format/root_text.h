// SPDX-License-Identifier: LGPL-2.1-or-later
// A root as text: `sha256:LEVELS:HEX`, for example `sha256:13:0cbdf0...` (64 digits).
#pragma once

#include <string>
#include <string_view>

#include "modproof/base/digest.h"
#include "modproof/base/result.h"

namespace modproof {

/// The text form of `root`.
[[nodiscard]] std::string to_text(const Root& root);

/// Reads the text form: `sha256`, levels in decimal without leading zeros and at most 32, 64
/// hexadecimal digits. With levels 0 the hash is all zeros.
/// Errors: malformed (offset within the text; path empty).
[[nodiscard]] Result<Root> root_from_text(std::string_view text);

}  // namespace modproof
