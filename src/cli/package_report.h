// SPDX-License-Identifier: LGPL-2.1-or-later
// What commands say of packages: kernel version by kernel version.
#pragma once

#include <optional>
#include <string>

#include "modproof/ops/package.h"

#include "cli/command.h"
#include "cli/output.h"
#include "cli/root_arguments.h"
#include "cli/verdict.h"

namespace modproof::cli {

/// What `arguments`, whose kernel is `chosen`, mean for packages.
[[nodiscard]] PackageOptions package_options(const RootArguments& arguments,
                                             const std::optional<RootArguments::KernelRoot>& chosen,
                                             bool report_missing);

/// Says what the modules of one version were checked against and how many had which verdict: as a
/// line, and as an object of the list `kernels` of the document. `source` is where a root is from
/// that the user chose.
void report_version(const PackageRoot& root, const std::string& source, const Counts& counts,
                    Output& output);

/// Ends the output of a command that is about packages: notes, errors, and the counts over all
/// versions, in which modules without a root are added to those not checked. `any`: there was
/// something to say of a module.
[[nodiscard]] Exit finish_packages(const PackageNotes& notes, Counts counts, bool any,
                                   Output& output);

/// All of what verify found.
[[nodiscard]] Exit report_packages(const PackagesReport& report, const std::string& source,
                                   Output& output);

}  // namespace modproof::cli
