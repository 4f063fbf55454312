// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cli/kernel_arguments.h"

#include "cli/size_value.h"

namespace modproof::cli {

CLI::Option* KernelArguments::configure(CLI::App& app, const std::string& group) {
  auto* option = app.add_option("--max-kernel-size", options_.max_size,
                                "bytes a kernel may decompress to (default: 4G)")
                     ->type_name("SIZE")
                     ->transform(size_value());
  if (!group.empty()) {
    option->group(group);
  }
  return option;
}

}  // namespace modproof::cli
