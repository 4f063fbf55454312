// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ops/find_payload.h"

#include "base/try.h"
#include "ops/leaf_of.h"

namespace modproof {

Result<std::optional<std::uint32_t>> find_payload(const File& file, std::uint64_t size,
                                                  std::string_view name, const KnownTree& known) {
  const auto index = known.find(name);
  if (!index) {
    return std::nullopt;
  }
  std::uint32_t position = known.first_position(*index);
  for (const Leaf& leaf : known.file().leaves_of(*index)) {
    if (leaf.payload_size == size) {
      MODPROOF_ASSIGN(found, leaf_of(file, size, position));
      if (found == leaf.hash) {
        return position;
      }
    }
    ++position;
  }
  return std::nullopt;
}

}  // namespace modproof
