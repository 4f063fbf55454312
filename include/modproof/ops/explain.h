// SPDX-License-Identifier: LGPL-2.1-or-later
// Why a module is or would be refused, and what to do about it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "modproof/base/digest.h"
#include "modproof/base/result.h"
#include "modproof/format/tree_file.h"
#include "modproof/ops/discover.h"
#include "modproof/ops/run_options.h"
#include "modproof/ops/verify.h"

namespace modproof {

/// What is behind a verdict.
enum class Cause : std::uint8_t {
  none,             ///< accepted
  not_attached,     ///< the payload is in the tree, its proof was not attached
  stripped,         ///< debug sections were removed after the tree was made
  signed_after,     ///< a signature was appended after the tree was made
  payload_changed,  ///< other bytes than those the tree was made of
  proof_altered,    ///< the payload is in the tree, its proof was damaged
  proof_of_other,   ///< carries the proof of another module
  stale_module,     ///< carries a proof from another build
  stale_kernel,     ///< fits the tree, but the kernel holds another root
  stale_tree,       ///< fits the kernel, but the tree file is of another build
  foreign,          ///< not a module of this build
  malformed,        ///< its trailer breaks the format
  unknown,          ///< cannot be told without a tree file
};

/// The name of a cause: `none`, `not-attached`, `stripped`, ...
[[nodiscard]] std::string_view name_of(Cause cause) noexcept;

struct Explanation {
  Verdict verdict;
  Cause cause = Cause::none;
  std::vector<std::string> evidence;  ///< clauses for people, the strongest first
  std::string advice;                 ///< what to do; empty where nothing is wrong
  /// Where the payload is one that the tree knows: its position and which form it is.
  std::optional<std::uint32_t> tree_position;
  std::optional<Variant> variant;
};

struct ExplainOptions {
  /// The root of the kernel; the one of the tree file where there is none.
  std::optional<Root> kernel_root;
  /// The tree file; may be empty if there is a kernel root, but then little can be said.
  std::string tree;
  /// Initramfs images whose modules are explained as well, as VerifyOptions has them.
  std::vector<std::string> images;
  std::uint64_t max_initramfs_size = kDefaultMaxInitramfsSize;
};

struct ExplainReport {
  std::optional<Root> kernel_root;   ///< where one was given
  std::optional<Root> tree_root;     ///< where a tree file was given
  std::vector<Explanation> modules;  ///< one a module in the order given, then those in images
  std::vector<Error> errors;         ///< files that could not be read, images that are broken
};

/// Explains each module, then those in each part of each image.
/// Errors: those of reading the tree file; usage (neither root nor tree file); interrupted.
[[nodiscard]] Result<ExplainReport> explain(const std::vector<ModuleFile>& modules,
                                            const ExplainOptions& options, const RunOptions& run);

}  // namespace modproof
