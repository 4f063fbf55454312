// SPDX-License-Identifier: LGPL-2.1-or-later
// Checking modules as the kernel would, and saying what is wrong with those that it would refuse.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "modproof/base/digest.h"
#include "modproof/base/result.h"
#include "modproof/ops/discover.h"
#include "modproof/ops/run_options.h"

namespace modproof {

/// Why a module is accepted or refused. docs/verify.md describes each for users.
enum class Reason : std::uint8_t {
  accepted,           ///< its proof leads to the root
  no_trailer,         ///< the file ends without any trailer
  other_signature,    ///< a trailer, but with a signature instead of a proof
  malformed_trailer,  ///< a trailer that breaks the format
  proof_length,       ///< not one sibling for each level of the root
  position_outside,   ///< no leaf of the tree stands at this position
  payload_changed,    ///< the proof is right for its position, the payload is not
  proof_altered,      ///< the payload is right, its proof is not
  other_root,         ///< the proof leads to another root; without a tree, nothing more is known
  not_in_tree,        ///< the proof leads to another root, and the tree has no such module
  missing,            ///< listed in the tree, but no such file
};

/// The name of a reason: `accepted`, `no-trailer`, `other-signature`, ...
[[nodiscard]] std::string_view name_of(Reason reason) noexcept;

/// What the kernel would say to one module.
struct Verdict {
  std::string path;  ///< empty for `missing`
  std::string name;  ///< of the module
  Reason reason = Reason::accepted;
  std::string detail;                     ///< a clause for people; empty where accepted
  std::optional<std::uint64_t> offset;    ///< in the file, where one byte is to blame
  std::optional<std::uint32_t> position;  ///< that the proof claims
  std::optional<Root> leads_to;           ///< where a proof could be followed
  std::optional<std::uint32_t> level;     ///< the lowest level at which proof and tree part
};

/// The most bytes that a part of an initramfs may decompress to unless more is asked for.
inline constexpr std::uint64_t kDefaultMaxInitramfsSize = std::uint64_t{4} << 30U;

struct VerifyOptions {
  /// The root that modules have to lead to; where there is none, that of the tree file.
  std::optional<Root> root;
  /// A tree file that says more about what is wrong; empty if there is none, but then there has to
  /// be a root.
  std::string tree;
  /// Reports modules of the tree that are not among those given. Needs `tree`.
  bool report_missing = false;
  /// Initramfs images whose modules are checked as well. What is decompressed goes to temporary
  /// files without a name in $TMPDIR (or /tmp).
  std::vector<std::string> images;
  std::uint64_t max_initramfs_size = kDefaultMaxInitramfsSize;
};

struct VerifyReport {
  /// The root that modules had to lead to.
  Root root;
  /// One a module in the order given, then those that are missing in the order of the tree, then
  /// one a module in the images, whose path is `IMAGE:NAME IN IT`.
  std::vector<Verdict> verdicts;
  /// Files that could not be checked at all, in the order given; they have no verdict. An image
  /// that is broken is one of them; what was checked in it before has its verdict.
  std::vector<Error> errors;
};

/// Checks every module, then those in each part of each image; never stops at the first that fails.
/// Errors: those of reading the tree file; usage (neither root nor tree file); interrupted.
[[nodiscard]] Result<VerifyReport> verify(const std::vector<ModuleFile>& modules,
                                          const VerifyOptions& options, const RunOptions& run);

/// True if the file `path` starts like an initramfs: with a cpio archive, plain or compressed.
/// False if it cannot be opened or is no regular file. Errors: io; changed.
[[nodiscard]] Result<bool> is_initramfs_file(const std::string& path);

struct FixOptions {
  /// The most bytes that a part of the initramfs may decompress to.
  std::uint64_t max_size = kDefaultMaxInitramfsSize;
  /// Waits until the new image is on the disk before it takes its place.
  bool sync = true;
};

/// Writes the initramfs `path` as `output`, with a proof from the tree file `tree` behind each
/// module that carries no proof and whose payload, with the signature that may end it, is in the
/// tree. Everything else stays: order, metadata, zeros, parts, and the bytes of compressed parts in
/// which nothing changes; others, and compressed modules that get a proof, are compressed again as
/// they were. The same input gives the same bytes. `output` is replaced as a whole or not at all,
/// and gets owner, mode and extended attributes of `path`, under another name as far as it can have
/// them. Gives the paths of the modules that have got a proof. Errors: those of reading the tree
/// file and of visiting the initramfs; io; changed; interrupted.
[[nodiscard]] Result<std::vector<std::string>> fix_initramfs(const std::string& path,
                                                             const std::string& tree,
                                                             const std::string& output,
                                                             const FixOptions& options,
                                                             const RunOptions& run);

}  // namespace modproof
