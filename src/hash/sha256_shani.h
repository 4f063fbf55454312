// SPDX-License-Identifier: LGPL-2.1-or-later
// The SHA-NI kernel, for the backend of that name and for wider ones with few messages at hand.
#pragma once

#include <cstddef>
#include <span>

#include "sha256_blocks.h"

namespace modproof::hash {

/// Whether this processor has the SHA extensions (and SSSE3, as all that have them do).
[[nodiscard]] bool shani_usable() noexcept;

/// A Compress for any number of streams: four at a time, then the rest together.
void shani_compress(std::span<const Stream> streams, std::size_t blocks) noexcept;

}  // namespace modproof::hash
