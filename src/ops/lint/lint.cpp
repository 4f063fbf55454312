// SPDX-License-Identifier: LGPL-2.1-or-later
#include "modproof/ops/lint.h"

#include <algorithm>
#include <numeric>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include <fmt/core.h>

#include "base/file.h"
#include "base/try.h"
#include "ops/lint/input.h"
#include "ops/module_contents.h"

namespace modproof {
namespace {

Status check_allowed(const std::vector<std::string>& allow) {
  const std::vector<LintRule> rules = lint_rules();
  for (const std::string& id : allow) {
    if (std::none_of(rules.begin(), rules.end(),
                     [&](const LintRule& rule) { return rule.id == id; })) {
      return fail(ErrorKind::usage, {}, fmt::format("there is no rule {}", printable(id)));
    }
  }
  return {};
}

Result<Kconfig> read_config(const std::string& path) {
  // The kernel gives its own as /proc/config.gz. Compressed is what modules may be, too.
  MODPROOF_ASSIGN(contents, ModuleContents::open(path, kKconfigLimit));
  const File& file = contents.file();
  if (file.size() > kKconfigLimit) {
    return fail(ErrorKind::unsupported, path, "too large for the configuration of a kernel");
  }
  ByteVector bytes(static_cast<std::size_t>(file.size()));
  MODPROOF_TRY(file.read_at(0, bytes));
  MODPROOF_TRY(contents.stored().check_unchanged());
  auto config = parse_kconfig(bytes);
  if (!config) {
    config.error().path = path;
  }
  return config;
}

}  // namespace

const char* name_of(Severity severity) noexcept {
  return severity == Severity::error ? "error" : "warning";
}

std::size_t LintReport::count(Severity severity) const {
  return static_cast<std::size_t>(
      std::count_if(findings.begin(), findings.end(),
                    [&](const LintFinding& finding) { return finding.severity == severity; }));
}

std::vector<LintRule> lint_rules() {
  std::vector<LintRule> rules;
  for (const auto table : {config_rules(), tree_rules()}) {
    for (const LintRuleEntry& entry : table) {
      rules.push_back(entry.rule);
    }
  }
  return rules;
}

Result<LintReport> lint(const std::string& config, const LintOptions& options) {
  MODPROOF_TRY(check_allowed(options.allow));
  LintInput input;
  input.path = config;
  MODPROOF_ASSIGN(symbols, read_config(config));
  input.config = std::move(symbols);
  LintReport report;
  if (!options.build_tree.empty()) {
    MODPROOF_ASSIGN(tree, read_lint_tree(options.build_tree));
    report.record = tree.record;
    input.tree = std::move(tree);
  }
  for (const auto table : {config_rules(), tree_rules()}) {
    for (const LintRuleEntry& entry : table) {
      if (std::find(options.allow.begin(), options.allow.end(), entry.rule.id) ==
          options.allow.end()) {
        LintSink sink(entry.rule.id, config, report.findings);
        entry.apply(input, sink);
      }
    }
  }
  const auto place = [&](const LintFinding& finding) {
    return std::make_tuple(finding.path != config, std::string_view(finding.path), finding.line);
  };
  // By index, which keeps the order of the rules within a line. libstdc++ 12 has stable_sort on top
  // of something that clang calls deprecated.
  std::vector<LintFinding> found = std::exchange(report.findings, {});
  std::vector<std::size_t> order(found.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return std::make_tuple(place(found[a]), a) < std::make_tuple(place(found[b]), b);
  });
  for (const std::size_t index : order) {
    report.findings.push_back(std::move(found[index]));
  }
  return report;
}

}  // namespace modproof
