// SPDX-License-Identifier: LGPL-2.1-or-later
#include "format/block_encoder.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include <lz4.h>
#include <lz4hc.h>
#include <lzo/lzo1x.h>
#include <zlib.h>

#include "format/lz4_legacy.h"

namespace modproof {
namespace {

/// What encoders of blocks share: gathering a block, and handing out what becomes of it.
class BlockEncoder : public StreamEncoder {
 public:
  /// `start` comes in front of the first block.
  BlockEncoder(std::size_t block_size, ByteVector start)
      : block_size_(block_size), made_(std::move(start)) {}

  std::optional<Step> advance(Bytes input, bool last, MutableBytes to) override {
    Step step;
    while (true) {
      const std::size_t count = std::min(to.size() - step.made, made_.size() - next_);
      std::memcpy(to.data() + step.made, made_.data() + next_, count);
      next_ += count;
      step.made += count;
      if (next_ < made_.size()) {
        return step;
      }
      made_.clear();
      next_ = 0;
      if (ended_) {
        step.end = true;
        return step;
      }
      const Bytes more =
          input.subspan(step.used, std::min(input.size() - step.used, block_size_ - block_.size()));
      block_.insert(block_.end(), more.begin(), more.end());
      step.used += more.size();
      ended_ = last && step.used == input.size();
      if (block_.size() < block_size_ && !ended_) {
        return step;
      }
      if (!block_.empty() && !encode(block_, made_)) {
        return std::nullopt;
      }
      block_.clear();
      if (ended_) {
        end(made_);
      }
    }
  }

 protected:
  /// Appends `block`, compressed, to `to`. False, if the library has no memory.
  [[nodiscard]] virtual bool encode(Bytes block, ByteVector& to) = 0;

  /// Appends what follows the last block.
  virtual void end(ByteVector& to) = 0;

 private:
  std::size_t block_size_;
  ByteVector block_;  ///< at most block_size_ bytes, not yet compressed
  ByteVector made_;
  std::size_t next_ = 0;  ///< in made_: what is not yet handed out
  bool ended_ = false;
};

void append(ByteVector& to, Bytes bytes) { to.insert(to.end(), bytes.begin(), bytes.end()); }

class Lz4LegacyEncoder : public BlockEncoder {
 public:
  Lz4LegacyEncoder() : BlockEncoder(kLz4LegacyBlock, word(kLz4LegacyMagic)) {}

 protected:
  bool encode(Bytes block, ByteVector& to) override {
    const std::size_t at = to.size() + kWord;
    to.resize(at + static_cast<std::size_t>(::LZ4_compressBound(static_cast<int>(block.size()))));
    const int size = ::LZ4_compress_HC(
        reinterpret_cast<const char*>(block.data()), reinterpret_cast<char*>(to.data() + at),
        static_cast<int>(block.size()), static_cast<int>(to.size() - at), LZ4HC_CLEVEL_DEFAULT);
    to.resize(at + static_cast<std::size_t>(std::max(size, 0)));
    store<std::uint32_t, std::endian::little>(to.data() + at - kWord,
                                              static_cast<std::uint32_t>(size));
    return size > 0;
  }
  void end(ByteVector& /*to*/) override {}

 private:
  static constexpr std::size_t kWord = 4;

  static ByteVector word(std::uint32_t value) {
    ByteVector bytes(kWord);
    store<std::uint32_t, std::endian::little>(bytes.data(), value);
    return bytes;
  }
};

class LzoEncoder : public BlockEncoder {
 public:
  explicit LzoEncoder(const LzopHeader& header)
      : BlockEncoder(kBlock, header.bytes),
        method_(header.method),
        level_(std::clamp<int>(header.level, 1, 9)),
        flags_(header.flags),
        memory_(header.method == 3   ? LZO1X_999_MEM_COMPRESS
                : header.method == 2 ? LZO1X_1_15_MEM_COMPRESS
                                     : LZO1X_1_MEM_COMPRESS) {}

 protected:
  bool encode(Bytes block, ByteVector& to) override {
    // The most that lzo makes of a block (its LZO.FAQ).
    ByteVector packed(block.size() + block.size() / 16 + 64 + 3);
    lzo_uint size = packed.size();
    if (compress(block, packed.data(), &size) != LZO_E_OK) {
      return false;
    }
    const Bytes stored = size < block.size() ? Bytes(packed).first(size) : block;
    append_word(to, static_cast<std::uint32_t>(block.size()));
    append_word(to, static_cast<std::uint32_t>(stored.size()));
    append_sums(to, block, LzopHeader::kAdlerOfData, LzopHeader::kCrcOfData);
    if (stored.size() < block.size()) {
      append_sums(to, stored, LzopHeader::kAdlerOfBlock, LzopHeader::kCrcOfBlock);
    }
    append(to, stored);
    return true;
  }
  void end(ByteVector& to) override { append_word(to, 0); }

 private:
  static constexpr std::size_t kBlock = std::size_t{256} << 10U;

  [[nodiscard]] int compress(Bytes block, std::uint8_t* to, lzo_uint* size) {
    switch (method_) {
      case 1:
        return ::lzo1x_1_compress(block.data(), block.size(), to, size, memory_.data());
      case 2:
        return ::lzo1x_1_15_compress(block.data(), block.size(), to, size, memory_.data());
      default:
        return ::lzo1x_999_compress_level(block.data(), block.size(), to, size, memory_.data(),
                                          nullptr, 0, nullptr, level_);
    }
  }

  static void append_word(ByteVector& to, std::uint32_t value) {
    std::array<std::uint8_t, 4> bytes{};
    store_be32(bytes.data(), value);
    append(to, bytes);
  }

  void append_sums(ByteVector& to, Bytes bytes, std::uint32_t adler, std::uint32_t crc) const {
    if ((flags_ & adler) != 0) {
      append_word(to, static_cast<std::uint32_t>(::adler32_z(1, bytes.data(), bytes.size())));
    }
    if ((flags_ & crc) != 0) {
      append_word(to, static_cast<std::uint32_t>(::crc32_z(0, bytes.data(), bytes.size())));
    }
  }

  std::uint8_t method_;
  int level_;
  std::uint32_t flags_;
  ByteVector memory_;
};

}  // namespace

std::unique_ptr<StreamEncoder> make_lz4_legacy_encoder() {
  return std::make_unique<Lz4LegacyEncoder>();
}

std::unique_ptr<StreamEncoder> make_lzo_encoder(const LzopHeader& header) {
  return std::make_unique<LzoEncoder>(header);
}

}  // namespace modproof
