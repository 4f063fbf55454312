// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ops/diff/first_difference.h"

#include <algorithm>
#include <cstring>

#include "base/try.h"

namespace modproof {
namespace {

constexpr std::size_t kChunk = std::size_t{256} << 10U;

}  // namespace

Result<std::optional<std::uint64_t>> first_difference(const FileRange& a, const FileRange& b) {
  const std::uint64_t length = std::min(a.size(), b.size());
  ByteVector left(static_cast<std::size_t>(std::min<std::uint64_t>(length, kChunk)));
  ByteVector right(left.size());
  for (std::uint64_t done = 0; done < length;) {
    const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(length - done, kChunk));
    MODPROOF_TRY(a.read_at(done, MutableBytes(left).first(size)));
    MODPROOF_TRY(b.read_at(done, MutableBytes(right).first(size)));
    if (std::memcmp(left.data(), right.data(), size) != 0) {
      const auto place = std::mismatch(left.begin(), left.end(), right.begin()).first;
      return done + static_cast<std::uint64_t>(place - left.begin());
    }
    done += size;
  }
  return std::nullopt;
}

}  // namespace modproof
