// SPDX-License-Identifier: LGPL-2.1-or-later
// The visitor that collects leaves for a new tree: only files that are modules get one.
#pragma once

#include <optional>
#include <utility>
#include <vector>

#include "modproof/format/tree_file.h"

#include "base/try.h"
#include "format/elf.h"
#include "ops/first_error.h"
#include "ops/hash_modules.h"

namespace modproof {

class LeafCollector : public ModuleVisitor {
 public:
  /// Module i is hashed for `positions[i]`, and its leaf put there into `leaves`, which outlives
  /// this. With `any_file`, files that are no ELF modules get a leaf, too.
  LeafCollector(std::vector<std::uint32_t> positions, std::vector<Leaf>& leaves, bool any_file)
      : positions_(std::move(positions)),
        leaves_(leaves),
        any_file_(any_file),
        stamps_(positions_.size()),
        errors_(positions_.size()) {}

  Result<std::optional<std::uint32_t>> begin(std::size_t index, const OpenModule& module,
                                             Bytes head) override {
    if (!any_file_) {
      MODPROOF_TRY(check_module_head(head, module.trailer.payload_size));
    }
    return positions_[index];
  }

  Status finish(std::size_t index, const OpenModule& module, const Digest& leaf) override {
    leaves_[positions_[index]] = {.payload_size = module.trailer.payload_size, .hash = leaf};
    stamps_[index] = module.file.stamp();
    return {};
  }

  void failed(std::size_t index, Error error) override { errors_.set(index, std::move(error)); }

  /// The error of the first module, in their order, that has one.
  [[nodiscard]] Status status() const { return errors_.status(); }

  /// The state in which each module was hashed.
  [[nodiscard]] const std::vector<FileStamp>& stamps() const { return stamps_; }

 private:
  std::vector<std::uint32_t> positions_;
  std::vector<Leaf>& leaves_;
  bool any_file_;
  std::vector<FileStamp> stamps_;  // one slot a module, so that no lock is needed
  FirstError errors_;
};

}  // namespace modproof
