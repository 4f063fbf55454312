// SPDX-License-Identifier: LGPL-2.1-or-later
// modproof verify: check modules as the kernel would.
#include <fmt/core.h>

#include "modproof/format/module_name.h"
#include "modproof/format/root_text.h"
#include "modproof/ops/verify.h"

#include "base/try.h"
#include "cli/command.h"
#include "cli/module_arguments.h"
#include "cli/output.h"
#include "cli/package_report.h"
#include "cli/root_arguments.h"
#include "cli/run_arguments.h"
#include "cli/text.h"
#include "cli/verdict.h"

namespace modproof::cli {
namespace {

class VerifyCommand : public Command {
 public:
  void configure(CLI::App& app) override {
    auto* allow =
        app.add_flag("--allow-missing", allow_missing_, "modules of the tree may be absent");
    configure_max_initramfs_size(app, max_initramfs_size_);
    auto* fix = app.add_flag("--fix", fix_, "write an initramfs with the proofs that it lost");
    auto* output = app.add_option("-o,--output", output_file_, "what --fix writes")
                       ->type_name("FILE")
                       ->needs(fix);
    fix->needs(output);
    run_.configure(app);
    allow->needs(root_.configure(app));
    fix->needs(app.get_option("--tree"));
    modules_.configure(app, ModuleArguments::Default::installed);
    output_.configure(app, "verify");
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
    if (fix_) {
      if (const auto status = check_image(installed->has_value()); !status) {
        return output_.fail_with(status.error());
      }
    }
    const auto root =
        *installed ? root_.kernel_of(**installed, output_) : root_.kernel_or_running();
    if (!root) {
      return output_.fail_with(*installed ? root.error() : modules_.unless_mistyped(root.error()));
    }
    std::vector<std::string> images;
    const RunOptions run = run_.options(output_);
    const auto modules = *installed ? ModuleArguments::modules_in(**installed, output_, run)
                                    : modules_.modules(output_, run, &images);
    if (!modules) {
      return output_.fail_with(modules.error());
    }
    if (fix_) {
      if (const auto status = write_fixed(images, run); !status) {
        return output_.fail_with(status.error());
      }
    }
    const auto report =
        verify(modules->modules,
               {.root = *root ? std::optional((*root)->root) : std::nullopt,
                .tree = root_.tree(),
                .report_missing = modules->directories && !root_.tree().empty() && !allow_missing_,
                .images = images,
                .max_initramfs_size = max_initramfs_size_},
               run);
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
    return finish(*root ? (*root)->source : root_.tree(), *report, images);
  }

 private:
  Exit run_on(const std::vector<std::string>& packages) {
    if (fix_) {
      return output_.fail_with({.kind = ErrorKind::usage,
                                .message = "--fix needs an initramfs; packages are only read",
                                .path = packages.front(),
                                .offset = {}});
    }
    const auto root = root_.kernel();
    if (!root) {
      return output_.fail_with(root.error());
    }
    const auto report = verify_packages(packages, package_options(root_, *root, !allow_missing_),
                                        run_.options(output_));
    if (!report) {
      return output_.fail_with(report.error());
    }
    return report_packages(*report, *root ? (*root)->source : root_.tree(), output_);
  }

  /// Whether what is named is one initramfs.
  [[nodiscard]] Status check_image(bool installed) const {
    MODPROOF_ASSIGN(names, modules_.names());
    if (installed || names.size() != 1) {
      return fail(ErrorKind::usage, {}, "--fix needs one initramfs and nothing else");
    }
    MODPROOF_ASSIGN(image, is_initramfs_file(names.front()));
    // What is called like a module is one.
    if (!image || module_name_of(names.front())) {
      return std::unexpected(modules_.unless_mistyped({.kind = ErrorKind::usage,
                                                       .message = "--fix needs an initramfs",
                                                       .path = names.front(),
                                                       .offset = {}}));
    }
    return {};
  }

  /// Writes the fixed image, which is from now on what is verified.
  Status write_fixed(std::vector<std::string>& images, const RunOptions& run) {
    MODPROOF_ASSIGN(fixed, fix_initramfs(images.front(), root_.tree(), output_file_,
                                         {.max_size = max_initramfs_size_}, run));
    Json list = Json::array();
    for (const std::string& path : fixed) {
      list.push_back(path);
      if (output_.verbose()) {
        output_.line(fmt::format("{}: attached", printable(path)));
      }
    }
    if (!output_.quiet()) {
      output_.line(fmt::format("{}: {} attached again", printable(output_file_),
                               count_of(fixed.size(), "proof")));
    }
    output_.document()["attached"] = std::move(list);
    images = {output_file_};
    return {};
  }

  Exit finish(const std::string& source, const VerifyReport& report,
              const std::vector<std::string>& images) {
    Json list = Json::array();
    Counts counts;
    for (const Verdict& verdict : report.verdicts) {
      if (output_.json()) {
        list.push_back(document_of(verdict));
      }
      count(verdict.reason, counts);
      if (verdict.reason != Reason::accepted || output_.verbose()) {
        output_.line(line_of(verdict, output_));
      }
    }
    for (const Error& error : report.errors) {
      output_.error(error);
    }
    count_errors(report.errors, images, counts);
    if (!output_.quiet()) {
      const std::string modules =
          directory_.empty() ? "" : fmt::format("; modules in {}", printable(directory_));
      output_.line(fmt::format("{} (root {} of {}{})", summary_of(counts), to_text(report.root),
                               printable(source), modules));
    }
    Json& json = output_.document();
    json["root"] = to_text(report.root);
    json["root_source"] = source;
    if (!directory_.empty()) {
      json["modules_directory"] = directory_;
    }
    json["counts"] = document_of(counts);
    json["modules"] = std::move(list);
    return output_.finish(counts.refused + counts.missing == 0 ? Exit::well : Exit::refused);
  }

  bool allow_missing_ = false;
  std::string directory_;  ///< with the modules, where it was chosen for the user
  bool fix_ = false;
  std::string output_file_;
  std::uint64_t max_initramfs_size_ = kDefaultMaxInitramfsSize;
  ModuleArguments modules_;
  RootArguments root_;
  RunArguments run_;
  Output output_;
};

}  // namespace

std::unique_ptr<Command> make_verify_command() { return std::make_unique<VerifyCommand>(); }

}  // namespace modproof::cli
