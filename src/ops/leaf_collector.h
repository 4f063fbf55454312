// SPDX-License-Identifier: LGPL-2.1-or-later
// The visitor that collects leaves for a new tree: only files that are modules get one.
#pragma once

#include <optional>
#include <vector>

#include "modproof/format/tree_file.h"

#include "base/try.h"
#include "format/elf.h"
#include "ops/first_error.h"
#include "ops/hash_modules.h"

namespace modproof {

class LeafCollector : public ModuleVisitor {
 public:
  /// For `count` modules that own `stride` neighbouring positions each, of which the first is
  /// hashed. With `any_file`, files that are no ELF modules get a leaf, too.
  LeafCollector(std::size_t count, std::size_t stride, bool any_file)
      : leaves_(count * stride), stride_(stride), any_file_(any_file), errors_(count) {}

  Result<std::optional<std::uint32_t>> begin(std::size_t index, const OpenModule& module,
                                             Bytes head) override {
    if (!any_file_) {
      MODPROOF_TRY(check_module_head(head, module.trailer.payload_size));
    }
    return static_cast<std::uint32_t>(index * stride_);
  }

  Status finish(std::size_t index, const OpenModule& module, const Digest& leaf) override {
    leaves_[index * stride_] = {.payload_size = module.trailer.payload_size, .hash = leaf};
    return {};
  }

  void failed(std::size_t index, Error error) override { errors_.set(index, std::move(error)); }

  /// The error of the first module, in their order, that has one.
  [[nodiscard]] Status status() const { return errors_.status(); }

  /// All leaves, by position; those that were not hashed are empty.
  [[nodiscard]] std::vector<Leaf> take_leaves() && { return std::move(leaves_); }

 private:
  std::vector<Leaf> leaves_;
  std::size_t stride_;
  bool any_file_;
  FirstError errors_;
};

}  // namespace modproof
