// SPDX-License-Identifier: LGPL-2.1-or-later
// The options that say which root modules have to lead to, and which tree tells more about them.
#pragma once

#include <optional>
#include <string>

#include <CLI/CLI.hpp>

#include "modproof/base/digest.h"
#include "modproof/base/result.h"

#include "cli/kernel_arguments.h"
#include "cli/module_arguments.h"
#include "cli/output.h"

namespace modproof::cli {

class RootArguments {
 public:
  /// Adds --kernel, --max-kernel-size, --root, --running and --tree, which is the result, to `app`.
  CLI::Option* configure(CLI::App& app);

  /// The root of the kernel, and in words where it is from; nothing if the user chose none.
  struct KernelRoot {
    Root root;
    std::string source;
    bool found = false;  ///< the user did not choose it
  };

  /// Errors: those of reading it.
  [[nodiscard]] Result<std::optional<KernelRoot>> kernel() const;

  /// As kernel(), but the running kernel where the user chose neither a kernel nor a tree file.
  /// Errors: those of reading it.
  [[nodiscard]] Result<std::optional<KernelRoot>> kernel_or_running() const;

  /// As kernel(), but where the user chose neither a kernel nor a tree file: of the kernel that
  /// runs the running one, if it has module hashes; of any other the image that find_kernel()
  /// finds. What was passed over is noted on `output`. Errors: those of reading it; those of
  /// find_kernel().
  [[nodiscard]] Result<std::optional<KernelRoot>> kernel_of(
      const ModuleArguments::Installed& installed, Output& output) const;

  [[nodiscard]] const KernelOptions& kernel_options() const { return kernel_arguments_.options(); }

  /// The tree file; empty if none was named.
  [[nodiscard]] const std::string& tree() const { return tree_; }

 private:
  [[nodiscard]] static Result<KernelRoot> running_kernel();

  std::string kernel_;
  KernelArguments kernel_arguments_;
  std::string root_;
  std::string tree_;
  bool running_ = false;
};

}  // namespace modproof::cli
