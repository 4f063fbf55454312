// SPDX-License-Identifier: LGPL-2.1-or-later
// Messages of any length on top of a kernel that knows whole blocks only.
#include "sha256_blocks.h"

#include <algorithm>
#include <cassert>
#include <cstring>
#include <vector>

namespace modproof::hash {
namespace {

/// H(0) of FIPS 180-4, 5.3.3.
constexpr StateWords kInitial{0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                              0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};

/// Where the length of the message stands in its last block.
constexpr std::size_t kLengthAt = kSha256Block - sizeof(std::uint64_t);

Digest digest_of(const StateWords& words) {
  Digest digest;
  for (std::size_t i = 0; i < words.size(); ++i) {
    store_be32(&digest[i * 4], words[i]);
  }
  return digest;
}

/// The digest of a message of which `words` holds the state after `compressed` bytes and `tail` is
/// the rest.
Digest finish_words(Compress compress, StateWords& words, std::uint64_t compressed, Bytes tail) {
  const std::uint64_t bits = (compressed + tail.size()) * 8;
  const auto run = [&](const std::uint8_t* data, std::size_t blocks) {
    const Stream stream{words.data(), data};
    compress({&stream, 1}, blocks);
  };
  if (const std::size_t blocks = tail.size() / kSha256Block; blocks != 0) {
    run(tail.data(), blocks);
    tail = tail.subspan(blocks * kSha256Block);
  }
  // The rest, a one bit, zeros, the length: in one block, or in two where the length has no room.
  std::array<std::uint8_t, 2 * kSha256Block> last{};
  if (!tail.empty()) {
    std::memcpy(last.data(), tail.data(), tail.size());
  }
  last[tail.size()] = 0x80;
  const std::size_t blocks = tail.size() < kLengthAt ? 1 : 2;
  store<std::uint64_t, std::endian::big>(&last[(blocks - 1) * kSha256Block + kLengthAt], bits);
  run(last.data(), blocks);
  return digest_of(words);
}

class BlockEngine final : public LaneEngine {
 public:
  BlockEngine(Compress compress, std::size_t lanes) : compress_(compress), lanes_(lanes) {
    assert(lanes >= 1 && lanes <= kMaxLanes);
  }

  void begin(std::size_t lane) override { lanes_[lane] = Lane{}; }

  void update(std::span<const Sha256Lanes::Part> parts, std::size_t blocks) override {
    std::array<Stream, kMaxLanes> streams;
    for (std::size_t i = 0; i < parts.size(); ++i) {
      Lane& lane = lanes_[parts[i].lane];
      streams[i] = {lane.words.data(), parts[i].data};
      lane.compressed += blocks * kSha256Block;
    }
    compress_({streams.data(), parts.size()}, blocks);
  }

  Digest finish(std::size_t lane, Bytes tail) override {
    return finish_words(compress_, lanes_[lane].words, lanes_[lane].compressed, tail);
  }

 private:
  struct Lane {
    StateWords words = kInitial;
    std::uint64_t compressed = 0;  ///< bytes of the message that `words` contains
  };

  Compress compress_;
  std::vector<Lane> lanes_;
};

}  // namespace

std::unique_ptr<LaneEngine> make_block_engine(Compress compress, std::size_t lanes) {
  return std::make_unique<BlockEngine>(compress, lanes);
}

Digest digest_by_blocks(Compress compress, Bytes message) {
  StateWords words = kInitial;
  return finish_words(compress, words, 0, message);
}

void digest_each_by_blocks(Compress compress, std::size_t lanes, Bytes messages, std::size_t size,
                           std::span<Digest> digests) {
  assert(lanes >= 1 && lanes <= kMaxLanes && messages.size() == size * digests.size());
  // One bit, zeros and the length are the same behind each message, so they are put there once.
  const std::size_t blocks = (size + 1 + sizeof(std::uint64_t) - 1) / kSha256Block + 1;
  const std::size_t padded = blocks * kSha256Block;
  ByteVector buffer(padded * std::min(lanes, digests.size()));
  for (std::size_t at = 0; at < buffer.size(); at += padded) {
    buffer[at + size] = 0x80;
    store<std::uint64_t, std::endian::big>(&buffer[at + padded - sizeof(std::uint64_t)], size * 8);
  }
  while (!digests.empty()) {
    const std::size_t taken = std::min(lanes, digests.size());
    std::array<StateWords, kMaxLanes> words;
    std::array<Stream, kMaxLanes> streams;
    for (std::size_t i = 0; i < taken; ++i) {
      std::copy_n(messages.begin() + static_cast<std::ptrdiff_t>(i * size), size,
                  buffer.begin() + static_cast<std::ptrdiff_t>(i * padded));
      words[i] = kInitial;
      streams[i] = {words[i].data(), buffer.data() + i * padded};
    }
    compress({streams.data(), taken}, blocks);
    std::transform(words.begin(), words.begin() + static_cast<std::ptrdiff_t>(taken),
                   digests.begin(), digest_of);
    messages = messages.subspan(taken * size);
    digests = digests.subspan(taken);
  }
}

}  // namespace modproof::hash
