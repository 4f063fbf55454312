// SPDX-License-Identifier: LGPL-2.1-or-later
// modproof explain: why a module is or would be refused.
#include <fmt/core.h>

#include "modproof/format/root_text.h"
#include "modproof/ops/explain.h"

#include "cli/command.h"
#include "cli/module_arguments.h"
#include "cli/output.h"
#include "cli/package_report.h"
#include "cli/root_arguments.h"
#include "cli/run_arguments.h"
#include "cli/verdict.h"

namespace modproof::cli {
namespace {

class ExplainCommand : public Command {
 public:
  void configure(CLI::App& app) override {
    configure_max_module_size(app, max_module_size_);
    configure_max_initramfs_size(app, max_initramfs_size_);
    root_.configure(app);
    modules_.configure(app, ModuleArguments::Default::refuse);
    output_.configure(app, "explain");
  }

  Exit run() override {
    const auto packages = modules_.packages();
    if (!packages) {
      return output_.fail_with(packages.error());
    }
    if (!packages->empty()) {
      return run_on(*packages);
    }
    const auto installed = modules_.installed();
    if (!installed) {
      return output_.fail_with(installed.error());
    }
    const auto root =
        *installed ? root_.kernel_of(**installed, output_) : root_.kernel_or_running();
    if (!root) {
      return output_.fail_with(modules_.unless_mistyped(root.error()));
    }
    ExplainOptions options{.kernel_root = *root ? std::optional((*root)->root) : std::nullopt,
                           .tree = root_.tree(),
                           .images = {},
                           .max_initramfs_size = max_initramfs_size_};
    RunOptions run = RunArguments().options(output_);
    run.max_module_size = max_module_size_;
    const auto modules = *installed ? ModuleArguments::modules_in(**installed, output_, run)
                                    : modules_.modules(output_, run, &options.images);
    if (!modules) {
      return output_.fail_with(modules.error());
    }
    const auto report = explain(modules->modules, options, run);
    if (!report) {
      return output_.fail_with(report.error());
    }
    // What the user did not say has to be said.
    if (*root && (*root)->found) {
      found_root_ = (*root)->source;
    }
    if (*root) {
      output_.document()["root_source"] = (*root)->source;
    }
    return finish(*report, modules->directories || !options.images.empty(), options.images);
  }

 private:
  /// `many`: the modules were not named one by one.
  Exit finish(const ExplainReport& report, bool many, const std::vector<std::string>& images) {
    Json& json = output_.document();
    if (report.kernel_root) {
      json["kernel_root"] = to_text(*report.kernel_root);
    }
    if (report.tree_root) {
      json["tree_root"] = to_text(*report.tree_root);
    }
    Json list = Json::array();
    const Counts counts = print(report, images, list);
    if (many && !output_.quiet()) {
      output_.line(found_root_.empty()
                       ? summary_of(counts)
                       : fmt::format("{} (root {} of {})", summary_of(counts),
                                     to_text(*report.kernel_root), printable(found_root_)));
    }
    json["counts"] = cli::document_of(counts);
    json["modules"] = std::move(list);
    return output_.finish(counts.refused == 0 ? Exit::well : Exit::refused);
  }

  Exit run_on(const std::vector<std::string>& packages) {
    const auto root = root_.kernel();
    if (!root) {
      return output_.fail_with(root.error());
    }
    RunOptions run = RunArguments().options(output_);
    run.max_module_size = max_module_size_;
    const auto explained = explain_packages(packages, package_options(root_, *root, false), run);
    if (!explained) {
      return output_.fail_with(explained.error());
    }
    Json& json = output_.document();
    json["kernels"] = Json::array();
    Json list = Json::array();
    Counts all;
    for (const ExplainedVersion& version : explained->versions) {
      if (version.report.tree_root) {
        json["tree_root"] = to_text(*version.report.tree_root);
      }
      const Counts counts = print(version.report, {}, list);
      report_version(version.root, *root ? (*root)->source : root_.tree(), counts, output_);
      all += counts;
    }
    json["modules"] = std::move(list);
    return finish_packages(explained->notes, all, !explained->versions.empty(), output_);
  }

  /// Prints explanations and errors, and adds explanations to `list` for JSON.
  Counts print(const ExplainReport& report, const std::vector<std::string>& images, Json& list) {
    if (report.kernel_root && report.tree_root && *report.kernel_root != *report.tree_root) {
      output_.line(fmt::format("kernel and tree are of different builds: {} and {}",
                               to_text(*report.kernel_root), to_text(*report.tree_root)));
    }
    Counts counts;
    for (const Explanation& explanation : report.modules) {
      count(explanation.verdict.reason, counts);
      print(explanation);
      if (output_.json()) {
        list.push_back(document_of(explanation));
      }
    }
    for (const Error& error : report.errors) {
      output_.error(error);
    }
    count_errors(report.errors, images, counts);
    return counts;
  }

  void print(const Explanation& explanation) {
    if (output_.quiet() && explanation.cause == Cause::none) {
      return;
    }
    output_.line(line_of(explanation.verdict, output_));
    if (explanation.verdict.level) {
      output_.line(fmt::format("  proof and tree part at level {}", *explanation.verdict.level));
    }
    for (const std::string& clause : explanation.evidence) {
      output_.line("  " + clause);
    }
    if (explanation.cause != Cause::none) {
      output_.line(fmt::format("  cause: {}", name_of(explanation.cause)));
    }
    if (!explanation.advice.empty()) {
      output_.line("  to do: " + explanation.advice);
    }
  }

  static Json document_of(const Explanation& explanation) {
    Json json = cli::document_of(explanation.verdict);
    json["cause"] = name_of(explanation.cause);
    json["evidence"] = explanation.evidence;
    if (!explanation.advice.empty()) {
      json["advice"] = explanation.advice;
    }
    if (explanation.tree_position) {
      json["tree_position"] = *explanation.tree_position;
    }
    if (explanation.variant) {
      json["variant"] = name_of(*explanation.variant);
    }
    return json;
  }

  std::string found_root_;  ///< where the root is from, if the user did not choose it
  std::uint64_t max_module_size_ = kDefaultMaxModuleSize;
  std::uint64_t max_initramfs_size_ = kDefaultMaxInitramfsSize;
  ModuleArguments modules_;
  RootArguments root_;
  Output output_;
};

}  // namespace

std::unique_ptr<Command> make_explain_command() { return std::make_unique<ExplainCommand>(); }

}  // namespace modproof::cli
