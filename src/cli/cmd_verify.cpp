// SPDX-License-Identifier: LGPL-2.1-or-later
// modproof verify: check modules as the kernel would.
#include <fmt/core.h>

#include "modproof/format/root_text.h"
#include "modproof/ops/verify.h"

#include "cli/command.h"
#include "cli/module_arguments.h"
#include "cli/output.h"
#include "cli/root_arguments.h"
#include "cli/run_arguments.h"
#include "cli/text.h"
#include "cli/verdict.h"

namespace modproof::cli {
namespace {

class VerifyCommand : public Command {
 public:
  void configure(CLI::App& app) override {
    app.add_flag("--allow-missing", allow_missing_, "modules of the tree may be absent");
    run_.configure(app);
    root_.configure(app);
    modules_.configure(app, ModuleArguments::Default::installed);
    output_.configure(app, "verify");
  }

  Exit run() override {
    const auto installed = modules_.installed();
    if (!installed) {
      return output_.fail_with(installed.error());
    }
    const auto root =
        *installed ? root_.kernel_of(**installed, output_) : root_.kernel_or_running();
    if (!root) {
      return output_.fail_with(root.error());
    }
    const auto modules =
        *installed ? ModuleArguments::modules_in(**installed, output_) : modules_.modules(output_);
    if (!modules) {
      return output_.fail_with(modules.error());
    }
    const auto report =
        verify(modules->modules,
               {.root = *root ? std::optional((*root)->root) : std::nullopt,
                .tree = root_.tree(),
                .report_missing = modules->directories && !root_.tree().empty() && !allow_missing_},
               run_.options(output_));
    if (!report) {
      return output_.fail_with(report.error());
    }
    if (report->verdicts.empty() && report->errors.empty() && report->root.levels != 0) {
      // A mistyped path must not look like a tree without a fault.
      return output_.fail_with({.kind = ErrorKind::missing,
                                .message = "no module to verify was found",
                                .path = {},
                                .offset = {}});
    }
    // What the user did not say has to be said.
    if (*installed && ((*installed)->chosen || (*root && (*root)->found))) {
      directory_ = (*installed)->directory;
    }
    return finish(*root ? (*root)->source : root_.tree(), *report);
  }

 private:
  Exit finish(const std::string& source, const VerifyReport& report) {
    Json list = Json::array();
    std::size_t accepted = 0;
    std::size_t missing = 0;
    for (const Verdict& verdict : report.verdicts) {
      list.push_back(document_of(verdict));
      accepted += verdict.reason == Reason::accepted ? 1 : 0;
      missing += verdict.reason == Reason::missing ? 1 : 0;
      if (verdict.reason != Reason::accepted || output_.verbose()) {
        output_.line(line_of(verdict, output_));
      }
    }
    for (const Error& error : report.errors) {
      output_.error(error);
    }
    const std::size_t refused = report.verdicts.size() - accepted - missing;
    const std::size_t checked = accepted + refused + report.errors.size();
    if (!output_.quiet()) {
      std::string summary = fmt::format("{}: {} accepted, {} refused", count_of(checked, "module"),
                                        accepted, refused);
      if (missing > 0) {
        summary += fmt::format(", {} missing", missing);
      }
      if (!report.errors.empty()) {
        summary += fmt::format(", {} not checked", report.errors.size());
      }
      const std::string modules =
          directory_.empty() ? "" : fmt::format("; modules in {}", printable(directory_));
      output_.line(fmt::format("{} (root {} of {}{})", summary, to_text(report.root),
                               printable(source), modules));
    }
    Json& json = output_.document();
    json["root"] = to_text(report.root);
    json["root_source"] = source;
    if (!directory_.empty()) {
      json["modules_directory"] = directory_;
    }
    json["counts"] = {{"accepted", accepted},
                      {"refused", refused},
                      {"missing", missing},
                      {"not_checked", report.errors.size()}};
    json["modules"] = std::move(list);
    return output_.finish(refused + missing == 0 ? Exit::well : Exit::refused);
  }

  bool allow_missing_ = false;
  std::string directory_;  ///< with the modules, where it was chosen for the user
  ModuleArguments modules_;
  RootArguments root_;
  RunArguments run_;
  Output output_;
};

}  // namespace

std::unique_ptr<Command> make_verify_command() { return std::make_unique<VerifyCommand>(); }

}  // namespace modproof::cli
