// SPDX-License-Identifier: LGPL-2.1-or-later
// The leaf of one file, where it does not pay to hash several at once.
#pragma once

#include <cstdint>

#include "modproof/base/digest.h"
#include "modproof/base/result.h"

#include "base/file.h"

namespace modproof {

/// The leaf of the first `payload_size` bytes of `file` at `position`.
/// Errors: io; changed (the file is shorter, or changed while it was read).
[[nodiscard]] Result<Digest> leaf_of(const File& file, std::uint64_t payload_size,
                                     std::uint32_t position);

}  // namespace modproof
