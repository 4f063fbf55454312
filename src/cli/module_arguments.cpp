// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cli/module_arguments.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>

#include <fmt/core.h>
#include <sys/stat.h>
#include <sys/utsname.h>

#include "modproof/format/module_name.h"
#include "modproof/ops/find_kernel.h"
#include "modproof/ops/package.h"
#include "modproof/ops/verify.h"

#include "base/file.h"
#include "base/try.h"

namespace modproof::cli {
namespace {

using Stream = std::unique_ptr<std::FILE, int (*)(std::FILE*)>;

/// Appends the names in the file `path` (`-`: standard input), one a line or one before each NUL.
Status read_names(const std::string& path, char separator, std::vector<std::string>& names) {
  const bool standard_input = path == "-";
  const Stream stream(standard_input ? stdin : std::fopen(path.c_str(), "re"),
                      standard_input ? [](std::FILE*) { return 0; } : &std::fclose);
  if (!stream) {
    return fail_errno(path, "cannot open", errno);
  }
  char* line = nullptr;
  std::size_t room = 0;
  ssize_t length = 0;
  while ((length = ::getdelim(&line, &room, separator, stream.get())) > 0) {
    std::string_view name(line, static_cast<std::size_t>(length));
    if (name.back() == separator) {
      name.remove_suffix(1);
    }
    if (!name.empty()) {
      names.emplace_back(name);
    }
  }
  std::free(line);
  if (std::ferror(stream.get()) != 0) {
    return fail_errno(standard_input ? "standard input" : path, "cannot read", errno);
  }
  return {};
}

Result<std::string> running_version() {
  struct utsname system{};
  if (::uname(&system) != 0) {
    return fail_errno({}, "cannot ask for the version of the running kernel", errno);
  }
  return std::string(system.release);
}

/// Moves the names of initramfs images out of `names`; what is called like a module is one.
Status take_images(std::vector<std::string>& names, std::vector<std::string>& images) {
  std::vector<std::string> others;
  for (std::string& name : names) {
    bool image = false;
    if (!module_name_of(name)) {
      MODPROOF_ASSIGN(found, is_initramfs_file(name));
      image = found;
    }
    (image ? images : others).push_back(std::move(name));
  }
  names = std::move(others);
  return {};
}

}  // namespace

void ModuleArguments::configure(CLI::App& app, Default without_names) {
  without_names_ = without_names;
  app.add_option("MODULE|DIR", names_, "modules, or directories of modules; - for stdin")
      ->type_name("");
  const std::string group = "Modules";
  app.add_option("-b,--basedir", base_directory_, "modules installed under DIR/lib/modules")
      ->type_name("DIR")
      ->group(group);
  app.add_option("-k,--kernel-version", kernel_version_, "modules installed for this kernel")
      ->type_name("VERSION")
      ->group(group);
  app.add_option("--files-from", files_from_, "read names from FILE, one a line; - for stdin")
      ->type_name("FILE")
      ->group(group);
  app.add_flag("-0,--null", null_, "names read end in NUL, not in a newline")->group(group);
}

Result<std::vector<std::string>> ModuleArguments::names() const {
  if (read_) {
    return *read_;
  }
  MODPROOF_TRY(check_null());
  std::vector<std::string> names;
  const char separator = null_ ? '\0' : '\n';
  for (const std::string& name : names_) {
    if (name == "-") {
      MODPROOF_TRY(read_names(name, separator, names));
    } else {
      names.push_back(name);
    }
  }
  if (!files_from_.empty()) {
    MODPROOF_TRY(read_names(files_from_, separator, names));
  }
  const bool chosen = !base_directory_.empty() || !kernel_version_.empty();
  const bool named = !names_.empty() || !files_from_.empty();
  if (chosen && named) {
    return fail(ErrorKind::usage, {}, "--basedir and --kernel-version exclude names of modules");
  }
  MODPROOF_ASSIGN(found, installed());
  if (!named && !found) {
    return fail(ErrorKind::usage, {}, "name modules or a directory, or choose them with -b or -k");
  }
  if (found) {
    names.push_back(found->directory);
  }
  read_ = names;
  return names;
}

Status ModuleArguments::check_null() const {
  if (null_ && files_from_.empty() && std::ranges::find(names_, "-") == names_.end()) {
    return fail(ErrorKind::usage, {},
                "--null is about names that are read: it needs - or "
                "--files-from");
  }
  return {};
}

Error ModuleArguments::no_modules() const {
  const auto chosen = names();
  if (chosen && chosen->size() == 1) {
    return {.kind = ErrorKind::missing,
            .message = "no modules in this directory",
            .path = chosen->front(),
            .offset = {}};
  }
  return {.kind = ErrorKind::missing, .message = "no modules were found", .path = {}, .offset = {}};
}

Error ModuleArguments::unless_mistyped(Error error) const {
  const auto chosen = names();
  if (!chosen) {
    return chosen.error();
  }
  for (const std::string& name : *chosen) {
    struct stat status{};
    if (::stat(name.c_str(), &status) != 0) {
      return fail_errno(name, "cannot stat", errno).error();
    }
  }
  return error;
}

Result<std::vector<std::string>> ModuleArguments::packages() const {
  if (names_.empty() && files_from_.empty()) {
    return std::vector<std::string>();
  }
  MODPROOF_ASSIGN(chosen, names());
  std::vector<std::string> packages;
  for (const std::string& name : chosen) {
    // What is called like a module is one.
    if (module_name_of(name) || is_directory(name)) {
      continue;
    }
    MODPROOF_ASSIGN(found, is_package_file(name));
    if (found) {
      packages.push_back(name);
    }
  }
  if (!packages.empty() && packages.size() < chosen.size()) {
    return fail(
        ErrorKind::usage, packages.front(),
        "packages are checked with their kernels, so nothing else can be named beside them");
  }
  return packages;
}

Result<NamedModules> ModuleArguments::modules(Output& output, const RunOptions& run,
                                              std::vector<std::string>* images) const {
  MODPROOF_ASSIGN(found, installed());
  if (found) {
    return modules_in(*found, output, run);
  }
  MODPROOF_ASSIGN(chosen, names());
  if (images != nullptr) {
    MODPROOF_TRY(take_images(chosen, *images));
  }
  auto modules = modules_of_names(chosen, run);
  if (modules) {
    note_links(modules->links, output);
  }
  return modules;
}

Result<std::optional<ModuleArguments::Installed>> ModuleArguments::installed() const {
  MODPROOF_TRY(check_null());
  const bool chosen = !base_directory_.empty() || !kernel_version_.empty();
  if (!names_.empty() || !files_from_.empty() || (!chosen && without_names_ == Default::refuse)) {
    return std::nullopt;
  }
  MODPROOF_ASSIGN(running, running_version());
  Installed installed{.base = base_directory_,
                      .version = kernel_version_,
                      .directory = {},
                      .chosen = kernel_version_.empty(),
                      .running = false};
  if (installed.chosen && installed.base.empty()) {
    installed.version = running;
  } else if (installed.chosen) {
    MODPROOF_ASSIGN(versions, installed_versions(installed.base));
    if (versions.empty()) {
      return fail(ErrorKind::missing, installed.base, "no modules are installed there");
    }
    if (versions.size() > 1) {
      std::string list;
      for (const std::string& version : versions) {
        list += (list.empty() ? "" : ", ") + printable(version);
      }
      return fail(ErrorKind::usage, installed.base,
                  "modules of several kernel versions are installed; choose one with -k: " + list);
    }
    installed.version = versions.front();
  }
  installed.running = installed.base.empty() && installed.version == running;
  MODPROOF_ASSIGN(directory, modules_directory(installed.base, installed.version));
  installed.directory = std::move(directory);
  return installed;
}

Result<NamedModules> ModuleArguments::modules_in(const Installed& installed, Output& output,
                                                 const RunOptions& run) {
  MODPROOF_ASSIGN(modules, modules_of_names({installed.directory}, run));
  note_links(modules.links, output);
  for (ModuleFile& module : modules.modules) {
    MODPROOF_ASSIGN(seen, seen_by(installed, module.path));
    module.path = std::move(seen);
  }
  return modules;
}

Result<std::string> ModuleArguments::seen_by(const Installed& installed, const std::string& path) {
  const std::string& base = installed.base;
  if (base.empty()) {
    return path;
  }
  MODPROOF_ASSIGN(seen, path_below(base, path.substr(base.size())));
  std::error_code error;
  if (!seen && std::filesystem::is_symlink(path, error)) {
    return fail(ErrorKind::missing, path,
                "leads to nothing in the file system below " + printable(base));
  }
  return seen.value_or(path);
}

void note_links(const std::vector<std::string>& links, Output& output) {
  for (const std::string& link : links) {
    output.note(
        fmt::format("{}: is a symbolic link to a directory and was not followed; name the "
                    "directory if it holds modules",
                    printable(link)));
  }
}

}  // namespace modproof::cli
