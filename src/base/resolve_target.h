// SPDX-License-Identifier: LGPL-2.1-or-later
// Which file is meant by the name of a file that is to be written.
#pragma once

#include <string>

#include "modproof/base/result.h"

namespace modproof {

/// The directory that holds `path`.
[[nodiscard]] std::string directory_of(const std::string& path);

/// `path` with every symbolic link followed; the path itself where nothing stands there yet.
///
/// In a directory where everybody may make files but not remove those of others (`/tmp`), anybody
/// can lay a link in the way of a file that is about to be written. So a link there is followed
/// only if it is the caller's or that of the owner of the directory: the rule of
/// fs.protected_symlinks, which does not apply to who follows links without opening them.
/// Errors: io (dangling, such a link of somebody else, ...); malformed (no regular file).
[[nodiscard]] Result<std::string> resolve_target(const std::string& path);

}  // namespace modproof
