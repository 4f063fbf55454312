// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ops/build_input.h"

#include <algorithm>
#include <utility>

#include "modproof/ops/discover.h"
#include "modproof/ops/find_kernel.h"
#include "modproof/ops/info.h"
#include "modproof/ops/make_tree.h"
#include "modproof/ops/package.h"

#include "base/try.h"
#include "format/elf.h"
#include "ops/hash_modules.h"
#include "ops/module_contents.h"
#include "ops/package_input.h"

namespace modproof {
namespace {

class TreeInput : public BuildInput {
 public:
  explicit TreeInput(TreeFile tree) : tree_(std::move(tree)) {}

  [[nodiscard]] BuildKind kind() const override { return BuildKind::tree; }
  [[nodiscard]] const std::vector<std::string>& names() const override { return tree_.names; }
  [[nodiscard]] std::uint32_t position(std::size_t index) const override {
    return static_cast<std::uint32_t>(index * tree_.variants.size());
  }
  [[nodiscard]] std::span<const Leaf> stored_leaves(std::size_t index) const override {
    return tree_.leaves_of(index);
  }

  Result<std::vector<LeafAnswer>> leaves(std::span<const LeafRequest> requests,
                                         const RunOptions& /*run*/) override {
    std::vector<LeafAnswer> answers;
    answers.reserve(requests.size());
    for (const LeafRequest& request : requests) {
      const auto own = tree_.leaves_of(request.module);
      LeafAnswer answer{.payload_size = own.front().payload_size,
                        .position = request.position,
                        .leaf = {},
                        .trailer = TrailerKind::none,
                        .error = {}};
      if (request.position == position(request.module)) {
        answer.leaf = own.front().hash;
      }
      answers.push_back(std::move(answer));
    }
    return answers;
  }

  [[nodiscard]] Result<std::optional<File>> open(std::size_t /*index*/) const override {
    return std::nullopt;
  }
  [[nodiscard]] std::optional<Root> stored_root() const override { return tree_.root; }
  [[nodiscard]] const std::string& kernel() const override { return kernel_; }
  Result<KernelContents> take_kernel() override {
    return fail(ErrorKind::missing, {}, "a tree file holds no kernel");
  }

 private:
  TreeFile tree_;
  std::string kernel_;
};

/// Answers one request a module, from several threads: a slot each.
class Answerer : public ModuleVisitor {
 public:
  Answerer(std::span<const LeafRequest> requests, std::vector<LeafAnswer>& answers)
      : requests_(requests), answers_(answers) {}

  Result<std::optional<std::uint32_t>> begin(std::size_t index, const OpenModule& module,
                                             Bytes head) override {
    MODPROOF_TRY(check_module_head(head, module.trailer.payload_size));
    const LeafRequest& request = requests_[index];
    LeafAnswer& answer = answers_[index];
    answer.payload_size = module.trailer.payload_size;
    answer.trailer = module.trailer.kind;
    answer.position = position_for(request, answer.payload_size);
    return answer.position;
  }

  Status finish(std::size_t index, const OpenModule& /*module*/, const Digest& leaf) override {
    answers_[index].leaf = leaf;
    return {};
  }

  void failed(std::size_t index, Error error) override { answers_[index].error = std::move(error); }

 private:
  std::span<const LeafRequest> requests_;
  std::vector<LeafAnswer>& answers_;
};

/// Modules that are files, of a directory or just one, and maybe the kernel that belongs to them.
class FilesInput : public BuildInput {
 public:
  FilesInput(BuildKind kind, std::vector<ModuleFile> modules, std::string kernel,
             const KernelOptions& options, std::optional<Root> root)
      : kind_(kind),
        modules_(std::move(modules)),
        kernel_(std::move(kernel)),
        max_kernel_size_(options.max_size),
        root_(root) {
    for (const ModuleFile& module : modules_) {
      names_.push_back(module.name);
    }
  }

  [[nodiscard]] BuildKind kind() const override { return kind_; }
  [[nodiscard]] const std::vector<std::string>& names() const override { return names_; }
  [[nodiscard]] std::uint32_t position(std::size_t index) const override {
    return static_cast<std::uint32_t>(index);
  }
  [[nodiscard]] std::span<const Leaf> stored_leaves(std::size_t /*index*/) const override {
    return {};
  }

  Result<std::vector<LeafAnswer>> leaves(std::span<const LeafRequest> requests,
                                         const RunOptions& run) override {
    std::vector<ModuleFile> files;
    files.reserve(requests.size());
    for (const LeafRequest& request : requests) {
      files.push_back(modules_[request.module]);
    }
    max_module_size_ = run.max_module_size;
    std::vector<LeafAnswer> answers(requests.size());
    Answerer answerer(requests, answers);
    MODPROOF_TRY(hash_modules(files, answerer, run));
    return answers;
  }

  [[nodiscard]] Result<std::optional<File>> open(std::size_t index) const override {
    MODPROOF_ASSIGN(contents, ModuleContents::open(modules_[index].path, max_module_size_));
    return std::optional(std::move(contents).take_file());
  }
  [[nodiscard]] std::optional<Root> stored_root() const override { return root_; }
  [[nodiscard]] const std::string& kernel() const override { return kernel_; }
  Result<KernelContents> take_kernel() override {
    MODPROOF_ASSIGN(image, File::open(kernel_));
    return KernelContents::open(std::move(image), max_kernel_size_);
  }

 private:
  BuildKind kind_;
  std::vector<ModuleFile> modules_;
  std::vector<std::string> names_;
  std::string kernel_;
  std::uint64_t max_kernel_size_;
  std::optional<Root> root_;
  std::uint64_t max_module_size_ = kDefaultMaxModuleSize;
};

std::string below(const std::string& directory, std::string_view name) {
  return directory + (directory.ends_with('/') ? "" : "/") + std::string(name);
}

bool is_file(const std::string& path) {
  struct stat status{};
  return ::stat(path.c_str(), &status) == 0 && S_ISREG(status.st_mode);
}

/// True if the modules.order of `directory` is that of a build tree. What else lies there (modules
/// of a configuration before, of tests) is not part of the build then.
Result<bool> is_build_tree(const std::string& directory) {
  const std::string order = below(directory, "modules.order");
  if (!is_file(order)) {
    return false;
  }
  MODPROOF_ASSIGN(file, File::open(order));
  std::string first(static_cast<std::size_t>(std::min<std::uint64_t>(file.size(), 4096)), '\0');
  MODPROOF_TRY(file.read_at(0, {reinterpret_cast<std::uint8_t*>(first.data()), first.size()}));
  first.resize(std::min(first.find('\n'), first.size()));
  return first.ends_with(".o");
}

Result<std::unique_ptr<BuildInput>> open_directory(const std::string& path,
                                                   const KernelOptions& options,
                                                   const RunOptions& run) {
  MODPROOF_ASSIGN(modules, modules_of_build(path));
  std::string kernel = below(path, "vmlinux");
  if (!is_file(kernel)) {
    kernel.clear();
  }
  if (modules.empty() && kernel.empty()) {
    MODPROOF_ASSIGN(packages, packages_in(path));
    if (packages.empty()) {
      return fail(ErrorKind::missing, path,
                  "neither modules nor a vmlinux nor packages in this directory");
    }
    return open_packages(path, packages, options, run);
  }
  return std::make_unique<FilesInput>(BuildKind::directory, std::move(modules), std::move(kernel),
                                      options, std::nullopt);
}

/// `directory`, or the one with modules below it if it is the top of a system with those of one
/// kernel version: their modules.order stands there.
Result<std::string> directory_of_modules(const std::string& directory) {
  if (!is_directory(below(directory, "lib/modules")) &&
      !is_directory(below(directory, "usr/lib/modules"))) {
    return directory;
  }
  MODPROOF_ASSIGN(versions, installed_versions(directory));
  return versions.size() == 1 ? modules_directory(directory, versions.front()) : directory;
}

}  // namespace

Result<std::vector<ModuleFile>> modules_of_build(const std::string& directory) {
  MODPROOF_ASSIGN(built, is_build_tree(directory));
  if (built) {
    return modules_of_order(below(directory, "modules.order"));
  }
  MODPROOF_ASSIGN(modules, directory_of_modules(directory));
  MODPROOF_ASSIGN(found, modules_in_directory(modules));
  MODPROOF_TRY(check_modules_differ(found.modules));
  return std::move(found.modules);
}

std::uint32_t position_for(const LeafRequest& request, std::uint64_t payload_size) {
  std::uint32_t position = request.position;
  for (const Leaf& variant : request.variants) {
    if (variant.payload_size == payload_size) {
      return position;
    }
    ++position;
  }
  return request.position;
}

Result<std::unique_ptr<BuildInput>> open_build(const std::string& path,
                                               const KernelOptions& options,
                                               const RunOptions& run) {
  if (is_directory(path)) {
    return open_directory(path, options, run);
  }
  MODPROOF_ASSIGN(package, is_package_file(path));
  if (package) {
    return open_packages(path, {path}, options, run);
  }
  MODPROOF_ASSIGN(info, inspect(path, {.kernel = options,
                                       .max_module_size = run.max_module_size,
                                       .cancel = run.cancel}));
  if (auto* tree = std::get_if<TreeInfo>(&info)) {
    return std::make_unique<TreeInput>(std::move(tree->tree));
  }
  if (const auto* kernel = std::get_if<KernelDescription>(&info)) {
    return std::make_unique<FilesInput>(
        BuildKind::kernel, std::vector<ModuleFile>{}, path, options,
        kernel->kernel ? std::optional(kernel->kernel->root) : std::nullopt);
  }
  if (std::holds_alternative<InitramfsInfo>(info)) {
    return fail(ErrorKind::unsupported, path,
                "an initramfs holds a part of a build's modules only, so it is not compared; "
                "`modproof verify` checks them");
  }
  const auto& module = std::get<ModuleInfo>(info);
  // A file may be called anything; the name of the module in it is only what it is matched by.
  std::string name = module.name.empty() ? path.substr(path.rfind('/') + 1) : module.name;
  return std::make_unique<FilesInput>(
      BuildKind::module, std::vector<ModuleFile>{{.path = path, .name = std::move(name)}},
      std::string(), options, std::nullopt);
}

}  // namespace modproof
