// SPDX-License-Identifier: LGPL-2.1-or-later
// Where two runs of bytes start to differ.
#pragma once

#include <cstdint>
#include <optional>

#include "modproof/base/result.h"

#include "base/file_range.h"

namespace modproof {

/// The first byte that differs, counted from the start of both, in as many bytes as the shorter one
/// has; nothing if those are the same. Reads piece by piece. Errors: io; changed.
[[nodiscard]] Result<std::optional<std::uint64_t>> first_difference(const FileRange& a,
                                                                    const FileRange& b);

}  // namespace modproof
