// SPDX-License-Identifier: LGPL-2.1-or-later
// Comparing two builds: which modules differ, in which sections, and what is likely to be the
// cause.
//
// A module is the same in both builds if its payload is: the file without its Merkle trailer. A
// proof follows from the tree, so a build before and after `attach` is the same build.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "modproof/base/digest.h"
#include "modproof/base/result.h"
#include "modproof/format/trailer.h"
#include "modproof/ops/kernel.h"
#include "modproof/ops/run_options.h"

namespace modproof {

/// What one side of a comparison is.
enum class BuildKind : std::uint8_t {
  tree,       ///< a tree file: names and leaves, no bytes
  directory,  ///< a build tree or an installed directory
  module,     ///< one module
  kernel,     ///< a linked kernel, without its modules
  packages,   ///< a package, or all that lie in one directory
};

/// `tree`, `directory`, `module`, `kernel`, `packages`.
[[nodiscard]] std::string_view name_of(BuildKind kind) noexcept;

/// Well-known reasons why two builds differ.
enum class DiffCause : std::uint8_t {
  signature,       ///< signed on one side only, or by different keys
  stripping,       ///< debug sections and symbols were removed on one side
  kernel_version,  ///< vermagic or banner name different kernels
  configuration,   ///< vermagic names different options, or the .config of build trees does
  randstruct,      ///< structures laid out by different random seeds
  source,          ///< the source files of the module differ
  interface,       ///< checksums of symbols used differ (modversions)
  compiler,        ///< made by another compiler or assembler
  flags,           ///< compiled with other options
  pahole,          ///< BTF made by another pahole, or with other options
  btf_order,       ///< the same BTF types in another order
  timestamp,       ///< a date or a time of the build
  builder,         ///< the user or host that built the kernel
  build_number,    ///< how often it was built in one place (KBUILD_BUILD_VERSION)
  build_path,      ///< the directory of the build or of the source
  build_id,        ///< nothing but the build id: what was linked differed in what is not shipped
  root,            ///< the kernel holds another root, so its modules differ
};

/// `signature`, `stripping`, `kernel-version`, ...
[[nodiscard]] std::string_view name_of(DiffCause cause) noexcept;

/// A guess, and what it rests on: a clause for people.
struct DiffGuess {
  DiffCause cause = DiffCause::signature;
  std::string evidence;

  friend bool operator==(const DiffGuess&, const DiffGuess&) = default;
};

/// One section that is not the same on both sides.
struct SectionDifference {
  std::string name;
  std::optional<std::uint64_t> size_a;  ///< bytes; nothing if A has no such section
  std::optional<std::uint64_t> size_b;
  /// Of the first differing byte in the section; the smaller size where one is a prefix of the
  /// other. Only where both files have contents for the section.
  std::optional<std::uint64_t> offset;
  /// What differs, for sections whose contents people can read: lines that start with `- ` (A) or
  /// `+ ` (B), or a clause.
  std::vector<std::string> lines;
};

/// All `.debug_*` sections that differ, in one.
struct DebugDifference {
  std::size_t sections = 0;
  std::uint64_t size_a = 0;  ///< bytes of all that differ
  std::uint64_t size_b = 0;
};

/// How two files differ.
struct FileDifference {
  std::string path_a;
  std::string path_b;
  std::uint64_t size_a = 0;  ///< bytes of the file without any trailer
  std::uint64_t size_b = 0;
  /// The files are the same once signatures and Merkle trailers are taken off.
  bool only_trailers = false;
  /// Two kernel images hold the same kernel, but differ around it. Sizes and `offset` are then
  /// those of the images; with `only_trailers`, no more than their signatures differ.
  bool only_wrapping = false;
  /// One file is the other without debug sections and the symbols that belong to them.
  bool only_stripping = false;
  /// In the order of A's section table, then those that only B has. Empty if one file is no ELF.
  std::vector<SectionDifference> sections;
  DebugDifference debug;
  /// Why there are no sections to compare, as a clause: which file is no readable ELF file, or in
  /// what the images are wrapped.
  std::string unreadable;
  /// Where no section differs: the first byte of the files that does (headers, padding).
  std::optional<std::uint64_t> offset;
  std::vector<DiffGuess> guesses;  ///< in the order of DiffCause
};

/// A module that both builds have.
struct ModulePair {
  std::string name;    ///< in A
  std::string name_b;  ///< differs from `name` if the module was renamed
  std::uint32_t position_a = 0;
  std::uint32_t position_b = 0;
  bool moved = false;  ///< stands in another order among the modules that both builds have
  /// Nothing if it cannot be told: two tree files that have the module at different positions.
  std::optional<bool> same;
  TrailerKind trailer_a = TrailerKind::none;
  TrailerKind trailer_b = TrailerKind::none;
  /// How they differ, where both builds hold the bytes.
  std::optional<FileDifference> difference;
};

/// A module that only one build has.
struct LoneModule {
  std::string name;
  std::uint32_t position = 0;
};

/// One side.
struct BuildSide {
  std::string path;
  BuildKind kind = BuildKind::directory;
  std::size_t modules = 0;
  /// Of the tree over the modules as they are; of a kernel, the one that it holds. Nothing if that
  /// cannot be told.
  std::optional<Root> root;
  /// The leaves by position, where the root is over them; else empty.
  std::vector<Digest> leaves;
  std::string kernel;  ///< path of the vmlinux; empty if the build has none
};

/// What counts as different.
struct DiffOptions {
  /// Modules that differ in trailers only count as the same.
  bool ignore_signatures = false;
};

struct DiffReport {
  BuildSide a;
  BuildSide b;
  std::vector<ModulePair> pairs;         ///< in the order of A
  std::vector<LoneModule> gone;          ///< only in A, in its order
  std::vector<LoneModule> added;         ///< only in B, in its order
  bool kernels_compared = false;         ///< both sides have one, of kinds that can be compared
  std::string kernels_incomparable;      ///< why two kernels that are there were not compared
  std::optional<FileDifference> kernel;  ///< where they differ
  std::vector<Error> errors;             ///< modules that could not be read, those of A first

  /// Both sides have a root, and it is the same.
  [[nodiscard]] bool same_root() const { return a.root && b.root && *a.root == *b.root; }
};

/// True if `pair` is not the same in both builds, as far as `options` care.
[[nodiscard]] bool is_different(const ModulePair& pair, const DiffOptions& options);

/// True if the kernels were compared and are not the same, as far as `options` care.
[[nodiscard]] bool is_kernel_different(const DiffReport& report, const DiffOptions& options);

/// True if the builds are the same: no module is added, gone, renamed, moved or different, the
/// kernels are the same and no two roots differ. With ignore_signatures roots, the root section of
/// kernels and the signature of kernel images do not count where all that differs in modules is
/// trailers.
[[nodiscard]] bool is_same(const DiffReport& report, const DiffOptions& options);

/// Compares the builds at `a` and `b`: each a tree file, a directory, a module, a kernel image, a
/// package or a directory of packages. Modules of packages are kept in a temporary file without a
/// name in $TMPDIR (or /tmp) while they are compared, and so is what a kernel image decompresses
/// to. Errors: io; malformed (of no kind that is known; broken); duplicate (two modules of one
/// kernel name); usage (a kernel and a module, which have nothing to compare); unsupported (an
/// initramfs; a kernel that is larger than `kernel` allows; a raw image and an ELF file);
/// interrupted. Modules that cannot be read are errors in the report.
[[nodiscard]] Result<DiffReport> diff(const std::string& a, const std::string& b,
                                      const KernelOptions& kernel, const RunOptions& run);

}  // namespace modproof
