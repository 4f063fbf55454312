// SPDX-License-Identifier: LGPL-2.1-or-later
// A kernel, taken out of whatever it is wrapped in, one layer after another:
//
//     unified kernel image ──> bzImage ──> xz ──> ELF vmlinux
//                 EFI zboot image ──> zstd ──> arm64 Image (raw: keeps no section table)
//                                     gzip ──> ELF vmlinux
//
// Each layer is told by its contents. What has to be decompressed goes into a temporary file, which
// libelf then reads like any other: the section table of an ELF file stands at its end, so all of
// it has to be decompressed anyway, and memory stays at the few MB of the decompressor however
// large the kernel is. Two temporary files exist at most, one layer and the next; none is larger
// than the limit.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "modproof/base/result.h"

#include "base/file.h"

namespace modproof {

/// More layers than any kernel that is made; a limit to what a hostile one can ask for.
inline constexpr std::size_t kMaxKernelLayers = 8;

struct UnwrappedKernel {
  /// What it was wrapped in, outermost first: `unified kernel image`, `bzImage 2.15`, `zstd`.
  std::vector<std::string> layers;
  /// The kernel: the file that was given where there are no layers, else a temporary one.
  File file;
  /// The kind of raw image that it is (see raw_image.h); empty for an ELF file.
  std::string raw_kind;
  /// The version in the setup header of a bzImage; empty otherwise.
  std::string version;
};

/// True if `file` starts like a kernel image that is wrapped in something or raw: one that
/// unwrap_kernel() knows, but neither ELF nor merely compressed. Errors: io; malformed.
[[nodiscard]] Result<bool> is_kernel_container(const File& file);

/// Unwraps `file` until an ELF file or a raw image is left; anything that starts like an ELF file
/// counts as one. `max_size` is the most bytes that a layer may decompress to.
/// Errors: malformed (of no kind that is known; a layer broken, cut off or with another size than
/// it says; an unfinished compression); unsupported (too large; too many layers; a compression or a
/// boot protocol that is not known); changed; io. An error inside a layer says in which.
[[nodiscard]] Result<UnwrappedKernel> unwrap_kernel(File file, std::uint64_t max_size);

}  // namespace modproof
