// SPDX-License-Identifier: LGPL-2.1-or-later
#include "modproof/ops/discover.h"

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <memory>
#include <unordered_map>
#include <unordered_set>

#include <dirent.h>
#include <fmt/core.h>
#include <sys/stat.h>

#include "modproof/format/module_name.h"
#include "modproof/format/modules_order.h"

#include "base/file.h"
#include "base/try.h"
#include "ops/arrange_modules.h"
#include "ops/named_file.h"
#include "ops/run.h"

namespace modproof {
namespace {

namespace fs = std::filesystem;

/// 10^6 modules with paths of 200 bytes; a modules.order beyond that is something else.
constexpr std::uint64_t kOrderLimit = std::uint64_t{256} << 20U;

std::string join(const std::string& directory, const std::string& relative) {
  if (directory.empty()) {
    return relative;
  }
  return directory.back() == '/' ? directory + relative : directory + "/" + relative;
}

Result<std::vector<OrderLine>> read_order(const std::string& order) {
  MODPROOF_ASSIGN(text, read_file(order, kOrderLimit));
  auto lines = parse_modules_order(text);
  if (!lines) {
    lines.error().path = order;
  }
  return lines;
}

bool exists(const std::string& path) {
  struct stat status{};
  return ::stat(path.c_str(), &status) == 0;
}

ModuleFile module_at(std::string path) {
  std::string name = module_name_of(path).value_or(std::string());
  return {.path = std::move(path), .name = std::move(name)};
}

/// True for the links that every installed directory of modules has.
bool leads_to_sources(std::string_view name) noexcept {
  return name == "build" || name == "source";
}

struct CloseDirectory {
  void operator()(DIR* directory) const noexcept { ::closedir(directory); }
};

/// The kind of an entry, as d_type has it; asked for where the file system leaves it out.
unsigned char kind_of_entry(const dirent& entry, const std::string& path) noexcept {
  struct stat status{};
  if (entry.d_type != DT_UNKNOWN || ::lstat(path.c_str(), &status) != 0) {
    return entry.d_type;
  }
  return static_cast<unsigned char>(IFTODT(status.st_mode));
}

/// What stands in a directory.
struct Entries {
  std::vector<std::string> modules;
  std::vector<std::string> directories;
  std::vector<std::string> links;  ///< to directories, which are not followed
};

/// The kinds of entries come with their names: to stat thousands of files would take as long as to
/// hash a tenth of them.
Result<Entries> read_directory(const std::string& directory) {
  Entries entries;
  const std::unique_ptr<DIR, CloseDirectory> stream(::opendir(directory.c_str()));
  errno = stream ? 0 : errno;
  while (const dirent* entry = stream ? ::readdir(stream.get()) : nullptr) {
    const std::string_view name(entry->d_name);
    if (name == "." || name == "..") {
      continue;
    }
    std::string path = join(directory, entry->d_name);
    const unsigned char kind = kind_of_entry(*entry, path);
    // A directory may be called like a module; a dangling link called like one is reported when
    // it is opened.
    if (kind == DT_DIR) {
      entries.directories.push_back(std::move(path));
    } else if (kind == DT_LNK && is_directory(path)) {
      if (!leads_to_sources(name)) {
        entries.links.push_back(std::move(path));
      }
    } else if (module_name_of(name)) {
      entries.modules.push_back(std::move(path));
    }
    errno = 0;  // so that the end can be told from an error, readdir(3)
  }
  if (errno != 0) {
    return fail_errno(directory, "cannot read the directory", errno);
  }
  return entries;
}

void append(std::vector<std::string>& to, std::vector<std::string>& from) {
  std::move(from.begin(), from.end(), std::back_inserter(to));
}

/// Every module file in `directory` and below, unsorted, and the links that are not followed. All
/// threads read directories, those of one depth at a time.
Result<std::vector<std::string>> walk(const std::string& directory, const RunOptions& run,
                                      std::vector<std::string>& links) {
  Workers workers(run);
  std::vector<std::string> paths;
  for (std::vector<std::string> level{directory}; !level.empty();) {
    std::vector<Result<Entries>> found(level.size());
    workers.crew(level.size()).for_each(level.size(), [&](std::size_t i) {
      found[i] = read_directory(level[i]);
    });
    level.clear();
    for (Result<Entries>& entries : found) {
      if (!entries) {
        return std::unexpected(std::move(entries.error()));
      }
      append(paths, entries->modules);
      append(links, entries->links);
      append(level, entries->directories);
    }
    if (cancelled(run.cancel)) {
      return fail_interrupted();
    }
  }
  return paths;
}

/// Paths in the one spelling that leads through no symbolic link and no `..` to their directory.
/// Many modules share few directories, so these are looked up once.
class CanonicalPaths {
 public:
  std::string of(const std::string& path) {
    const auto slash = path.rfind('/');
    const std::string directory = slash == std::string::npos ? "." : path.substr(0, slash + 1);
    const auto [found, fresh] = directories_.try_emplace(directory);
    if (fresh) {
      std::error_code error;
      const fs::path real = fs::canonical(directory, error);
      found->second = error ? directory : real.string();
    }
    return found->second + "/" + path.substr(slash + 1);
  }

 private:
  std::unordered_map<std::string, std::string> directories_;
};

/// `path` without the suffix of its compression, as modules.order would list it.
std::string_view without_compression(std::string_view path) {
  return path.substr(0, path.rfind(".ko") + 3);
}

/// The modules that `lines` of the file `order` stand for.
Result<std::vector<ModuleFile>> modules_of_lines(const std::string& order,
                                                 const std::vector<OrderLine>& lines) {
  const auto slash = order.rfind('/');
  const std::string directory = slash == std::string::npos ? "" : order.substr(0, slash + 1);
  std::vector<ModuleFile> modules;
  modules.reserve(lines.size());
  for (const OrderLine& line : lines) {
    modules.push_back(module_at(join(directory, line.module_path)));
  }
  if (auto differ = check_modules_differ(modules); !differ) {
    differ.error().path = order;
    return std::unexpected(std::move(differ.error()));
  }
  return modules;
}

}  // namespace

Result<std::vector<ModuleFile>> modules_of_order(const std::string& order) {
  MODPROOF_ASSIGN(lines, read_order(order));
  return modules_of_lines(order, lines);
}

Status check_order(const std::string& order) {
  MODPROOF_ASSIGN(lines, read_order(order));
  MODPROOF_ASSIGN(modules, modules_of_lines(order, lines));
  for (std::size_t i = 0; i < modules.size(); ++i) {
    if (!exists(modules[i].path)) {
      return fail(ErrorKind::missing, order,
                  fmt::format("module {} is listed but cannot be found ({}); build the modules "
                              "first",
                              printable(modules[i].path), std::generic_category().message(errno)),
                  lines[i].offset);
    }
  }
  return {};
}

Result<ModuleDirectory> modules_in_directory(const std::string& directory, const RunOptions& run) {
  std::vector<std::string> links;
  MODPROOF_ASSIGN(paths, walk(directory, run, links));
  std::sort(paths.begin(), paths.end());
  std::sort(links.begin(), links.end());
  ModuleDirectory result;
  const std::string order = join(directory, "modules.order");
  if (exists(order)) {
    MODPROOF_ASSIGN(lines, read_order(order));
    MODPROOF_ASSIGN(arranged, arrange_modules(paths, directory, lines));
    result = std::move(arranged);
  } else {
    for (std::string& path : paths) {
      result.modules.push_back(module_at(std::move(path)));
    }
  }
  result.links = std::move(links);
  return result;
}

Result<ModuleDirectory> arrange_modules(const std::vector<std::string>& paths,
                                        const std::string& directory,
                                        const std::vector<OrderLine>& lines) {
  ModuleDirectory result;
  result.modules.reserve(paths.size());
  std::unordered_map<std::string_view, std::size_t> by_listed_path;
  by_listed_path.reserve(paths.size());
  for (std::size_t i = 0; i < paths.size(); ++i) {
    by_listed_path.emplace(without_compression(paths[i]), i);
  }
  std::vector<bool> taken(paths.size());
  for (const OrderLine& line : lines) {
    std::string path = join(directory, line.module_path);
    const auto found = by_listed_path.find(path);
    if (found == by_listed_path.end()) {
      result.missing.push_back(std::move(path));
    } else if (!taken[found->second]) {
      taken[found->second] = true;
      result.modules.push_back(module_at(paths[found->second]));
    } else {
      return fail(ErrorKind::duplicate, join(directory, "modules.order"),
                  fmt::format("module {} is listed twice", printable(line.module_path)),
                  line.offset);
    }
  }
  for (std::size_t i = 0; i < paths.size(); ++i) {
    if (!taken[i]) {
      result.modules.push_back(module_at(paths[i]));
    }
  }
  return result;
}

Result<NamedModules> modules_of_names(const std::vector<std::string>& names,
                                      const RunOptions& run) {
  NamedModules result;
  std::unordered_set<std::string> seen;
  CanonicalPaths canonical;
  const auto add = [&](ModuleFile module) {
    // One name cannot name a file twice, and most commands get one.
    if (names.size() == 1 || seen.insert(canonical.of(module.path)).second) {
      result.modules.push_back(std::move(module));
    }
  };
  for (const std::string& name : names) {
    if (is_directory(name)) {
      result.directories = true;
      MODPROOF_ASSIGN(directory, modules_in_directory(name, run));
      for (ModuleFile& module : directory.modules) {
        add(std::move(module));
      }
      std::move(directory.links.begin(), directory.links.end(), std::back_inserter(result.links));
    } else if (module_name_of(name)) {
      add(module_at(name));
    } else if (auto inside = name_of_module_at(name, run.max_module_size)) {
      add({.path = name, .name = std::move(*inside)});
    } else {
      return std::unexpected(no_module(name));
    }
  }
  return result;
}

Result<std::vector<ModuleFile>> extra_modules(const std::vector<std::string>& paths) {
  std::vector<ModuleFile> modules;
  for (const std::string& path : paths) {
    MODPROOF_ASSIGN(named, modules_of_names({path}));
    if (named.modules.empty()) {
      return fail(ErrorKind::missing, path, "no module in this directory");
    }
    std::move(named.modules.begin(), named.modules.end(), std::back_inserter(modules));
  }
  const auto by_path = [](const ModuleFile& a, const ModuleFile& b) { return a.path < b.path; };
  std::sort(modules.begin(), modules.end(), by_path);
  modules.erase(std::unique(modules.begin(), modules.end()), modules.end());
  return modules;
}

Status check_modules_differ(const std::vector<ModuleFile>& modules) {
  std::unordered_map<std::string_view, const ModuleFile*, KernelNameHash, KernelNameEqual> seen;
  seen.reserve(modules.size());
  for (const ModuleFile& module : modules) {
    const auto [other, fresh] = seen.emplace(module.name, &module);
    if (!fresh) {
      return fail(ErrorKind::duplicate, {},
                  fmt::format("two modules are called {}: {} and {} (to the kernel, - and _ are "
                              "the same)",
                              printable(kernel_name(module.name)), printable(other->second->path),
                              printable(module.path)));
    }
  }
  return {};
}

}  // namespace modproof
