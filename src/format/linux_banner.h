// SPDX-License-Identifier: LGPL-2.1-or-later
// The line by which a kernel introduces itself, `Linux version 6.1.0 (...) ...`, which stands in
// its read-only data (init/version-timestamp.c, linux_banner).
#pragma once

#include <string>

#include "modproof/base/result.h"

#include "base/file_range.h"

namespace modproof {

/// The first such line in `range` without `Linux version `; empty if there is none. Reads as far as
/// it has to, a piece at a time. For people to read: nothing is decided by it that an image could
/// lie about to its own advantage.
/// Errors: io; changed.
[[nodiscard]] Result<std::string> find_linux_banner(const FileRange& range);

/// The release, such as `6.1.0-50-amd64`, in front of the rest of a banner or of the version in a
/// setup header: all up to the first blank.
[[nodiscard]] std::string release_of(const std::string& banner);

}  // namespace modproof
