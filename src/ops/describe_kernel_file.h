// SPDX-License-Identifier: LGPL-2.1-or-later
// describe_kernel() for an image that is open already.
#pragma once

#include "modproof/base/result.h"
#include "modproof/ops/kernel.h"

#include "base/file.h"

namespace modproof {

/// As describe_kernel(). In messages the image has the path of `file`.
[[nodiscard]] Result<KernelDescription> describe_kernel_file(File file,
                                                             const KernelOptions& options);

}  // namespace modproof
