// SPDX-License-Identifier: LGPL-2.1-or-later
// Which module files an operation is about, and in which order.
#pragma once

#include <string>
#include <vector>

#include "modproof/base/result.h"
#include "modproof/ops/run_options.h"

namespace modproof {

/// A module file that is believed to exist.
struct ModuleFile {
  std::string path;
  std::string name;  ///< as the file is called, without `.ko`; see modules_of_names()

  friend bool operator==(const ModuleFile&, const ModuleFile&) = default;
};

/// What stands in a directory.
struct ModuleDirectory {
  /// Those that modules.order lists first, in its order; then all others, sorted by path.
  std::vector<ModuleFile> modules;
  /// Paths that modules.order lists but that do not exist.
  std::vector<std::string> missing;
  /// Symbolic links to directories: what is behind them was not looked at. `build` and `source`,
  /// which lead to the sources of the kernel, are not mentioned.
  std::vector<std::string> links;
};

/// The modules that the file `order` lists, in its order, each beside it or below it. Whether they
/// exist is not looked at: who opens them notices, and can then ask check_order().
/// Errors: io; malformed (see parse_modules_order()); duplicate (two of one kernel name).
[[nodiscard]] Result<std::vector<ModuleFile>> modules_of_order(const std::string& order);

/// Errors: those of modules_of_order(); missing, naming the first module that `order` lists but
/// that does not exist, with the offset of its line.
[[nodiscard]] Status check_order(const std::string& order);

/// All modules (`.ko`, compressed ones included) in `directory` and below. Symbolic links to files
/// are modules; symbolic links to directories are not followed, since they lead elsewhere.
/// Errors: io (a directory that cannot be read); malformed (modules.order); interrupted.
[[nodiscard]] Result<ModuleDirectory> modules_in_directory(const std::string& directory,
                                                           const RunOptions& run = {});

/// The modules that a user names: a file stands for itself, a directory for all modules in it.
struct NamedModules {
  std::vector<ModuleFile> modules;
  bool directories = false;        ///< at least one of the names was a directory
  std::vector<std::string> links;  ///< see ModuleDirectory
};

/// A file is a module if it is called like one, or else if its contents are one, plain or
/// compressed; its name is then the one inside, or if it has none the name of the file. Errors: io;
/// malformed (a name that is neither a directory nor a module); interrupted.
[[nodiscard]] Result<NamedModules> modules_of_names(const std::vector<std::string>& names,
                                                    const RunOptions& run = {});

/// The modules that come into a tree after all others: `paths` are module files or directories,
/// the result is sorted by path.
/// Errors: as modules_of_names(); missing (a path without any module).
[[nodiscard]] Result<std::vector<ModuleFile>> extra_modules(const std::vector<std::string>& paths);

/// Errors: duplicate, naming both files, where two modules have one kernel name.
[[nodiscard]] Status check_modules_differ(const std::vector<ModuleFile>& modules);

}  // namespace modproof
