// SPDX-License-Identifier: LGPL-2.1-or-later
// Two files of one module or two kernels: where they differ.
#pragma once

#include <optional>

#include "modproof/ops/diff.h"

#include "base/file.h"

namespace modproof {

/// How `a` and `b` differ; nothing if they have the same bytes. A file that is no readable ELF file
/// is compared as bytes.
/// Errors: io; changed; malformed (a trailer).
[[nodiscard]] Result<std::optional<FileDifference>> compare_files(const File& a, const File& b);

}  // namespace modproof
