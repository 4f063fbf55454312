// SPDX-License-Identifier: LGPL-2.1-or-later
// The section .modinfo of a module: texts `KEY=VALUE`, each with a NUL behind it
// (include/linux/moduleparam.h, __MODULE_INFO).
#pragma once

#include <optional>
#include <string_view>

#include "modproof/base/bytes.h"

namespace modproof {

/// The first value of `key` in `section`, whose bytes it refers to; nothing if there is none.
[[nodiscard]] std::optional<std::string_view> modinfo_value(Bytes section,
                                                            std::string_view key) noexcept;

}  // namespace modproof
