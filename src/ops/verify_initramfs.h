// SPDX-License-Identifier: LGPL-2.1-or-later
// Checking the modules in an initramfs, where they stand: what verify() does with images.
#pragma once

#include "modproof/ops/verify.h"

#include "ops/known_tree.h"

namespace modproof {

/// Appends to `report`, against whose root is checked, what it finds in the images of `options`.
/// `known` may be null. Errors: interrupted.
[[nodiscard]] Status verify_initramfs(const VerifyOptions& options, const KnownTree* known,
                                      const RunOptions& run, VerifyReport& report);

}  // namespace modproof
