// SPDX-License-Identifier: LGPL-2.1-or-later
// The modules and the kernel of packages, as one side of a comparison.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "modproof/base/result.h"
#include "modproof/ops/kernel.h"
#include "modproof/ops/run_options.h"

#include "ops/build_input.h"

namespace modproof {

/// The packages among the files in `directory`, sorted. Errors: io.
[[nodiscard]] Result<std::vector<std::string>> packages_in(const std::string& directory);

/// Reads `packages`, which together are what the user calls `name`. To compare modules is to look
/// at them in any order, so all of them are copied to one temporary file without a name in $TMPDIR
/// (or /tmp), as they are stored. Of several kernel images an ELF file is taken rather than one
/// that is wrapped in something, and that rather than a raw image. Errors: those of reading
/// packages; usage (modules of several kernel versions); duplicate (two modules of one kernel
/// name); missing (neither modules nor a kernel image); interrupted.
[[nodiscard]] Result<std::unique_ptr<BuildInput>> open_packages(
    const std::string& name, const std::vector<std::string>& packages, const KernelOptions& kernel,
    const RunOptions& run);

}  // namespace modproof
