// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cli/run_arguments.h"

#include <cstdlib>

#include "cli/progress.h"
#include "cli/signals.h"
#include "cli/size_value.h"

namespace modproof::cli {
namespace {

/// More threads than any machine has processors.
constexpr unsigned kMostJobs = 4096;

}  // namespace

void RunArguments::configure(CLI::App& app) {
  app.add_option("-j,--jobs", jobs_, "threads (default: one a processor)")
      ->type_name("N")
      ->check(CLI::Range(1U, kMostJobs).description(""));
  configure_max_module_size(app, max_module_size_);
}

RunOptions RunArguments::options(const Output& output) const {
  const char* makeflags = std::getenv("MAKEFLAGS");
  return {.jobs = jobs_,
          .makeflags = makeflags != nullptr ? makeflags : "",
          .max_module_size = max_module_size_,
          .cancel = &caught_signal(),
          .progress = output.quiet() ? nullptr : terminal_progress()};
}

void configure_max_module_size(CLI::App& app, std::uint64_t& size) {
  app.add_option("--max-module-size", size, "bytes a module may decompress to (default: 2G)")
      ->type_name("SIZE")
      ->transform(size_value());
}

void configure_max_initramfs_size(CLI::App& app, std::uint64_t& size) {
  app.add_option("--max-initramfs-size", size, "bytes an initramfs may decompress to (default: 4G)")
      ->type_name("SIZE")
      ->transform(size_value());
}

CLI::Option* configure_change(CLI::App& app, bool& no_sync, bool* dry_run) {
  if (dry_run != nullptr) {
    app.add_flag("-n,--dry-run", *dry_run, "change nothing, only say what would be done");
  }
  return app.add_flag("--no-sync", no_sync, "do not wait for the disk");
}

}  // namespace modproof::cli
