// SPDX-License-Identifier: LGPL-2.1-or-later
// The option that limits what a kernel image may decompress to.
#pragma once

#include <CLI/CLI.hpp>

#include "modproof/ops/kernel.h"

namespace modproof::cli {

class KernelArguments {
 public:
  /// Adds --max-kernel-size to `app`, in the group of that name (empty: with the other options).
  CLI::Option* configure(CLI::App& app, const std::string& group = {});

  [[nodiscard]] const KernelOptions& options() const { return options_; }

 private:
  KernelOptions options_;
};

}  // namespace modproof::cli
