// SPDX-License-Identifier: LGPL-2.1-or-later
// What an initramfs holds: what inspect() says of one.
#pragma once

#include "modproof/base/result.h"
#include "modproof/ops/info.h"

#include "base/file.h"

namespace modproof {

/// Errors: those of visiting an initramfs (format/initramfs.h). What goes wrong with one of its
/// modules is in the result.
[[nodiscard]] Result<InitramfsInfo> inspect_initramfs(const File& file, const InfoOptions& options);

}  // namespace modproof
