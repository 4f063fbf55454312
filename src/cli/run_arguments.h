// SPDX-License-Identifier: LGPL-2.1-or-later
// The options that say how an operation may use the machine.
#pragma once

#include <CLI/CLI.hpp>

#include "modproof/ops/run_options.h"

#include "cli/output.h"

namespace modproof::cli {

class RunArguments {
 public:
  /// Adds --jobs and --max-module-size to `app`.
  void configure(CLI::App& app);

  /// What they stand for. `output` decides whether progress is shown.
  [[nodiscard]] RunOptions options(const Output& output) const;

 private:
  unsigned jobs_ = 0;
  std::uint64_t max_module_size_ = kDefaultMaxModuleSize;
};

/// Adds --no-sync, which is the result, and --dry-run unless `dry_run` is null. They mean the same
/// for each command that writes modules.
CLI::Option* configure_change(CLI::App& app, bool& no_sync, bool* dry_run);

/// Adds --max-module-size to `app`.
void configure_max_module_size(CLI::App& app, std::uint64_t& size);

/// Adds --max-initramfs-size to `app`.
void configure_max_initramfs_size(CLI::App& app, std::uint64_t& size);

}  // namespace modproof::cli
