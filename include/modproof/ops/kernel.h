// SPDX-License-Identifier: LGPL-2.1-or-later
// The root in a kernel: read from a vmlinux or from the running kernel, written into a vmlinux.
#pragma once

#include <bit>
#include <cstdint>
#include <string>

#include "modproof/base/digest.h"
#include "modproof/base/result.h"

namespace modproof {

/// What a vmlinux holds.
struct KernelImage {
  Root root;
  std::uint64_t root_offset = 0;  ///< of the 36 bytes of `.module_hashes` in the file
  unsigned bits = 64;             ///< 32 or 64
  std::endian order = std::endian::little;
  std::string machine;  ///< as `uname -m` would spell it
};

/// Reads the root of the ELF file `path`.
/// Errors: io; malformed; missing (a kernel without `.module_hashes`).
[[nodiscard]] Result<KernelImage> read_kernel(const std::string& path);

/// Where the running kernel shows its root.
inline constexpr const char* kRunningRootDirectory = "/sys/kernel/module_hashes";

/// Reads `algorithm`, `levels` and `root` in `directory`.
/// Errors: io; malformed; unsupported (another algorithm); missing (the running kernel has no
/// module hashes).
[[nodiscard]] Result<Root> read_running_root(const std::string& directory = kRunningRootDirectory);

/// What patch_kernel() found or did.
struct PatchOutcome {
  Root before;           ///< the root that the kernel held
  bool changed = false;  ///< the kernel did not hold `root`
};

/// Writes `root` into the kernel `path`; into a copy of it called `output`, where that is not
/// empty. A kernel that holds the root already is left alone, with its time (a copy is made
/// nonetheless). In place, the 36 bytes are written with one system call where they lie within one
/// sector of the disk, so that even a crash cannot leave half of them; otherwise the file is
/// replaced by a copy. Errors: as read_kernel(), and io for writing; the kernel is then as it was.
[[nodiscard]] Result<PatchOutcome> patch_kernel(const std::string& path, const Root& root,
                                                const std::string& output, bool sync);

}  // namespace modproof
