// SPDX-License-Identifier: LGPL-2.1-or-later
// The root in a kernel: read from a kernel image of any kind or from the running kernel, written
// into a vmlinux.
//
// A kernel image is an ELF vmlinux, or one that is wrapped: compressed, in a bzImage, in an EFI
// zboot image, in a unified kernel image, one in another. docs/artefacts.md lists what is known.
#pragma once

#include <bit>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "modproof/base/digest.h"
#include "modproof/base/result.h"

namespace modproof {

/// What a kernel with module hashes holds.
struct KernelImage {
  Root root;
  std::uint64_t root_offset = 0;  ///< of the 36 bytes of `.module_hashes` in the ELF file
  unsigned bits = 64;             ///< 32 or 64
  std::endian order = std::endian::little;
  std::string machine;  ///< as `uname -m` would spell it
};

/// The most bytes that a kernel may decompress to unless more is asked for.
inline constexpr std::uint64_t kDefaultMaxKernelSize = std::uint64_t{4} << 30U;

struct KernelOptions {
  /// The most bytes that a layer of the image may decompress to. They are written to a temporary
  /// file without a name in $TMPDIR (or /tmp); memory stays at a few MB.
  std::uint64_t max_size = kDefaultMaxKernelSize;
};

/// Reads the root of the kernel image `path`.
/// Errors: io; malformed; missing (a kernel without `.module_hashes`); unsupported (a raw image,
/// which keeps no section table to find the root by; one that is larger than it may be); changed.
[[nodiscard]] Result<KernelImage> read_kernel(const std::string& path,
                                              const KernelOptions& options = {});

/// What a kernel image is, whether it has module hashes or not.
struct KernelDescription {
  /// What it is wrapped in, outermost first (`bzImage 2.15`, `xz`); empty for a plain ELF file.
  std::vector<std::string> layers;
  /// The kind of raw image that is inside (`arm64 Image`); empty for an ELF file.
  std::string raw_kind;
  /// How the kernel introduces itself, without `Linux version`; empty where it does not say.
  std::string version;
  std::string machine;  ///< as `uname -m` would spell it; empty for a raw image
  unsigned bits = 0;    ///< 32 or 64; 0 for a raw image
  /// Nothing if it has no module hashes, or if it is a raw image, which cannot be told.
  std::optional<KernelImage> kernel;
};

/// Describes the kernel image `path`.
/// Errors: as read_kernel(), but neither a kernel without module hashes nor a raw image is one.
[[nodiscard]] Result<KernelDescription> describe_kernel(const std::string& path,
                                                        const KernelOptions& options = {});

/// Where the running kernel shows its root.
inline constexpr const char* kRunningRootDirectory = "/sys/kernel/module_hashes";

/// Reads `algorithm`, `levels` and `root` in `directory`.
/// Errors: io; malformed; unsupported (another algorithm); missing (the running kernel has no
/// module hashes, or sysfs, which would show them, is not mounted).
[[nodiscard]] Result<Root> read_running_root(const std::string& directory = kRunningRootDirectory);

/// What patch_kernel() found or did.
struct PatchOutcome {
  Root before;           ///< the root that the kernel held
  bool changed = false;  ///< the kernel did not hold `root`
};

/// Writes `root` into the kernel `path`; into a copy of it called `output`, where that is not
/// empty. A kernel that holds the root already is left alone, with its time (a copy is made
/// nonetheless). In place, the 36 bytes are written with one system call where they lie within one
/// sector of the disk, so that even a crash cannot leave half of them; otherwise, and where the
/// file has several hard links, which shall keep the old root, it is replaced by a copy. A copy has
/// owner, mode and extended attributes of the kernel; one of another name, as far as it can have
/// them. Only an ELF file can be patched: what is wrapped has to be made again from it. Errors: as
/// read_kernel(), and io for writing. The kernel is then as it was, unless the disk fails while the
/// 36 bytes are on their way; then the old ones are written again, and the message says whether
/// that went well.
[[nodiscard]] Result<PatchOutcome> patch_kernel(const std::string& path, const Root& root,
                                                const std::string& output, bool sync);

/// Whether patch_kernel() could write into `path`, as far as that can be told before it does.
/// Errors: those of patch_kernel().
[[nodiscard]] Status check_patchable(const std::string& path);

}  // namespace modproof
