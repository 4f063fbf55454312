// SPDX-License-Identifier: LGPL-2.1-or-later
// modproof seal: tree, attach and patch in one, for modules that are installed already.
#include <fmt/core.h>

#include "modproof/format/root_text.h"
#include "modproof/ops/attach.h"
#include "modproof/ops/kernel.h"

#include "cli/change_report.h"
#include "cli/command.h"
#include "cli/module_arguments.h"
#include "cli/output.h"
#include "cli/run_arguments.h"
#include "cli/text.h"

namespace modproof::cli {
namespace {

class SealCommand : public Command {
 public:
  void configure(CLI::App& app) override {
    app.add_option("-o,--output", tree_, "tree file to write (DIR/modules.merkle)")
        ->type_name("FILE");
    app.add_option("-K,--kernel", kernel_, "write the root into this vmlinux, too")
        ->type_name("VMLINUX");
    app.add_flag("--any-file", any_file_, "accept files that are not ELF modules");
    configure_change(app, no_sync_, &dry_run_);
    run_.configure(app);
    modules_.configure(app, ModuleArguments::Default::refuse);
    output_.configure(app, "seal");
  }

  Exit run() override {
    const auto names = modules_.names();
    if (!names) {
      return output_.fail_with(names.error());
    }
    const auto installed = modules_.installed();
    if (!installed) {
      return output_.fail_with(installed.error());
    }
    const RunOptions run = run_.options(output_);
    const auto modules = *installed ? ModuleArguments::modules_in(**installed, output_, run)
                                    : modules_of_names(*names, run);
    if (!modules) {
      return output_.fail_with(modules.error());
    }
    if (!*installed) {
      note_links(modules->links, output_);
    }
    if (modules->modules.empty()) {
      return output_.fail_with(modules_.no_modules());
    }
    if (tree_.empty()) {
      if (names->size() != 1 || !modules->directories) {
        return output_.fail_with({.kind = ErrorKind::usage,
                                  .message = "name the tree file to write with --output",
                                  .path = {},
                                  .offset = {}});
      }
      tree_ = names->front() + "/modules.merkle";
      if (*installed) {
        auto seen = ModuleArguments::seen_by(**installed, tree_);
        if (!seen) {
          return output_.fail_with(seen.error());
        }
        tree_ = std::move(*seen);
      }
    }
    if (!kernel_.empty()) {
      // A kernel that cannot be patched shall be known before anything is written.
      if (const auto status = check_patchable(kernel_); !status) {
        return output_.fail_with(status.error());
      }
    }
    const auto sealed =
        seal(modules->modules, tree_, any_file_, {.dry_run = dry_run_, .sync = !no_sync_}, run);
    if (!sealed) {
      return output_.fail_with(sealed.error());
    }
    const Exit exit = report_changes(sealed->changes, dry_run_, output_);
    return finish(*sealed, exit);
  }

 private:
  /// Reports the tree, and patches the kernel if all modules carry their proof.
  Exit finish(const Sealed& sealed, Exit exit) {
    Json& json = output_.document();
    json["tree"] = tree_;
    json["root"] = to_text(sealed.tree.root);
    if (!output_.quiet()) {
      output_.line(fmt::format("{}: {}, root {}{}", printable(tree_),
                               count_of(sealed.tree.names.size(), "module"),
                               to_text(sealed.tree.root), dry_run_ ? " (not written)" : ""));
    }
    if (!kernel_.empty() && !dry_run_) {
      if (!all_done(sealed)) {
        output_.note(
            fmt::format("{} is not patched, because not all modules carry their proof; "
                        "run the command again",
                        printable(kernel_)));
        return output_.finish(exit);
      }
      const auto patched = patch_kernel(kernel_, sealed.tree.root, {}, !no_sync_);
      if (!patched) {
        return output_.fail_with(patched.error());
      }
      json["kernel"] = kernel_;
      json["kernel_changed"] = patched->changed;
      if (!output_.quiet()) {
        output_.line(fmt::format("{}: root {}{}", printable(kernel_), to_text(sealed.tree.root),
                                 patched->changed ? "" : " (unchanged)"));
      }
    }
    return output_.finish(exit);
  }

  static bool all_done(const Sealed& sealed) {
    return std::all_of(sealed.changes.begin(), sealed.changes.end(), [](const ModuleChange& c) {
      return c.change == Change::attached || c.change == Change::unchanged;
    });
  }

  std::string tree_;
  std::string kernel_;
  bool any_file_ = false;
  bool dry_run_ = false;
  bool no_sync_ = false;
  ModuleArguments modules_;
  RunArguments run_;
  Output output_;
};

}  // namespace

std::unique_ptr<Command> make_seal_command() { return std::make_unique<SealCommand>(); }

}  // namespace modproof::cli
