// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ops/leaf_of.h"

#include <algorithm>

#include "modproof/hash/sha256.h"
#include "modproof/merkle/tree.h"

#include "base/try.h"

namespace modproof {
namespace {

constexpr std::uint64_t kChunk = std::uint64_t{128} << 10U;

}  // namespace

Result<Digest> leaf_of(const File& file, std::uint64_t payload_size, std::uint32_t position) {
  Sha256 sha;
  sha.update(leaf_prefix(position));
  ByteVector buffer(static_cast<std::size_t>(std::min(payload_size, kChunk)));
  for (std::uint64_t at = 0; at < payload_size;) {
    const auto length = static_cast<std::size_t>(std::min(payload_size - at, kChunk));
    const MutableBytes chunk(buffer.data(), length);
    MODPROOF_TRY(file.read_at(at, chunk));
    sha.update(chunk);
    at += length;
  }
  MODPROOF_TRY(file.check_unchanged());
  return sha.finish();
}

}  // namespace modproof
