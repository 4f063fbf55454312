// SPDX-License-Identifier: LGPL-2.1-or-later
// What the kernels share: everything of SHA-256 around the compression of whole blocks (initial
// state, length, padding; FIPS 180-4 sections 5 and 6.2), and the constants of that compression.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "backend.h"

namespace modproof::hash {

/// The most lanes that any kernel has.
inline constexpr std::size_t kMaxLanes = 16;

/// The eight state words a to h of one message.
using StateWords = std::array<std::uint32_t, 8>;

/// One message and its next blocks.
struct Stream {
  std::uint32_t* words;      ///< eight state words, changed in place; any alignment of a word
  const std::uint8_t* data;  ///< 64 bytes a block, any alignment, nothing read beyond
};

/// A kernel: advances each of `streams` (at most as many as the backend has lanes, all different)
/// by `blocks` blocks, at least one. State stays in registers from the first block to the last.
using Compress = void (*)(std::span<const Stream> streams, std::size_t blocks) noexcept;

/// An engine that keeps the state words itself and has `compress` change them.
[[nodiscard]] std::unique_ptr<LaneEngine> make_block_engine(Compress compress, std::size_t lanes);

/// The digest of one message.
[[nodiscard]] Digest digest_by_blocks(Compress compress, Bytes message);

/// As Sha256::of_each(), `lanes` messages at a time.
void digest_each_by_blocks(Compress compress, std::size_t lanes, Bytes messages, std::size_t size,
                           std::span<Digest> digests);

/// The round constants K of FIPS 180-4, 4.2.2. Aligned, because the kernels add them from memory;
/// not inline, because each kernel addresses its own copy directly, also in a shared library.
alignas(64) constexpr std::array<std::uint32_t, 64> kRoundConstants{
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

}  // namespace modproof::hash
