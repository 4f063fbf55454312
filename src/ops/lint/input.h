// SPDX-License-Identifier: LGPL-2.1-or-later
// What the rules of lint look at, and where they put what they find. A rule is a function in
// rules.cpp or tree.cpp and one line in the table of that file.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "modproof/ops/lint.h"

#include "format/kconfig.h"

namespace modproof {

/// A build tree, as far as rules need it.
struct LintTree {
  std::string path;
  /// include/config/auto.conf, which the tree was built with; nothing if it is not there.
  std::optional<std::map<std::string, std::string, std::less<>>> auto_conf;
  std::string version_header;  ///< path of the header that UTS_VERSION is in; empty if in none
  BuildRecord record;

  [[nodiscard]] std::string inside(std::string_view name) const {
    return path + "/" + std::string(name);
  }
};

struct LintInput {
  std::string path;  ///< of the configuration
  Kconfig config;
  std::optional<LintTree> tree;
};

/// Takes the findings of one rule.
class LintSink {
 public:
  LintSink(std::string_view id, std::string path, std::vector<LintFinding>& findings)
      : id_(id), path_(std::move(path)), findings_(findings) {}

  /// About the setting `entry`; without one, about the configuration as a whole.
  void at(const KconfigEntry* entry, Severity severity, std::string reason, std::string fix) {
    findings_.push_back({id_, severity, path_, entry == nullptr ? 0 : entry->line,
                         std::move(reason), std::move(fix)});
  }

  /// About another file.
  void in(std::string path, Severity severity, std::string reason, std::string fix) {
    findings_.push_back({id_, severity, std::move(path), 0, std::move(reason), std::move(fix)});
  }

 private:
  std::string_view id_;
  std::string path_;
  std::vector<LintFinding>& findings_;
};

struct LintRuleEntry {
  LintRule rule;
  void (*apply)(const LintInput& input, LintSink& sink);
};

/// Rules about the configuration.
[[nodiscard]] std::span<const LintRuleEntry> config_rules();

/// Rules about the build tree; they find nothing without one.
[[nodiscard]] std::span<const LintRuleEntry> tree_rules();

/// Reads what rules need of the build tree at `path`. Errors: as lint().
[[nodiscard]] Result<LintTree> read_lint_tree(const std::string& path);

/// The KBUILD_BUILD_VERSION and KBUILD_BUILD_TIMESTAMP of `#1 SMP PREEMPT_DYNAMIC Thu Jan ...`, put
/// into `record`.
void read_uts_version(std::string_view text, BuildRecord& record);

}  // namespace modproof
