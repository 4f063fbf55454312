// SPDX-License-Identifier: LGPL-2.1-or-later
// The arguments that say which modules a command is about.
#pragma once

#include <optional>
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
  [[nodiscard]] Result<NamedModules> modules(Output& output, const RunOptions& run,
                                             std::vector<std::string>* images = nullptr) const;

  /// What to say where modules() found none: a mistyped path must not look like work well done.
  /// Comes after modules().
  [[nodiscard]] Error no_modules() const;

  /// The same as names of files and directories.
  [[nodiscard]] Result<std::vector<std::string>> names() const;

  /// `error` of what is needed before the modules are looked at, such as a root; or, if one of the
  /// names is of nothing that exists, that, as it is the likelier mistake.
  [[nodiscard]] Error unless_mistyped(Error error) const;

  /// The packages, if the names are of packages; empty if they are of something else, or if there
  /// are none. Errors: as names(); usage (packages beside other things).
  [[nodiscard]] Result<std::vector<std::string>> packages() const;

  /// Where the modules of a command are installed that takes those unless others are named.
  struct Installed {
    std::string base;     ///< of a mounted system; empty for this one
    std::string version;  ///< of the kernel
    std::string directory;
    bool chosen = false;   ///< the user did not say which version
    bool running = false;  ///< modules of the kernel that runs
  };

  /// Nothing if modules are named, or if nothing is said and the command has no default. Without
  /// --kernel-version this system's modules are those of the running kernel, a mounted system's
  /// those of the only version it has. Errors: usage (more than one version); those of
  /// modules_directory().
  [[nodiscard]] Result<std::optional<Installed>> installed() const;

  /// The modules in `installed`. Below a base each is the file that the mounted system would see,
  /// wherever symbolic links would lead on this one.
  /// Errors: as modules(); missing (a link that leads to nothing).
  [[nodiscard]] static Result<NamedModules> modules_in(const Installed& installed, Output& output,
                                                       const RunOptions& run);

  /// The file `path` of `installed`, which need not exist, as the mounted system would see it.
  /// Errors: as path_below(); missing (a link that leads to nothing).
  [[nodiscard]] static Result<std::string> seen_by(const Installed& installed,
                                                   const std::string& path);

 private:
  Default without_names_ = Default::refuse;
  std::vector<std::string> names_;
  std::string base_directory_;
  std::string kernel_version_;
  std::string files_from_;
  bool null_ = false;
  /// Errors: usage (--null without names that are read).
  [[nodiscard]] Status check_null() const;

  mutable std::optional<std::vector<std::string>> read_;  ///< standard input is there once only
};

/// Says on `output` that each of `links` was not followed.
void note_links(const std::vector<std::string>& links, Output& output);

}  // namespace modproof::cli
