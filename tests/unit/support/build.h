// SPDX-License-Identifier: LGPL-2.1-or-later
// A small kernel build for tests of operations: modules in a folder, their tree file, and the
// modules with their proofs.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "modproof/format/trailer.h"
#include "modproof/ops/attach.h"
#include "modproof/ops/make_tree.h"
#include "modproof/ops/verify.h"

#include "support/bytes.h"
#include "support/elf_writer.h"
#include "support/expect.h"
#include "support/folder.h"

namespace modproof::test {

/// Modules 0 to n - 1, called m0.ko, m1.ko, ... Their contents differ from build to build.
class Build {
 public:
  explicit Build(std::size_t count, std::uint32_t seed = 1)
      : tree_path_(folder_ / "modules.merkle") {
    for (std::size_t i = 0; i < count; ++i) {
      const std::string name = "m" + std::to_string(i);
      originals_.push_back(
          module_with(noise(10 + 97 * i, seed * 1000 + static_cast<std::uint32_t>(i))));
      modules_.push_back({folder_.write(name + ".ko", originals_.back()), name});
    }
  }

  [[nodiscard]] const Folder& folder() const { return folder_; }
  [[nodiscard]] const std::string& tree_path() const { return tree_path_; }
  [[nodiscard]] const std::vector<ModuleFile>& modules() const { return modules_; }
  [[nodiscard]] std::vector<ModuleFile> only(std::size_t i) const { return {modules_[i]}; }
  [[nodiscard]] const std::string& path(std::size_t i) const { return modules_[i].path; }
  [[nodiscard]] const ByteVector& original(std::size_t i) const { return originals_[i]; }
  [[nodiscard]] ByteVector contents(std::size_t i) const { return read_bytes(path(i)); }
  void write(std::size_t i, Bytes bytes) const { write_bytes(path(i), bytes); }

  /// Makes the tree of the modules as they are now and writes it.
  TreeFile make() const {
    const TreeFile tree = value_of(make_tree(modules_, {}, {.jobs = 2}));
    value_of(write_tree(tree_path_, tree, false));
    return tree;
  }

  /// Makes the tree and attaches the proofs. Gives the root.
  Root seal() const {
    const TreeFile tree = make();
    value_of(attach(modules_, tree_path_, {.sync = false}, {.jobs = 2}));
    return tree.root;
  }

  [[nodiscard]] Verdict verdict(std::size_t i, const Root& root, bool with_tree = true) const {
    auto report =
        value_of(verify(only(i), {.root = root, .tree = with_tree ? tree_path_ : ""}, {.jobs = 1}));
    if (!report.errors.empty()) {
      throw std::runtime_error(describe(report.errors.front()));
    }
    return report.verdicts.at(0);
  }

 private:
  Folder folder_;
  std::string tree_path_;
  std::vector<ByteVector> originals_;
  std::vector<ModuleFile> modules_;
};

}  // namespace modproof::test
