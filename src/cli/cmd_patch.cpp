// SPDX-License-Identifier: LGPL-2.1-or-later
// modproof patch: write a root into a vmlinux, or compare the two.
#include <fmt/core.h>

#include "modproof/format/root_text.h"
#include "modproof/ops/kernel.h"
#include "modproof/ops/make_tree.h"

#include "base/try.h"
#include "cli/command.h"
#include "cli/kernel_arguments.h"
#include "cli/output.h"
#include "cli/run_arguments.h"

namespace modproof::cli {
namespace {

class PatchCommand : public Command {
 public:
  void configure(CLI::App& app) override {
    app.add_option("VMLINUX", kernel_, "linked kernel with a section .module_hashes")
        ->type_name("")
        ->required();
    auto* tree = app.add_option("-t,--tree", tree_, "tree file to take the root from")
                     ->type_name("FILE")
                     ->capture_default_str();
    app.add_option("-r,--root", root_, "root to write instead (sha256:LEVELS:HEX)")
        ->type_name("ROOT")
        ->excludes(tree);
    auto* check = app.add_flag("--check", check_, "only compare; exit status 1 if different");
    app.add_option("-o,--output", output_file_, "patch a copy called FILE instead")
        ->type_name("FILE")
        ->excludes(check);
    // What is written into is an ELF file, so nothing is decompressed.
    kernel_arguments_.configure(app)->needs(check);
    configure_change(app, no_sync_, nullptr)->excludes(check);
    output_.configure(app, "patch");
  }

  Exit run() override {
    const auto root = wanted_root();
    if (!root) {
      return output_.fail_with(root.error());
    }
    return check_ ? compare(*root) : write(*root);
  }

 private:
  [[nodiscard]] Result<Root> wanted_root() const {
    if (root_.empty()) {
      MODPROOF_ASSIGN(tree, read_tree(tree_));
      return tree.root;
    }
    auto root = root_from_text(root_);
    if (!root) {
      root.error().path = "--root";
    }
    return root;
  }

  Exit compare(const Root& root) {
    const auto kernel = read_kernel(kernel_, kernel_arguments_.options());
    if (!kernel) {
      return output_.fail_with(kernel.error());
    }
    const bool same = kernel->root == root;
    describe(kernel->root, root);
    if (!same) {
      output_.line(fmt::format("{}: holds {}, not {}", printable(kernel_), to_text(kernel->root),
                               to_text(root)));
    } else if (!output_.quiet()) {
      output_.line(fmt::format("{}: holds {}", printable(kernel_), to_text(root)));
    }
    return output_.finish(same ? Exit::well : Exit::refused);
  }

  Exit write(const Root& root) {
    const auto outcome = patch_kernel(kernel_, root, output_file_, !no_sync_);
    if (!outcome) {
      return output_.fail_with(outcome.error());
    }
    describe(outcome->before, root);
    output_.document()["changed"] = outcome->changed;
    if (!output_.quiet()) {
      output_.line(fmt::format("{}: root {}{}",
                               printable(output_file_.empty() ? kernel_ : output_file_),
                               to_text(root), outcome->changed ? "" : " (unchanged)"));
    }
    return output_.finish(Exit::well);
  }

  void describe(const Root& before, const Root& root) {
    Json& json = output_.document();
    json["kernel"] = kernel_;
    json["before"] = to_text(before);
    json["root"] = to_text(root);
    json["same"] = before == root;
  }

  std::string kernel_;
  KernelArguments kernel_arguments_;
  std::string tree_ = "modules.merkle";
  std::string root_;
  std::string output_file_;
  bool check_ = false;
  bool no_sync_ = false;
  Output output_;
};

}  // namespace

std::unique_ptr<Command> make_patch_command() { return std::make_unique<PatchCommand>(); }

}  // namespace modproof::cli
