// SPDX-License-Identifier: LGPL-2.1-or-later
// modproof lint: what in a kernel configuration keeps a build from being the same again.
#include <fmt/core.h>

#include "modproof/ops/lint.h"

#include "cli/command.h"
#include "cli/output.h"
#include "cli/text.h"

namespace modproof::cli {
namespace {

class LintCommand : public Command {
 public:
  void configure(CLI::App& app) override {
    app.add_option("CONFIG", config_, "configuration of a kernel (.config)")->type_name("");
    app.add_option("--build-tree", options_.build_tree, "look at this build tree, too")
        ->type_name("DIR");
    app.add_option("--allow", options_.allow, "leave out the rule ID; may be repeated")
        ->type_name("ID")
        ->allow_extra_args(false);
    app.add_flag("--strict", strict_, "exit status 1 for warnings, too");
    app.add_flag("--list-rules", list_, "list all rules and exit");
    output_.configure(app, "lint");
  }

  Exit run() override {
    if (list_) {
      list_rules();
      return output_.finish(Exit::well);
    }
    if (config_.empty()) {
      return output_.fail_with({.kind = ErrorKind::usage,
                                .message = "name the configuration of a kernel",
                                .path = {},
                                .offset = {}});
    }
    const auto report = lint(config_, options_);
    if (!report) {
      return output_.fail_with(report.error());
    }
    show_findings(*report);
    show_record(report->record);
    const std::size_t errors = report->count(Severity::error);
    const std::size_t warnings = report->count(Severity::warning);
    if (!output_.quiet()) {
      output_.line(fmt::format("{}: {}, {}", printable(config_), count_of(errors, "error"),
                               count_of(warnings, "warning")));
    }
    output_.document()["counts"] = {{"error", errors}, {"warning", warnings}};
    return output_.finish(errors > 0 || (strict_ && warnings > 0) ? Exit::refused : Exit::well);
  }

 private:
  void list_rules() {
    Json rules = Json::array();
    for (const LintRule& rule : lint_rules()) {
      output_.line(fmt::format("{:<22} {}", rule.id, rule.summary));
      rules.push_back({{"id", rule.id}, {"summary", rule.summary}});
    }
    output_.document()["rules"] = std::move(rules);
  }

  void show_findings(const LintReport& report) {
    Json findings = Json::array();
    for (const LintFinding& finding : report.findings) {
      const bool bad = finding.severity == Severity::error;
      if (bad || strict_ || !output_.quiet()) {
        output_.line(
            fmt::format("{}{}: {}: {} [{}]", printable(finding.path),
                        finding.line == 0 ? "" : fmt::format(":{}", finding.line),
                        output_.paint(bad ? Paint::bad : Paint::dim, name_of(finding.severity)),
                        finding.reason, finding.id));
        output_.line("  fix: " + finding.fix);
      }
      Json entry = {
          {"id", finding.id}, {"severity", name_of(finding.severity)}, {"path", finding.path}};
      if (finding.line != 0) {
        entry["line"] = finding.line;
      }
      entry["reason"] = finding.reason;
      entry["fix"] = finding.fix;
      findings.push_back(std::move(entry));
    }
    output_.document()["findings"] = std::move(findings);
  }

  /// What a rebuild has to have in its environment.
  void show_record(const BuildRecord& record) {
    if (record == BuildRecord{}) {
      return;
    }
    if (!output_.quiet()) {
      output_.line("a rebuild has to say the same as the kernel in this tree:");
    }
    Json json = Json::object();
    for (const auto& [variable, value] : {std::pair{"KBUILD_BUILD_TIMESTAMP", record.timestamp},
                                          std::pair{"KBUILD_BUILD_VERSION", record.version},
                                          std::pair{"KBUILD_BUILD_USER", record.user},
                                          std::pair{"KBUILD_BUILD_HOST", record.host}}) {
      if (!value.empty()) {
        json[variable] = value;
        if (!output_.quiet()) {
          output_.line(fmt::format("  {}={}", variable, printable(value)));
        }
      }
    }
    output_.document()["recorded"] = std::move(json);
  }

  std::string config_;
  LintOptions options_;
  bool strict_ = false;
  bool list_ = false;
  Output output_;
};

}  // namespace

std::unique_ptr<Command> make_lint_command() { return std::make_unique<LintCommand>(); }

}  // namespace modproof::cli
