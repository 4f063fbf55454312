// SPDX-License-Identifier: LGPL-2.1-or-later
// modproof diff: compare two builds, and say where they differ and why.
#include "modproof/ops/diff.h"

#include "base/replacement.h"
#include "cli/command.h"
#include "cli/diff_page.h"
#include "cli/diff_report.h"
#include "cli/kernel_arguments.h"
#include "cli/output.h"
#include "cli/run_arguments.h"

namespace modproof::cli {
namespace {

class DiffCommand : public Command {
 public:
  void configure(CLI::App& app) override {
    app.add_option("A", a_, "tree file, directory, package, module or kernel")
        ->type_name("")
        ->required();
    app.add_option("B", b_, "the same of the other build")->type_name("")->required();
    app.add_flag("--ignore-signatures", options_.ignore_signatures,
                 "compare modules without what is appended");
    app.add_option("--html", page_, "write what was found as a page to FILE")->type_name("FILE");
    kernel_.configure(app);
    run_.configure(app);
    output_.configure(app, "diff");
  }

  Exit run() override {
    const auto report = diff(a_, b_, kernel_.options(), run_.options(output_));
    if (!report) {
      return output_.fail_with(report.error());
    }
    print_diff(*report, options_, output_);
    document_diff(*report, options_, output_.document());
    if (!page_.empty()) {
      const std::string page = html_page(*report, options_);
      if (const auto written = write_file(page_, bytes_of(page), true); !written) {
        output_.error(written.error());
      }
    }
    for (const Error& error : report->errors) {
      output_.error(error);
    }
    return output_.finish(is_same(*report, options_) ? Exit::well : Exit::refused);
  }

 private:
  std::string a_;
  std::string b_;
  std::string page_;
  DiffOptions options_;
  KernelArguments kernel_;
  RunArguments run_;
  Output output_;
};

}  // namespace

std::unique_ptr<Command> make_diff_command() { return std::make_unique<DiffCommand>(); }

}  // namespace modproof::cli
