// SPDX-License-Identifier: LGPL-2.1-or-later
// The leaf that a module without a proof has in a tree.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "modproof/base/result.h"

#include "base/file.h"
#include "ops/known_tree.h"

namespace modproof {

/// The position of the leaf that the tree has for the module `name` and all of `file` as payload;
/// nothing if there is none. Only leaves of the same size are tried.
/// Errors: io; changed.
[[nodiscard]] Result<std::optional<std::uint32_t>> find_payload(const File& file,
                                                                std::string_view name,
                                                                const KnownTree& known);

}  // namespace modproof
