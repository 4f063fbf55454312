// SPDX-License-Identifier: LGPL-2.1-or-later
// A module may stand before its kernel in a package, or in another package. So modules are hashed
// as they come, and their proofs followed when all packages are read.
#include <algorithm>
#include <mutex>
#include <utility>

#include <fmt/core.h>

#include "modproof/format/module_name.h"
#include "modproof/ops/package.h"

#include "base/try.h"
#include "ops/diagnose.h"
#include "ops/examine_module.h"
#include "ops/known_tree.h"
#include "ops/missing_modules.h"
#include "ops/package_roots.h"
#include "ops/walk_packages.h"

namespace modproof {
namespace {

/// A module that was read.
struct ReadModule {
  std::size_t index = 0;
  Result<ExaminedModule> module;
};

using ReadModules = std::map<std::string, std::vector<ReadModule>>;  // by version

class PackageVerifier : public PackageVisitor {
 public:
  PackageVerifier(const PackageOptions& options, const RunOptions& run, const KnownTree* known)
      : chosen_(options.root.has_value() || known != nullptr),
        roots_(options.kernel),
        how_{.max_module_size = run.max_module_size, .known = known, .container = kPackage} {}

  bool wants(const PackageReader& /*package*/, const PackageEntry& entry) override {
    return entry.place.kind == PackageFile::module ||
           (entry.place.kind == PackageFile::kernel && !chosen_);
  }

  void take(std::size_t index, const PackageEntry& entry, File contents) override {
    if (entry.place.kind == PackageFile::kernel) {
      roots_.add(index, entry, std::move(contents));
      return;
    }
    std::string path = contents.path();
    auto module = examine_module(*module_name_of(entry.path), std::move(contents), how_);
    if (!module && module.error().path.empty()) {
      module.error().path = std::move(path);
    }
    const std::lock_guard lock(mutex_);
    modules_[entry.place.version].push_back({.index = index, .module = std::move(module)});
  }

  void failed(Error error) override { notes_.failed(std::move(error)); }
  void done(const PackageReader& package) override { notes_.done(package); }

  /// Comes after the last call of any other.
  [[nodiscard]] PackagesReport report(const std::optional<Root>& chosen_root) && {
    PackagesReport report;
    for (auto& [version, modules] : modules_) {
      std::ranges::sort(modules, {}, &ReadModule::index);
      auto root = chosen_root ? PackageRoot{.version = version, .root = *chosen_root, .source = {}}
                              : roots_.root_of(version, notes_.notes());
      if (root) {
        VerifiedVersion verified{.root = std::move(*root), .report = {}};
        verified.report = follow(std::move(modules), verified.root.root);
        report.versions.push_back(std::move(verified));
      } else {
        notes_.no_root(version, modules.size(), std::move(root.error()));
      }
    }
    report.notes = std::move(notes_).take();
    return report;
  }

 private:
  [[nodiscard]] VerifyReport follow(std::vector<ReadModule> modules, const Root& root) const {
    VerifyReport report;
    report.root = root;
    std::vector<Claim> claims;
    std::vector<std::size_t> claimants;
    for (ReadModule& read : modules) {
      if (!read.module) {
        report.errors.push_back(std::move(read.module.error()));
        continue;
      }
      if (read.module->claim) {
        claims.push_back(std::move(*read.module->claim));
        claimants.push_back(report.verdicts.size());
      }
      report.verdicts.push_back(std::move(read.module->verdict));
    }
    const std::vector<ProofVerdict> checked = check_each(claims, root);
    for (std::size_t i = 0; i < claims.size(); ++i) {
      judge(claims[i], checked[i], root, how_.known, report.verdicts[claimants[i]]);
    }
    return report;
  }

  bool chosen_;
  PackageRoots roots_;
  Examination how_;
  PackageNotesKeeper notes_;
  std::mutex mutex_;  // guards modules_
  ReadModules modules_;
};

/// Modules of the tree that are in none of the packages.
void add_missing_in_packages(const KnownTree& known, PackagesReport& report) {
  std::vector<ModuleFile> present;
  for (const VerifiedVersion& version : report.versions) {
    for (const Verdict& verdict : version.report.verdicts) {
      present.push_back({.path = {}, .name = verdict.name});
    }
  }
  if (!report.versions.empty()) {
    add_missing(present, known, report.versions.back().report);
  }
}

}  // namespace

Result<PackagesReport> verify_packages(const std::vector<std::string>& packages,
                                       const PackageOptions& options, const RunOptions& run) {
  MODPROOF_ASSIGN(known, KnownTree::load_if_named(options.tree));
  PackageVerifier verifier(options, run, known ? &*known : nullptr);
  MODPROOF_TRY(walk_packages(packages, options.kernel.max_size, verifier, run));
  auto root = options.root;
  if (!root && known) {
    root = known->root();
  }
  PackagesReport report = std::move(verifier).report(root);
  if (known && options.report_missing) {
    add_missing_in_packages(*known, report);
  }
  return report;
}

}  // namespace modproof
