// SPDX-License-Identifier: LGPL-2.1-or-later
// To explain a module one has to have its contents and the root at once, so where the roots stand
// in kernel images of the packages, these are read before.
#include <algorithm>
#include <mutex>
#include <utility>

#include "modproof/format/module_name.h"
#include "modproof/ops/package.h"

#include "base/try.h"
#include "ops/explain_one.h"
#include "ops/known_tree.h"
#include "ops/package_roots.h"
#include "ops/walk_packages.h"

namespace modproof {
namespace {

/// Reads kernel images, and counts modules.
class KernelFinder : public PackageVisitor {
 public:
  KernelFinder(const KernelOptions& options, PackageNotesKeeper& notes)
      : roots_(options), notes_(notes) {}

  bool wants(const PackageReader& /*package*/, const PackageEntry& entry) override {
    if (entry.place.kind == PackageFile::module) {
      ++modules_[entry.place.version];
    }
    return entry.place.kind == PackageFile::kernel;
  }
  void take(std::size_t index, const PackageEntry& entry, File contents) override {
    roots_.add(index, entry, std::move(contents));
  }
  void failed(Error error) override { notes_.failed(std::move(error)); }

  /// The root of each version that has one. For others, notes say why not.
  [[nodiscard]] std::map<std::string, PackageRoot> roots() const {
    std::map<std::string, PackageRoot> roots;
    for (const auto& [version, count] : modules_) {
      auto root = roots_.root_of(version, notes_.notes());
      if (root) {
        roots.emplace(version, std::move(*root));
      } else {
        notes_.no_root(version, count, std::move(root.error()));
      }
    }
    return roots;
  }

 private:
  PackageRoots roots_;
  PackageNotesKeeper& notes_;
  std::map<std::string, std::uint64_t> modules_;
};

struct ExplainedModule {
  std::size_t index = 0;
  Result<Explanation> explanation;
};

class PackageExplainer : public PackageVisitor {
 public:
  /// `roots` are by version; where there are none, `chosen` counts.
  PackageExplainer(const std::map<std::string, PackageRoot>& roots,
                   const std::optional<Root>& chosen, const KnownTree* known,
                   std::uint64_t max_module_size, PackageNotesKeeper& notes)
      : roots_(roots),
        chosen_(chosen),
        known_(known),
        max_module_size_(max_module_size),
        notes_(notes) {}

  bool wants(const PackageReader& /*package*/, const PackageEntry& entry) override {
    return entry.place.kind == PackageFile::module &&
           (chosen_ || roots_.contains(entry.place.version));
  }

  void take(std::size_t /*index*/, const PackageEntry& entry, File contents) override;
  void failed(Error error) override { notes_.failed(std::move(error)); }
  void done(const PackageReader& package) override { notes_.done(package); }

  [[nodiscard]] std::vector<ExplainedVersion> versions() &&;

 private:
  [[nodiscard]] PackageRoot root_of(const std::string& version) const {
    return chosen_ ? PackageRoot{.version = version, .root = *chosen_, .source = {}}
                   : roots_.at(version);
  }

  const std::map<std::string, PackageRoot>& roots_;
  const std::optional<Root>& chosen_;
  const KnownTree* known_;
  std::uint64_t max_module_size_;
  PackageNotesKeeper& notes_;
  std::mutex mutex_;  // guards explained_
  std::map<std::string, std::vector<ExplainedModule>> explained_;
};

void PackageExplainer::take(std::size_t index, const PackageEntry& entry, File contents) {
  std::string path = contents.path();
  auto explanation = explain_one(*module_name_of(entry.path), std::move(contents), max_module_size_,
                                 root_of(entry.place.version).root, known_);
  if (explanation) {
    advise_for_container(*explanation, kPackage);
  } else if (explanation.error().path.empty()) {
    explanation.error().path = std::move(path);
  }
  const std::lock_guard lock(mutex_);
  explained_[entry.place.version].push_back(
      {.index = index, .explanation = std::move(explanation)});
}

std::vector<ExplainedVersion> PackageExplainer::versions() && {
  std::vector<ExplainedVersion> versions;
  for (auto& [version, modules] : explained_) {
    std::ranges::sort(modules, {}, &ExplainedModule::index);
    ExplainedVersion explained{.root = root_of(version), .report = {}};
    // What is not the root of the tree file is that of a kernel.
    if (!chosen_ || known_ == nullptr || *chosen_ != known_->root()) {
      explained.report.kernel_root = explained.root.root;
    }
    if (known_ != nullptr) {
      explained.report.tree_root = known_->root();
    }
    for (ExplainedModule& module : modules) {
      if (module.explanation) {
        explained.report.modules.push_back(std::move(*module.explanation));
      } else {
        explained.report.errors.push_back(std::move(module.explanation.error()));
      }
    }
    name_other_roots(explained.report);
    versions.push_back(std::move(explained));
  }
  return versions;
}

}  // namespace

Result<PackagesExplained> explain_packages(const std::vector<std::string>& packages,
                                           const PackageOptions& options, const RunOptions& run) {
  MODPROOF_ASSIGN(known, KnownTree::load_if_named(options.tree));
  auto chosen = options.root;
  if (!chosen && known) {
    chosen = known->root();
  }
  PackageNotesKeeper notes;
  std::map<std::string, PackageRoot> roots;
  if (!chosen) {
    KernelFinder finder(options.kernel, notes);
    MODPROOF_TRY(walk_packages(packages, options.kernel.max_size, finder, run));
    roots = finder.roots();
  }
  PackageExplainer explainer(roots, chosen, known ? &*known : nullptr, run.max_module_size, notes);
  MODPROOF_TRY(walk_packages(packages, options.kernel.max_size, explainer, run));
  PackagesExplained result;
  result.versions = std::move(explainer).versions();
  result.notes = std::move(notes).take();
  return result;
}

}  // namespace modproof
