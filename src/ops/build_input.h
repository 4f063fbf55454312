// SPDX-License-Identifier: LGPL-2.1-or-later
// One side of a comparison: something that knows the modules of a build and their leaves.
//
//     tree file    names and leaves as they were stored; no bytes to look at
//     directory    modules as files: hashed when asked, opened when they differ
//     module       the same with one file
//     kernel       no modules; maybe a root, and the bytes of the kernel image
//     packages     modules, and maybe a kernel image, out of one package or several of one version
//
// Whoever compares sees this interface only. Another kind of input is another class and a line in
// open_build().
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "modproof/base/digest.h"
#include "modproof/base/result.h"
#include "modproof/format/trailer.h"
#include "modproof/format/tree_file.h"
#include "modproof/ops/diff.h"
#include "modproof/ops/discover.h"
#include "modproof/ops/kernel.h"
#include "modproof/ops/run_options.h"

#include "base/file.h"
#include "ops/kernel_contents.h"

namespace modproof {

/// A leaf that is wanted of module `module`.
struct LeafRequest {
  std::size_t module = 0;
  /// Position to hash for. Where the other side has several variants, the one among `variants` with
  /// the payload size of this module decides: its place is added to the position.
  std::uint32_t position = 0;
  std::span<const Leaf> variants;
};

/// The position that `request` is for where the payload has `payload_size` bytes.
[[nodiscard]] std::uint32_t position_for(const LeafRequest& request, std::uint64_t payload_size);

/// What is known of a module.
struct LeafAnswer {
  std::uint64_t payload_size = 0;
  std::uint32_t position = 0;  ///< that the leaf is of
  std::optional<Digest> leaf;  ///< nothing: not known for the position wanted
  TrailerKind trailer = TrailerKind::none;
  std::optional<Error> error;  ///< the module could not be read
};

class BuildInput {
 public:
  virtual ~BuildInput() = default;

  [[nodiscard]] virtual BuildKind kind() const = 0;

  /// Names of the modules, in the order of the tree.
  [[nodiscard]] virtual const std::vector<std::string>& names() const = 0;

  /// The position of the first leaf of module `index` in the build's own tree.
  [[nodiscard]] virtual std::uint32_t position(std::size_t index) const = 0;

  /// The leaves of module `index`, one for each variant, where they are stored; else nothing.
  [[nodiscard]] virtual std::span<const Leaf> stored_leaves(std::size_t index) const = 0;

  /// Answers each request, in their order. Errors: interrupted.
  [[nodiscard]] virtual Result<std::vector<LeafAnswer>> leaves(
      std::span<const LeafRequest> requests, const RunOptions& run) = 0;

  /// Opens module `index`; nothing where its bytes are not at hand.
  /// Errors: io.
  [[nodiscard]] virtual Result<std::optional<File>> open(std::size_t index) const = 0;

  /// The root that the build itself holds; nothing if it follows from leaves() only.
  [[nodiscard]] virtual std::optional<Root> stored_root() const = 0;

  /// The path of the kernel image; empty if there is none.
  [[nodiscard]] virtual const std::string& kernel() const = 0;

  /// The kernel image, which is there; to be called once.
  /// Errors: those of KernelContents::open(); io.
  [[nodiscard]] virtual Result<KernelContents> take_kernel() = 0;
};

/// The modules of a directory: of a build tree those that its modules.order lists, of the top of a
/// system (an unpacked package, a mounted image) with one kernel version its installed ones, else
/// all in it.
/// Errors: those of modules_of_order(), installed_versions(), modules_directory() and
/// modules_in_directory(); duplicate.
[[nodiscard]] Result<std::vector<ModuleFile>> modules_of_build(const std::string& directory);

/// Tells by its contents what `path` is. A directory without modules and vmlinux stands for the
/// packages in it.
/// Errors: io; malformed (of no kind that is known; or of one, but broken); unsupported
/// (an initramfs; a kernel that is larger than it may be); missing (a directory with neither
/// modules nor vmlinux nor packages); duplicate; those of open_packages().
[[nodiscard]] Result<std::unique_ptr<BuildInput>> open_build(const std::string& path,
                                                             const KernelOptions& kernel,
                                                             const RunOptions& run);

}  // namespace modproof
