// SPDX-License-Identifier: LGPL-2.1-or-later
// The arguments that say which modules a command is about.
#pragma once

#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "modproof/ops/discover.h"

#include "cli/output.h"

namespace modproof::cli {

class ModuleArguments {
 public:
  /// What a command is about if the user names nothing.
  enum class Default { refuse, installed };

  /// Adds MODULE|DIR..., --basedir, --kernel-version, --files-from and --null to `app`.
  void configure(CLI::App& app, Default without_names);

  /// The modules; of `-` and --files-from the names are read now.
  /// A note on `output` says which symbolic links were not followed.
  /// Where `images` is given, names of initramfs images are allowed, and go there.
  /// Errors: usage (nothing named, or too much); those of modules_of_names().
  [[nodiscard]] Result<NamedModules> modules(Output& output,
                                             std::vector<std::string>* images = nullptr) const;

  /// The same as names of files and directories.
  [[nodiscard]] Result<std::vector<std::string>> names() const;

 private:
  Default without_names_ = Default::refuse;
  std::vector<std::string> names_;
  std::string base_directory_;
  std::string kernel_version_;
  std::string files_from_;
  bool null_ = false;
};

/// Says on `output` that each of `links` was not followed.
void note_links(const std::vector<std::string>& links, Output& output);

}  // namespace modproof::cli
