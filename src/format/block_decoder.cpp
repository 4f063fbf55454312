// SPDX-License-Identifier: LGPL-2.1-or-later
// The two compressions that come in blocks, each with its sizes in front, which the libraries leave
// to their callers.
//
// lz4 as kernels are compressed with it (lz4 -l): see lz4_legacy.h.
// lzo as lzop writes it: see lzop.h.
#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <optional>

#include <fmt/core.h>
#include <lz4.h>
#include <lzo/lzo1x.h>
#include <zlib.h>

#include "base/try.h"
#include "format/decoder.h"
#include "format/little_endian.h"
#include "format/lz4_legacy.h"
#include "format/lzop.h"

namespace modproof {
namespace {

/// What decoders of blocks share: handing out a block bit by bit, and reading from the source.
class BlockDecoder : public Decoder {
 public:
  BlockDecoder(Compression compression, RangeReader& source)
      : compression_(compression), source_(source) {}

  Result<std::size_t> read(MutableBytes to) override {
    while (next_ == size_) {
      if (finished_) {
        return 0;
      }
      next_ = 0;
      size_ = 0;
      MODPROOF_ASSIGN(more, decode(block_, size_));
      finished_ = !more;
    }
    const std::size_t count = std::min(to.size(), size_ - next_);
    std::memcpy(to.data(), block_.data() + next_, count);
    next_ += count;
    return count;
  }

 protected:
  /// Decompresses the next block into the first `size` bytes of `block`, which may be larger: to
  /// make it smaller and larger again for each block would cost more than a small block does.
  /// False behind the last one.
  [[nodiscard]] virtual Result<bool> decode(ByteVector& block, std::size_t& size) = 0;

  static void grow(ByteVector& block, std::size_t size) {
    block.resize(std::max(block.size(), size));
  }

  /// Fills `to`. Errors: malformed (cut off).
  [[nodiscard]] Status read_exactly(MutableBytes to) {
    return modproof::read_exactly(source_, compression_, to);
  }
  [[nodiscard]] std::unexpected<Error> broken(std::string_view what) const {
    return modproof::broken(source_, compression_, what);
  }
  [[nodiscard]] RangeReader& source() noexcept { return source_; }

 private:
  Compression compression_;
  RangeReader& source_;
  ByteVector block_;
  std::size_t size_ = 0;  ///< of what is in it
  std::size_t next_ = 0;
  bool finished_ = false;
};

class Lz4LegacyDecoder : public BlockDecoder {
 public:
  Lz4LegacyDecoder(RangeReader& source, Rules rules)
      : BlockDecoder(Compression::lz4_legacy, source), rules_(rules) {}

 protected:
  Result<bool> decode(ByteVector& block, std::size_t& block_size) override {
    std::array<std::uint8_t, 4> word{};
    if (!begun_) {
      MODPROOF_TRY(read_exactly(word));  // the magic, by which this decoder was chosen
      begun_ = true;
    }
    MODPROOF_ASSIGN(rest, source().available());
    // The format has no end of its own. Where other things follow, the kernel takes zeros for it.
    const Bytes next = rest.first(std::min(rest.size(), word.size()));
    const bool zeros =
        std::all_of(next.begin(), next.end(), [](std::uint8_t byte) { return byte == 0; });
    if (rest.empty() || (rules_ == Rules::kernel && zeros)) {
      return false;
    }
    MODPROOF_TRY(read_exactly(word));
    const auto size = load_le32(word);
    if (size == kLz4LegacyMagic) {  // another stream, by `cat`
      return true;
    }
    if (size == 0 || size > static_cast<std::uint32_t>(LZ4_COMPRESSBOUND(kLz4LegacyBlock))) {
      return broken(fmt::format("a block of {} bytes is impossible", size));
    }
    ByteVector compressed(size);
    MODPROOF_TRY(read_exactly(compressed));
    grow(block, kLz4LegacyBlock);
    const int made = ::LZ4_decompress_safe(
        reinterpret_cast<const char*>(compressed.data()), reinterpret_cast<char*>(block.data()),
        static_cast<int>(compressed.size()), static_cast<int>(kLz4LegacyBlock));
    if (made <= 0) {  // nobody writes an empty block, and any number of them would cost time
      return broken("the compressed data is broken");
    }
    block_size = static_cast<std::size_t>(made);
    return true;
  }

 private:
  Rules rules_;
  bool begun_ = false;
};

class LzoDecoder : public BlockDecoder {
 public:
  LzoDecoder(RangeReader& source, Rules rules)
      : BlockDecoder(Compression::lzo, source), rules_(rules) {}

 protected:
  Result<bool> decode(ByteVector& block, std::size_t& block_size) override {
    if (!flags_) {
      MODPROOF_ASSIGN(header, read_lzop_header(source()));
      flags_ = header.flags;
      MODPROOF_TRY(check_flags());
    }
    MODPROOF_ASSIGN(size, read_u32());
    if (size == 0) {
      return false;
    }
    MODPROOF_ASSIGN(compressed_size, read_u32());
    if (size > (rules_ == Rules::kernel ? kMostLzopBlockOfKernel : kMostLzopBlock) ||
        compressed_size > size) {
      return broken(fmt::format("a block of {} bytes for {} is impossible", compressed_size, size));
    }
    Sums plain;
    Sums compressed;
    MODPROOF_TRY(read_sums(plain, LzopHeader::kAdlerOfData, LzopHeader::kCrcOfData));
    if (compressed_size < size) {
      MODPROOF_TRY(read_sums(compressed, LzopHeader::kAdlerOfBlock, LzopHeader::kCrcOfBlock));
    }
    ByteVector bytes(compressed_size);
    MODPROOF_TRY(read_exactly(bytes));
    MODPROOF_TRY(check(compressed, bytes));
    if (compressed_size == size) {
      block = std::move(bytes);
    } else {
      grow(block, size);
      lzo_uint made = size;
      if (::lzo1x_decompress_safe(bytes.data(), bytes.size(), block.data(), &made, nullptr) !=
              LZO_E_OK ||
          made != size) {
        return broken("the compressed data is broken");
      }
    }
    MODPROOF_TRY(check(plain, Bytes(block).first(size)));
    block_size = size;
    return true;
  }

 private:
  /// The checksums of a block, where it has them.
  struct Sums {
    std::optional<std::uint32_t> adler;
    std::optional<std::uint32_t> crc;
  };

  /// The kernel steps over one checksum, whatever the flags say.
  [[nodiscard]] Status check_flags() const {
    constexpr std::uint32_t kOfData = LzopHeader::kAdlerOfData | LzopHeader::kCrcOfData;
    constexpr std::uint32_t kOfBlock = LzopHeader::kAdlerOfBlock | LzopHeader::kCrcOfBlock;
    const bool one = std::has_single_bit(*flags_ & kOfData) && (*flags_ & kOfBlock) == 0;
    if (rules_ == Rules::kernel && !one) {
      return broken("its blocks do not have the one checksum over which the kernel steps");
    }
    return {};
  }

  [[nodiscard]] Result<std::uint32_t> read_u32() {
    std::array<std::uint8_t, 4> word{};
    MODPROOF_TRY(read_exactly(word));
    return load_be32(word.data());
  }

  [[nodiscard]] Status read_sums(Sums& sums, std::uint32_t adler, std::uint32_t crc) {
    if ((*flags_ & adler) != 0) {
      MODPROOF_ASSIGN(value, read_u32());
      sums.adler = value;
    }
    if ((*flags_ & crc) != 0) {
      MODPROOF_ASSIGN(value, read_u32());
      sums.crc = value;
    }
    return {};
  }

  [[nodiscard]] Status check(const Sums& sums, Bytes bytes) const {
    if ((sums.adler && *sums.adler != ::adler32_z(1, bytes.data(), bytes.size())) ||
        (sums.crc && *sums.crc != ::crc32_z(0, bytes.data(), bytes.size()))) {
      return broken("the checksum of a block is wrong");
    }
    return {};
  }

  Rules rules_;
  std::optional<std::uint32_t> flags_;  ///< nothing before the header is read
};

}  // namespace

std::unique_ptr<Decoder> make_lz4_legacy_decoder(RangeReader& source, Rules rules) {
  return std::make_unique<Lz4LegacyDecoder>(source, rules);
}

std::unique_ptr<Decoder> make_lzo_decoder(RangeReader& source, Rules rules) {
  return std::make_unique<LzoDecoder>(source, rules);
}

}  // namespace modproof
