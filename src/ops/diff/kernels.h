// SPDX-License-Identifier: LGPL-2.1-or-later
// Two kernel images: where they differ.
#pragma once

#include <optional>

#include "modproof/base/result.h"
#include "modproof/ops/diff.h"

#include "ops/kernel_contents.h"

namespace modproof {

/// How the kernels in `a` and `b` differ, section by section, or as bytes where both are raw
/// images. Where they are the same: how the images around them do. Nothing if the images have the
/// same bytes.
/// Errors: unsupported (one is an ELF file, the other a raw image, which keeps too little of it);
/// io; changed; malformed (a trailer).
[[nodiscard]] Result<std::optional<FileDifference>> compare_kernels(const KernelContents& a,
                                                                    const KernelContents& b);

}  // namespace modproof
