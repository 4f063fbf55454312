// SPDX-License-Identifier: LGPL-2.1-or-later
// A module found inside something else (an initramfs, a package): all that can be said of it before
// the root is known that it has to lead to.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "modproof/base/result.h"
#include "modproof/merkle/tree.h"
#include "modproof/ops/verify.h"

#include "base/file.h"
#include "ops/known_tree.h"

namespace modproof {

struct ExaminedModule {
  /// Path and name; all of the verdict where there is no claim.
  Verdict verdict;
  /// The leaf of the module and its proof, for judge(); nothing if it has no proof.
  std::optional<Claim> claim;
};

/// What modules are found in.
inline constexpr std::string_view kInitramfs = "initramfs";
inline constexpr std::string_view kPackage = "package";

/// How a module is examined.
struct Examination {
  std::uint64_t max_module_size = 0;  ///< bytes that it may decompress to
  const KnownTree* known = nullptr;   ///< tells whether a module without a proof once had one
  std::string_view container;         ///< what it was found in
};

/// Reads and hashes the module `stored`, compressed or not, which is called `name`.
/// Errors: those of ModuleContents::of(); unsupported (compressed in a way that the kernel does not
/// know, or twice); io; changed. A malformed trailer is a verdict.
[[nodiscard]] Result<ExaminedModule> examine_module(std::string name, File stored,
                                                    const Examination& how);

}  // namespace modproof
