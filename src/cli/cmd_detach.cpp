// SPDX-License-Identifier: LGPL-2.1-or-later
// modproof detach: take the Merkle trailer off modules, and nothing else.
#include "modproof/ops/attach.h"

#include "cli/change_report.h"
#include "cli/command.h"
#include "cli/module_arguments.h"
#include "cli/output.h"
#include "cli/run_arguments.h"

namespace modproof::cli {
namespace {

class DetachCommand : public Command {
 public:
  void configure(CLI::App& app) override {
    configure_change(app, no_sync_, &dry_run_);
    run_.configure(app);
    modules_.configure(app, ModuleArguments::Default::refuse);
    output_.configure(app, "detach");
  }

  Exit run() override {
    const auto modules = modules_.modules(output_, run_.options(output_));
    if (!modules) {
      return output_.fail_with(modules.error());
    }
    if (modules->modules.empty()) {
      return output_.fail_with(modules_.no_modules());
    }
    const auto changes =
        detach(modules->modules, {.dry_run = dry_run_, .sync = !no_sync_}, run_.options(output_));
    if (!changes) {
      return output_.fail_with(changes.error());
    }
    return output_.finish(report_changes(*changes, dry_run_, output_));
  }

 private:
  bool dry_run_ = false;
  bool no_sync_ = false;
  ModuleArguments modules_;
  RunArguments run_;
  Output output_;
};

}  // namespace

std::unique_ptr<Command> make_detach_command() { return std::make_unique<DetachCommand>(); }

}  // namespace modproof::cli
