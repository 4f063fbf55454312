// SPDX-License-Identifier: LGPL-2.1-or-later
// The leaf that a module has in a tree, whatever proof it carries.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "modproof/base/result.h"

#include "base/file.h"
#include "ops/known_tree.h"

namespace modproof {

/// The position of the leaf that the tree has for the module `name` and the first `size` bytes of
/// `file` as payload; nothing if there is none. Only leaves of that size are tried.
/// Errors: io; changed.
[[nodiscard]] Result<std::optional<std::uint32_t>> find_payload(const File& file,
                                                                std::uint64_t size,
                                                                std::string_view name,
                                                                const KnownTree& known);

}  // namespace modproof
