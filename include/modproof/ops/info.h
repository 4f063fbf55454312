// SPDX-License-Identifier: LGPL-2.1-or-later
// What a file is and holds.
#pragma once

#include <cstdint>
#include <numeric>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "modproof/base/result.h"
#include "modproof/format/pkcs7_signer.h"
#include "modproof/format/trailer.h"
#include "modproof/format/tree_file.h"
#include "modproof/ops/kernel.h"
#include "modproof/ops/package.h"
#include "modproof/ops/run_options.h"
#include "modproof/ops/verify.h"

namespace modproof {

struct ModuleInfo {
  std::string name;             ///< from the name of the file
  std::uint64_t file_size = 0;  ///< bytes, as it is stored
  /// `gzip`, `xz` or `zstd`; empty for a plain file. All that follows is of the module inside.
  std::string compression;
  Trailer trailer;
  std::optional<std::string> machine;  ///< nothing if the payload is no ELF file
  bool debug_sections = false;         ///< has a section .debug_*
  /// Where there is a proof: the leaf at its position, and the root it leads to.
  std::optional<Digest> leaf;
  std::optional<Root> leads_to;
  /// Where the payload below a proof ends in a trailer of its own: that trailer.
  std::optional<Trailer> inner;
  /// Where either trailer holds a PKCS#7 signature: who signed, or why that cannot be told. The
  /// payload does not depend on it, so it is no error of inspect(). Also the error of a trailer
  /// below a proof that is malformed.
  std::optional<Result<Pkcs7Signer>> signer;
};

struct TreeInfo {
  TreeFile tree;
  bool manifest = false;  ///< the file is a manifest, which holds a tree
};

/// A plain archive in an initramfs, or a compressed stream of archives.
struct InitramfsPart {
  std::uint64_t offset = 0;   ///< in the image
  std::uint64_t size = 0;     ///< bytes in the image, without zeros behind it
  std::string compression;    ///< `gzip`, `xz`, `zstd`, ...; empty for a plain archive
  std::uint64_t entries = 0;  ///< files, directories, links: all but the ends of archives
  std::uint64_t modules = 0;  ///< files that are called like a module
};

struct InitramfsInfo {
  std::uint64_t file_size = 0;
  std::vector<InitramfsPart> parts;  ///< in their order
  std::uint64_t with_proof = 0;      ///< modules that carry a proof
  std::uint64_t with_signature = 0;  ///< modules that carry a signature instead
  /// The versions for which there is a directory lib/modules/VERSION, sorted.
  std::vector<std::string> kernel_versions;
  /// Modules that could not be read, or whose trailer is malformed: neither of the two above.
  std::vector<Error> errors;

  [[nodiscard]] std::uint64_t modules() const noexcept {
    return std::accumulate(
        parts.begin(), parts.end(), std::uint64_t{0},
        [](std::uint64_t sum, const InitramfsPart& part) { return sum + part.modules; });
  }
};

using FileInfo = std::variant<ModuleInfo, KernelDescription, TreeInfo, InitramfsInfo, PackageInfo>;

struct InfoOptions {
  KernelOptions kernel;
  std::uint64_t max_module_size = kDefaultMaxModuleSize;
  /// The most bytes that a part of an initramfs may decompress to.
  std::uint64_t max_initramfs_size = kDefaultMaxInitramfsSize;
  /// Where set, ends the reading of a package, with ErrorKind::interrupted.
  const Cancel* cancel = nullptr;
};

/// Looks at the contents of `path`, never at its name, to tell what it is.
/// Errors: io; malformed (of no kind that is known; or of one, but broken); unsupported; changed.
[[nodiscard]] Result<FileInfo> inspect(const std::string& path, const InfoOptions& options = {});

}  // namespace modproof
