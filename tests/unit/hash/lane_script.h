// SPDX-License-Identifier: LGPL-2.1-or-later
// A machine that turns any bytes into a use of Sha256Lanes and compares every digest with EVP.
// The unit tests feed it with RapidCheck, fuzz/hash_lanes.cpp with libFuzzer.
//
//   script := lanes used, { operation }       everything missing at the end reads as zero
//   operation, chosen by its first byte modulo 4:
//     0  begin    lane, offset (2 bytes), length (2)      a message under way there is abandoned
//     1  update   lanes (2, a bit each), blocks, order    those with so many blocks left
//     2  update   the same, as far as the shortest reaches
//     3  finish   lane                                    all not hashed yet is the tail, blocks
//     too
//
// The data of messages are the bytes of the script itself, repeated: equal offsets make equal data,
// odd offsets make every alignment.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "modproof/base/bytes.h"
#include "modproof/hash/sha256.h"

#include "reference.h"

namespace modproof::test {

class LaneScript {
 public:
  LaneScript(const Sha256Backend& backend, Bytes script)
      : backend_(backend), script_(script), hasher_(backend), lanes_(hasher_.count()) {
    data_.reserve(kDataSize);
    for (std::size_t i = 0; i < kDataSize; ++i) {
      data_.push_back(script.empty() ? std::uint8_t{0} : script[i % script.size()]);
    }
  }

  /// Runs all of the script, then finishes what is still under way. The first wrong digest, told
  /// in one line, or nothing.
  std::optional<std::string> run() {
    used_ = 1 + byte() % lanes_.size();
    while (at_ < script_.size() && !wrong_) {
      switch (byte() % 4) {
        case 0:
          begin();
          break;
        case 1:
          update(1 + byte() % 8);
          break;
        case 2:
          update(std::nullopt);
          break;
        default:
          finish(byte() % used_);
      }
    }
    for (std::size_t lane = 0; lane < used_ && !wrong_; ++lane) {
      finish(lane);
    }
    return wrong_;
  }

 private:
  static constexpr std::size_t kMaxOffset = 4096;
  static constexpr std::size_t kMaxLength = 4096;
  static constexpr std::size_t kDataSize = kMaxOffset + kMaxLength;

  struct Lane {
    bool under_way = false;
    Bytes message;
    std::size_t hashed = 0;

    [[nodiscard]] Bytes rest() const { return message.subspan(hashed); }
    [[nodiscard]] std::size_t blocks_left() const {
      return under_way ? rest().size() / kSha256Block : 0;
    }
  };

  std::size_t byte() { return at_ < script_.size() ? script_[at_++] : 0; }
  std::size_t two_bytes() {
    const std::size_t high = byte();
    return high << 8 | byte();
  }

  void begin() {
    const std::size_t number = byte() % used_;
    const std::size_t offset = two_bytes() % kMaxOffset;
    const std::size_t length = two_bytes() % kMaxLength;
    hasher_.begin(number);
    lanes_[number] = {true, Bytes(data_).subspan(offset, length), 0};
  }

  void update(std::optional<std::size_t> blocks) {
    const std::size_t selected = two_bytes();
    std::vector<Sha256Lanes::Part> parts;
    std::size_t fewest = std::numeric_limits<std::size_t>::max();
    for (std::size_t number = 0; number < used_; ++number) {
      const Lane& lane = lanes_[number];
      if ((selected >> number & 1) != 0 && lane.blocks_left() >= blocks.value_or(1)) {
        parts.push_back({number, lane.rest().data()});
        fewest = std::min(fewest, lane.blocks_left());
      }
    }
    if (parts.empty()) {
      return;
    }
    // The order of the parts must not matter.
    const auto middle = static_cast<std::ptrdiff_t>(byte() % parts.size());
    std::rotate(parts.begin(), parts.begin() + middle, parts.end());
    hasher_.update(parts, blocks.value_or(fewest));
    for (const auto& part : parts) {
      lanes_[part.lane].hashed += blocks.value_or(fewest) * kSha256Block;
    }
  }

  void finish(std::size_t number) {
    Lane& lane = lanes_[number];
    if (!lane.under_way) {
      return;
    }
    lane.under_way = false;
    const Digest got = hasher_.finish(number, lane.rest());
    const Digest want = evp_sha256(lane.message);
    if (got != want) {
      wrong_ = std::string(name_of(backend_)) + ": lane " + std::to_string(number) + ", " +
               std::to_string(lane.message.size()) + " bytes, the last " +
               std::to_string(lane.rest().size()) + " as tail: " + to_hex(got) + " instead of " +
               to_hex(want);
    }
  }

  const Sha256Backend& backend_;
  Bytes script_;
  std::size_t at_ = 0;
  Sha256Lanes hasher_;
  std::size_t used_ = 1;
  std::vector<Lane> lanes_;
  ByteVector data_;
  std::optional<std::string> wrong_;
};

}  // namespace modproof::test
