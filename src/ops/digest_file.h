// SPDX-License-Identifier: LGPL-2.1-or-later
// The SHA-256 of a whole file of any size.
#pragma once

#include <string>

#include "modproof/base/cancel.h"
#include "modproof/base/digest.h"
#include "modproof/base/result.h"

#include "base/file.h"

namespace modproof {

/// Errors: those of File::open() and File::read_at(); changed (written to meanwhile); interrupted.
[[nodiscard]] Result<Digest> digest_file(const std::string& path, const Cancel& cancel);

/// The same of a file that is open. `cancel` may be null. Errors: as above.
[[nodiscard]] Result<Digest> digest_file(const File& file, const Cancel* cancel);

}  // namespace modproof
