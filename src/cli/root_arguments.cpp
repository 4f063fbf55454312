// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cli/root_arguments.h"

#include "modproof/format/root_text.h"
#include "modproof/ops/find_kernel.h"
#include "modproof/ops/kernel.h"

#include "base/try.h"

namespace modproof::cli {

CLI::Option* RootArguments::configure(CLI::App& app) {
  const std::string group = "Root";
  auto* kernel =
      app.add_option("-K,--kernel", kernel_, "check against the root in this kernel image")
          ->type_name("KERNEL")
          ->group(group);
  auto* root = app.add_option("-r,--root", root_, "check against this root (sha256:LEVELS:HEX)")
                   ->type_name("ROOT")
                   ->group(group);
  auto* running =
      app.add_flag("--running", running_, "check against the running kernel")->group(group);
  kernel_arguments_.configure(app, group)->excludes(root, running);
  kernel->excludes(root, running);
  root->excludes(running);
  return app.add_option("-t,--tree", tree_, "tree file: tells more about what is wrong")
      ->type_name("FILE")
      ->group(group);
}

Result<RootArguments::KernelRoot> RootArguments::running_kernel() {
  MODPROOF_ASSIGN(root, read_running_root());
  return KernelRoot{.root = root, .source = "the running kernel"};
}

Result<std::optional<RootArguments::KernelRoot>> RootArguments::kernel() const {
  if (!kernel_.empty()) {
    MODPROOF_ASSIGN(image, read_kernel(kernel_, kernel_arguments_.options()));
    return KernelRoot{.root = image.root, .source = kernel_};
  }
  if (!root_.empty()) {
    auto root = root_from_text(root_);
    if (!root) {
      root.error().path = "--root";
      return std::unexpected(std::move(root.error()));
    }
    return KernelRoot{.root = *root, .source = "the command line"};
  }
  if (running_) {
    MODPROOF_ASSIGN(running, running_kernel());
    return running;
  }
  return std::nullopt;
}

Result<std::optional<RootArguments::KernelRoot>> RootArguments::kernel_or_running() const {
  MODPROOF_ASSIGN(chosen, kernel());
  if (chosen || !tree_.empty()) {
    return chosen;
  }
  auto running = running_kernel();
  if (!running) {
    running.error().message += "; name what to check against with --kernel, --root or --tree";
    return std::unexpected(std::move(running.error()));
  }
  return *running;
}

Result<std::optional<RootArguments::KernelRoot>> RootArguments::kernel_of(
    const ModuleArguments::Installed& installed, Output& output) const {
  MODPROOF_ASSIGN(chosen, kernel());
  if (chosen || !tree_.empty()) {
    return chosen;
  }
  if (installed.running) {
    auto running = running_kernel();
    if (running) {
      running->found = true;
      return *running;
    }
    if (running.error().kind != ErrorKind::missing) {
      return std::unexpected(std::move(running.error()));
    }
    output.note(describe(running.error()));
  }
  std::vector<std::string> notes;
  auto found = find_kernel(installed.base, installed.version, kernel_arguments_.options(), notes);
  for (const std::string& note : notes) {
    output.note(note);
  }
  if (!found) {
    if (found.error().kind == ErrorKind::missing) {
      found.error().message += "; name what to check against with --kernel, --root or --tree";
    }
    return std::unexpected(std::move(found.error()));
  }
  return KernelRoot{.root = found->root, .source = found->path, .found = true};
}

}  // namespace modproof::cli
