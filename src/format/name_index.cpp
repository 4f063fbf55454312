// SPDX-License-Identifier: LGPL-2.1-or-later
#include "format/name_index.h"

#include <bit>

#include "modproof/format/module_name.h"

namespace modproof {

NameIndex::NameIndex(std::span<const std::string> names)
    : slots_(std::bit_ceil(2 * names.size() + 1)) {
  for (std::size_t i = 0; i < names.size(); ++i) {
    const std::uint64_t hash = KernelNameHash()(names[i]);
    Slot& slot = slots_[slot_of(names, names[i], hash)];
    if (slot.number == 0) {
      slot = {.hash = static_cast<std::uint32_t>(hash >> 32U),
              .number = static_cast<std::uint32_t>(i + 1)};
    } else if (!duplicate_) {
      duplicate_ = i;
    }
  }
}

std::size_t NameIndex::slot_of(std::span<const std::string> names, std::string_view name,
                               std::uint64_t hash) const {
  const std::size_t mask = slots_.size() - 1;
  std::size_t at = hash & mask;
  while (slots_[at].number != 0 && (slots_[at].hash != hash >> 32U ||
                                    !KernelNameEqual()(names[slots_[at].number - 1], name))) {
    at = (at + 1) & mask;
  }
  return at;
}

std::optional<std::size_t> NameIndex::find(std::span<const std::string> names,
                                           std::string_view name) const {
  const Slot& slot = slots_[slot_of(names, name, KernelNameHash()(name))];
  return slot.number == 0 ? std::nullopt : std::optional<std::size_t>(slot.number - 1);
}

}  // namespace modproof
