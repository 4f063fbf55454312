// SPDX-License-Identifier: LGPL-2.1-or-later
// modproof attach: append to modules the proofs that follow from a tree file.
#include "modproof/ops/attach.h"
#include "modproof/ops/make_tree.h"

#include "cli/change_report.h"
#include "cli/command.h"
#include "cli/module_arguments.h"
#include "cli/output.h"
#include "cli/run_arguments.h"

namespace modproof::cli {
namespace {

class AttachCommand : public Command {
 public:
  void configure(CLI::App& app) override {
    app.add_option("-t,--tree", tree_, "tree file to take the proofs from")
        ->type_name("FILE")
        ->capture_default_str();
    configure_change(app, no_sync_, &dry_run_);
    run_.configure(app);
    modules_.configure(app, ModuleArguments::Default::refuse);
    output_.configure(app, "attach");
  }

  Exit run() override {
    const auto modules = modules_.modules(output_, run_.options(output_));
    if (!modules) {
      return output_.fail_with(modules.error());
    }
    const auto changes = attach(modules->modules, tree_, {.dry_run = dry_run_, .sync = !no_sync_},
                                run_.options(output_));
    if (!changes) {
      return output_.fail_with(changes.error());
    }
    if (changes->empty()) {
      // A kernel without modules has an empty tree, and nothing to attach then is well.
      if (const auto tree = read_tree(tree_); !tree || !tree->names.empty()) {
        return output_.fail_with(tree ? modules_.no_modules() : tree.error());
      }
    }
    output_.document()["tree"] = tree_;
    return output_.finish(report_changes(*changes, dry_run_, output_));
  }

 private:
  std::string tree_ = "modules.merkle";
  bool dry_run_ = false;
  bool no_sync_ = false;
  ModuleArguments modules_;
  RunArguments run_;
  Output output_;
};

}  // namespace

std::unique_ptr<Command> make_attach_command() { return std::make_unique<AttachCommand>(); }

}  // namespace modproof::cli
