// SPDX-License-Identifier: LGPL-2.1-or-later
// What in the configuration of a kernel will keep its build from being the same again, or its
// modules from being authenticated.
//
// A configuration does not show the environment of the build: KBUILD_BUILD_TIMESTAMP and the like,
// KCFLAGS, the tools. What a build tree has recorded of them is in BuildRecord.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "modproof/base/result.h"

namespace modproof {

enum class Severity : std::uint8_t {
  error,    ///< with this configuration it breaks, unless the build does what the fix says
  warning,  ///< it breaks or not, depending on what a configuration does not show
};

/// `error` or `warning`.
[[nodiscard]] const char* name_of(Severity severity) noexcept;

/// One thing that was found.
struct LintFinding {
  std::string_view id;  ///< of the rule; stable, lives forever
  Severity severity = Severity::error;
  std::string path;
  std::size_t line = 0;  ///< from 1; 0 if it is about the file as a whole
  std::string reason;    ///< one sentence
  std::string fix;       ///< one sentence
};

/// What the kernel in a build tree says about how it was built, and every other build has to say,
/// too. Empty where nothing is recorded.
struct BuildRecord {
  std::string version;    ///< KBUILD_BUILD_VERSION
  std::string timestamp;  ///< KBUILD_BUILD_TIMESTAMP, but for how the date is written
  std::string user;       ///< KBUILD_BUILD_USER
  std::string host;       ///< KBUILD_BUILD_HOST

  friend bool operator==(const BuildRecord&, const BuildRecord&) = default;
};

struct LintOptions {
  std::string build_tree;          ///< empty for none
  std::vector<std::string> allow;  ///< ids of rules that are not applied
};

struct LintReport {
  /// Those about the configuration first, then those about the build tree, each by place.
  std::vector<LintFinding> findings;
  BuildRecord record;  ///< empty without a build tree, or before it has built a kernel

  [[nodiscard]] std::size_t count(Severity severity) const;
};

/// A rule, for those who want to know which there are.
struct LintRule {
  std::string_view id;
  std::string_view summary;
};

/// All rules, in the order in which they are documented.
[[nodiscard]] std::vector<LintRule> lint_rules();

/// Applies all rules to the .config at `config`, which may be compressed (gzip, xz, zstd), as
/// /proc/config.gz is. Errors: io, changed; malformed (not a .config, with the offset in the plain
/// text; a broken compressed file); unsupported (larger than 16 MiB); missing (the build tree is no
/// directory, or nothing in it is of a build tree); usage (`allow` names no rule).
[[nodiscard]] Result<LintReport> lint(const std::string& config, const LintOptions& options = {});

}  // namespace modproof
