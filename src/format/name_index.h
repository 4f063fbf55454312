// SPDX-License-Identifier: LGPL-2.1-or-later
// Modules found by the name that the kernel knows them by.
//
// A command that deals with one module makes this of all names of its tree, so making it has to be
// cheap: one table with open addressing, no allocation a name. A slot holds a part of the hash, so
// that names are compared only where they are most likely equal.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace modproof {

class NameIndex {
 public:
  /// An index of `names`, fewer than 2^32 of them.
  explicit NameIndex(std::span<const std::string> names);

  /// The index in `names`, which are those of the constructor, of the first that the kernel takes
  /// for `name`.
  [[nodiscard]] std::optional<std::size_t> find(std::span<const std::string> names,
                                                std::string_view name) const;

  /// The first of the names that the kernel takes for one before it.
  [[nodiscard]] std::optional<std::size_t> duplicate() const noexcept { return duplicate_; }

 private:
  struct Slot {
    std::uint32_t hash = 0;
    std::uint32_t number = 0;  ///< of the name, counted from 1; 0 is an empty slot
  };

  /// The slot of `name`, or the empty one where it belongs.
  [[nodiscard]] std::size_t slot_of(std::span<const std::string> names, std::string_view name,
                                    std::uint64_t hash) const;

  std::vector<Slot> slots_;  // a power of two, at most half of them taken
  std::optional<std::size_t> duplicate_;
};

}  // namespace modproof
