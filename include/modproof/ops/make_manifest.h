// SPDX-License-Identifier: LGPL-2.1-or-later
// Writing down a build: the manifest of a directory of modules.
#pragma once

#include <string>

#include "modproof/base/result.h"
#include "modproof/format/manifest.h"
#include "modproof/ops/run_options.h"

namespace modproof {

/// The manifest of the modules in `directory`: of a build tree those that its modules.order lists,
/// else all in it, those of modules.order first. With a tree file `tree` (empty for none)
/// positions, leaves and root are taken from it; without, they are those of the modules as they
/// are. Kernel and architecture are what the first module that has them says. Errors: the first in
/// the order of the modules of io, changed, malformed (not a module), unsupported (compressed in a
/// way that the kernel does not know, or too large); those of reading the tree file; missing (no
/// module in `directory`; a module that `tree` does not have, or the other way round); changed (a
/// module whose payload is none of the forms that `tree` has of it); duplicate; interrupted.
[[nodiscard]] Result<Manifest> make_manifest(const std::string& directory, const std::string& tree,
                                             const RunOptions& run);

}  // namespace modproof
