// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ops/package_input.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>
#include <utility>

#include <fmt/core.h>

#include "modproof/format/module_name.h"
#include "modproof/format/modules_order.h"
#include "modproof/ops/make_tree.h"
#include "modproof/ops/package.h"

#include "base/file_range.h"
#include "base/temporary_file.h"
#include "base/try.h"
#include "format/elf.h"
#include "format/package_reader.h"
#include "format/root_section.h"
#include "ops/arrange_modules.h"
#include "ops/leaf_of.h"
#include "ops/module_contents.h"
#include "ops/read_trailer.h"
#include "ops/run.h"
#include "ops/walk_packages.h"

namespace modproof {
namespace {

/// Where the bytes of a module are.
struct KeptModule {
  std::string path;  ///< PACKAGE:PATH
  std::uint64_t offset = 0;
  std::uint64_t size = 0;
};

/// What was read of the packages.
struct KeptPackages {
  std::map<std::string, KeptModule> modules;  ///< by the path in the package, without usr/
  std::set<std::string> versions;             ///< of modules
  std::vector<OrderLine> order;
  std::string kernel_path;  ///< empty if there is no kernel
  std::optional<KernelContents> kernel;
};

/// Which of several kernel images is compared: the larger number.
int rank_of(const KernelContents& kernel) {
  if (!kernel.raw_kind().empty()) {
    return 0;
  }
  return kernel.layers().empty() ? 2 : 1;
}

class PackageKeeper {
 public:
  PackageKeeper(TemporaryFile store, const KernelOptions& kernel, const RunOptions& run)
      : store_(std::move(store)), max_kernel_size_(kernel.max_size), run_(run) {}

  Status read(const std::string& path) {
    MODPROOF_ASSIGN(package, PackageReader::open(path));
    while (true) {
      if (cancelled(run_.cancel)) {
        return fail_interrupted();
      }
      MODPROOF_ASSIGN(entry, package.next());
      if (!entry) {
        return {};
      }
      MODPROOF_ASSIGN(contents, package.contents(*entry, limit_of(*entry, max_kernel_size_, run_)));
      switch (entry->place.kind) {
        case PackageFile::module:
          MODPROOF_TRY(keep_module(*entry, contents));
          break;
        case PackageFile::order:
          MODPROOF_TRY(keep_order(contents));
          break;
        case PackageFile::kernel:
          MODPROOF_TRY(keep_kernel(std::move(contents)));
          break;
        case PackageFile::other:
          break;
      }
    }
  }

  [[nodiscard]] Result<File> take_store(const std::string& name) {
    return std::move(store_).finish(name);
  }
  [[nodiscard]] KeptPackages take_kept() { return std::move(kept_); }

 private:
  Status keep_module(const PackageEntry& entry, const File& contents) {
    const auto [known, fresh] = kept_.modules.emplace(
        without_usr(entry.path),
        KeptModule{.path = contents.path(), .offset = store_.size(), .size = contents.size()});
    if (!fresh) {
      return fail(
          ErrorKind::duplicate, contents.path(),
          fmt::format("{} is the same file of another package", printable(known->second.path)));
    }
    kept_.versions.insert(entry.place.version);
    return store_.append_range(FileRange(contents));
  }

  Status keep_order(const File& contents) {
    MODPROOF_ASSIGN(text, FileRange(contents).head(static_cast<std::size_t>(contents.size())));
    auto lines = parse_modules_order(text);
    if (!lines) {
      lines.error().path = contents.path();
      return std::unexpected(std::move(lines.error()));
    }
    kept_.order = std::move(*lines);
    return {};
  }

  Status keep_kernel(File contents) {
    std::string path = contents.path();
    MODPROOF_ASSIGN(kernel, KernelContents::open(std::move(contents), max_kernel_size_));
    if (!kept_.kernel || rank_of(kernel) > rank_of(*kept_.kernel)) {
      kept_.kernel_path = std::move(path);
      kept_.kernel = std::move(kernel);
    }
    return {};
  }

  TemporaryFile store_;
  std::uint64_t max_kernel_size_;
  const RunOptions& run_;
  KeptPackages kept_;
};

class PackageInput : public BuildInput {
 public:
  PackageInput(File store, std::vector<KeptModule> modules, KeptPackages kept,
               std::optional<Root> root, std::uint64_t max_module_size)
      : store_(std::move(store)),
        modules_(std::move(modules)),
        kernel_path_(std::move(kept.kernel_path)),
        kernel_(std::move(kept.kernel)),
        root_(root),
        max_module_size_(max_module_size) {
    for (const KeptModule& module : modules_) {
      names_.push_back(module_name_of(module.path).value_or(std::string()));
    }
  }

  [[nodiscard]] BuildKind kind() const override { return BuildKind::packages; }
  [[nodiscard]] const std::vector<std::string>& names() const override { return names_; }
  [[nodiscard]] std::uint32_t position(std::size_t index) const override {
    return static_cast<std::uint32_t>(index);
  }
  [[nodiscard]] std::span<const Leaf> stored_leaves(std::size_t /*index*/) const override {
    return {};
  }

  Result<std::vector<LeafAnswer>> leaves(std::span<const LeafRequest> requests,
                                         const RunOptions& run) override {
    std::vector<LeafAnswer> answers(requests.size());
    Workers workers(run);
    workers.crew(std::max<std::size_t>(requests.size(), 1))
        .for_each(requests.size(), [&](std::size_t i) {
          if (cancelled(run.cancel)) {
            return;
          }
          if (auto status = answer(requests[i], answers[i]); !status) {
            answers[i].error = std::move(status.error());
          }
        });
    if (cancelled(run.cancel)) {
      return fail_interrupted();
    }
    return answers;
  }

  [[nodiscard]] Result<std::optional<File>> open(std::size_t index) const override {
    MODPROOF_ASSIGN(contents, contents_of_module(index));
    return std::optional(std::move(contents).take_file());
  }
  [[nodiscard]] std::optional<Root> stored_root() const override { return root_; }
  [[nodiscard]] const std::string& kernel() const override { return kernel_path_; }
  Result<KernelContents> take_kernel() override { return *std::exchange(kernel_, std::nullopt); }

 private:
  [[nodiscard]] Result<ModuleContents> contents_of_module(std::size_t index) const {
    const KeptModule& module = modules_[index];
    MODPROOF_ASSIGN(copy, module.size <= kPackageFileInMemory ? TemporaryFile::create_in_memory()
                                                              : TemporaryFile::create());
    MODPROOF_TRY(copy.append_range(*FileRange(store_).part(module.offset, module.size)));
    MODPROOF_ASSIGN(stored, std::move(copy).finish(module.path));
    return ModuleContents::of(std::move(stored), max_module_size_);
  }

  [[nodiscard]] Status answer(const LeafRequest& request, LeafAnswer& answer) const {
    MODPROOF_ASSIGN(contents, contents_of_module(request.module));
    const File& file = contents.file();
    MODPROOF_ASSIGN(trailer, read_trailer(file));
    MODPROOF_ASSIGN(head, FileRange(file).head(kElfHead));
    if (auto status = check_module_head(head, trailer.payload_size); !status) {
      status.error().path = file.path();
      return status;
    }
    answer.payload_size = trailer.payload_size;
    answer.trailer = trailer.kind;
    answer.position = position_for(request, trailer.payload_size);
    MODPROOF_ASSIGN(leaf, leaf_of(file, trailer.payload_size, answer.position));
    answer.leaf = leaf;
    return {};
  }

  File store_;
  std::vector<KeptModule> modules_;
  std::vector<std::string> names_;
  std::string kernel_path_;
  std::optional<KernelContents> kernel_;
  std::optional<Root> root_;
  std::uint64_t max_module_size_;
};

/// The modules in the order in which they count: that of the directory that they get unpacked to.
Result<std::vector<KeptModule>> in_order(const KeptPackages& kept) {
  std::vector<std::string> paths;
  paths.reserve(kept.modules.size());
  for (const auto& [path, module] : kept.modules) {
    paths.push_back(path);
  }
  const std::string directory =
      kept.versions.empty() ? std::string() : "lib/modules/" + *kept.versions.begin();
  MODPROOF_ASSIGN(arranged, arrange_modules(paths, directory, kept.order));
  std::vector<KeptModule> modules;
  for (ModuleFile& file : arranged.modules) {
    modules.push_back(kept.modules.at(file.path));
    file.path = modules.back().path;
  }
  MODPROOF_TRY(check_modules_differ(arranged.modules));
  return modules;
}

}  // namespace

Result<std::vector<std::string>> packages_in(const std::string& directory) {
  namespace fs = std::filesystem;
  std::error_code error;
  std::vector<std::string> packages;
  for (fs::directory_iterator entry(directory, error), end; !error && entry != end;
       entry.increment(error)) {
    const std::string path = entry->path().string();
    MODPROOF_ASSIGN(package, is_package_file(path));
    if (package) {
      packages.push_back(path);
    }
  }
  if (error) {
    return fail_errno(directory, "cannot read the directory", error.value());
  }
  std::sort(packages.begin(), packages.end());
  return packages;
}

Result<std::unique_ptr<BuildInput>> open_packages(const std::string& name,
                                                  const std::vector<std::string>& packages,
                                                  const KernelOptions& kernel,
                                                  const RunOptions& run) {
  MODPROOF_ASSIGN(temporary, TemporaryFile::create());
  PackageKeeper keeper(std::move(temporary), kernel, run);
  for (const std::string& package : packages) {
    MODPROOF_TRY(keeper.read(package));
  }
  MODPROOF_ASSIGN(store, keeper.take_store(name));
  KeptPackages kept = keeper.take_kept();
  if (kept.versions.size() > 1) {
    std::string list;
    for (const std::string& version : kept.versions) {
      list += (list.empty() ? "" : ", ") + printable(version);
    }
    return fail(ErrorKind::usage, name,
                "holds modules of several kernel versions, and a build has one: " + list);
  }
  if (kept.modules.empty() && kept.kernel_path.empty()) {
    return fail(ErrorKind::missing, name, "neither modules nor a kernel image in this package");
  }
  MODPROOF_ASSIGN(modules, in_order(kept));
  std::optional<Root> root;
  if (modules.empty() && kept.kernel->raw_kind().empty()) {
    auto section = read_root_section(kept.kernel->kernel());
    if (section) {
      root = section->root;
    } else if (section.error().kind != ErrorKind::missing) {
      return std::unexpected(std::move(section.error()));
    }
  }
  return std::make_unique<PackageInput>(std::move(store), std::move(modules), std::move(kept), root,
                                        run.max_module_size);
}

}  // namespace modproof
