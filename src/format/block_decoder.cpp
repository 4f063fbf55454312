// SPDX-License-Identifier: LGPL-2.1-or-later
// The two compressions that come in blocks, each with its sizes in front, which the libraries leave
// to their callers.
//
// lz4 as kernels are compressed with it (lz4 -l), integers little-endian; the last block ends the
// file:
//
//     | u32 0x184C2102 | u32 size | block: 8 MiB of data, the last less | u32 size | block | ...
//
// lzo as lzop writes it, integers big-endian:
//
//     | 89 "LZO" 00 0D 0A 1A 0A | u16 version, library, needed | u8 method, level | u32 flags |
//     | u32 mode, time, time | u8 length, name | u32 checksum of all since the magic |
//     | u32 size of data, 0 at the end | u32 size of block | checksums, see flags | block | ...
#include <algorithm>
#include <array>
#include <cstring>
#include <limits>
#include <optional>

#include <fmt/core.h>
#include <lz4.h>
#include <lzo/lzo1x.h>
#include <zlib.h>

#include "base/try.h"
#include "format/decoder.h"
#include "format/little_endian.h"

namespace modproof {
namespace {

constexpr std::string_view kCutOff = "the compressed data ends too early; it seems to be cut off";

/// What decoders of blocks share: handing out a block bit by bit, and reading from the source.
class BlockDecoder : public Decoder {
 public:
  BlockDecoder(Compression compression, RangeReader& source)
      : compression_(compression), source_(source) {}

  Result<std::size_t> read(MutableBytes to) override {
    while (next_ == block_.size()) {
      if (finished_) {
        return 0;
      }
      next_ = 0;
      block_.clear();
      MODPROOF_ASSIGN(more, decode(block_));
      finished_ = !more;
    }
    const std::size_t count = std::min(to.size(), block_.size() - next_);
    std::memcpy(to.data(), block_.data() + next_, count);
    next_ += count;
    return count;
  }

 protected:
  /// Decompresses the next block into `block`. False behind the last one.
  [[nodiscard]] virtual Result<bool> decode(ByteVector& block) = 0;

  /// Fills `to`. Errors: malformed (cut off).
  [[nodiscard]] Status read_exactly(MutableBytes to) {
    MODPROOF_ASSIGN(count, source_.read(to));
    return count == to.size() ? Status{} : broken(kCutOff);
  }
  [[nodiscard]] std::unexpected<Error> broken(std::string_view what) const {
    return modproof::broken(source_, compression_, what);
  }
  [[nodiscard]] RangeReader& source() noexcept { return source_; }

 private:
  Compression compression_;
  RangeReader& source_;
  ByteVector block_;
  std::size_t next_ = 0;
  bool finished_ = false;
};

class Lz4LegacyDecoder : public BlockDecoder {
 public:
  Lz4LegacyDecoder(RangeReader& source, Streams streams)
      : BlockDecoder(Compression::lz4_legacy, source), streams_(streams) {}

 protected:
  Result<bool> decode(ByteVector& block) override {
    constexpr std::uint32_t kMagic = 0x184C2102;
    constexpr std::size_t kBlock = std::size_t{8} << 20U;
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
    if (rest.empty() || (streams_ == Streams::one && zeros)) {
      return false;
    }
    MODPROOF_TRY(read_exactly(word));
    const auto size = load_le32(word);
    if (size == kMagic) {  // another stream, by `cat`
      return true;
    }
    if (size == 0 || size > static_cast<std::uint32_t>(LZ4_COMPRESSBOUND(kBlock))) {
      return broken(fmt::format("a block of {} bytes is impossible", size));
    }
    ByteVector compressed(size);
    MODPROOF_TRY(read_exactly(compressed));
    block.resize(kBlock);
    const int made = ::LZ4_decompress_safe(
        reinterpret_cast<const char*>(compressed.data()), reinterpret_cast<char*>(block.data()),
        static_cast<int>(compressed.size()), static_cast<int>(block.size()));
    if (made < 0) {
      return broken("the compressed data is broken");
    }
    block.resize(static_cast<std::size_t>(made));
    return true;
  }

 private:
  Streams streams_;
  bool begun_ = false;
};

class LzoDecoder : public BlockDecoder {
 public:
  explicit LzoDecoder(RangeReader& source) : BlockDecoder(Compression::lzo, source) {}

 protected:
  Result<bool> decode(ByteVector& block) override {
    /// The largest block of lzop.
    constexpr std::uint32_t kMostBlock = 64U << 20U;
    if (!begun_) {
      MODPROOF_TRY(read_header());
      begun_ = true;
    }
    MODPROOF_ASSIGN(size, read_u32());
    if (size == 0) {
      return false;
    }
    MODPROOF_ASSIGN(compressed_size, read_u32());
    if (size > kMostBlock || compressed_size > size) {
      return broken(fmt::format("a block of {} bytes for {} is impossible", compressed_size, size));
    }
    Sums plain;
    Sums compressed;
    MODPROOF_TRY(read_sums(plain, kAdlerOfData, kCrcOfData));
    if (compressed_size < size) {
      MODPROOF_TRY(read_sums(compressed, kAdlerOfBlock, kCrcOfBlock));
    }
    ByteVector bytes(compressed_size);
    MODPROOF_TRY(read_exactly(bytes));
    MODPROOF_TRY(check(compressed, bytes));
    if (compressed_size == size) {
      block = std::move(bytes);
    } else {
      block.resize(size);
      lzo_uint made = size;
      if (::lzo1x_decompress_safe(bytes.data(), bytes.size(), block.data(), &made, nullptr) !=
              LZO_E_OK ||
          made != size) {
        return broken("the compressed data is broken");
      }
    }
    MODPROOF_TRY(check(plain, block));
    return true;
  }

 private:
  // lzop's flags.
  static constexpr std::uint32_t kAdlerOfData = 0x1;
  static constexpr std::uint32_t kAdlerOfBlock = 0x2;
  static constexpr std::uint32_t kExtraField = 0x40;
  static constexpr std::uint32_t kCrcOfData = 0x100;
  static constexpr std::uint32_t kCrcOfBlock = 0x200;
  static constexpr std::uint32_t kFilter = 0x800;
  static constexpr std::uint32_t kHeaderCrc = 0x1000;

  /// The checksums of a block, where it has them.
  struct Sums {
    std::optional<std::uint32_t> adler;
    std::optional<std::uint32_t> crc;
  };

  [[nodiscard]] Result<std::uint32_t> read_u32() {
    std::array<std::uint8_t, 4> word{};
    MODPROOF_TRY(read_exactly(word));
    return load_be32(word.data());
  }

  [[nodiscard]] Status read_sums(Sums& sums, std::uint32_t adler, std::uint32_t crc) {
    if ((flags_ & adler) != 0) {
      MODPROOF_ASSIGN(value, read_u32());
      sums.adler = value;
    }
    if ((flags_ & crc) != 0) {
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

  /// Reads the header, of which only the flags matter, up to the first block.
  [[nodiscard]] Status read_header() {
    constexpr std::size_t kMagic = 9;
    constexpr std::uint16_t kVersionWithLevel = 0x0940;
    constexpr std::uint8_t kMostMethod = 3;  // 1 to 3 are levels of one format
    std::array<std::uint8_t, kMagic> magic{};
    MODPROOF_TRY(read_exactly(magic));
    ByteVector header;  // what the checksum is over
    const auto take = [&](std::size_t count) -> Result<const std::uint8_t*> {
      header.resize(header.size() + count);
      MODPROOF_TRY(read_exactly(MutableBytes(header).last(count)));
      return header.data() + header.size() - count;
    };
    MODPROOF_ASSIGN(versions, take(4));
    const auto version = load<std::uint16_t, std::endian::big>(versions);
    if (version < kVersionWithLevel) {
      return unsupported(fmt::format("lzop version {:x} is too old", version));
    }
    MODPROOF_ASSIGN(method, take(4));  // version needed, method, level
    if (method[2] == 0 || method[2] > kMostMethod) {
      return unsupported(fmt::format("lzop method {} is unknown", method[2]));
    }
    MODPROOF_ASSIGN(flags, take(4));
    flags_ = load_be32(flags);
    if ((flags_ & (kFilter | kExtraField)) != 0) {
      return unsupported("a filter or an extra field of lzop is unknown");
    }
    MODPROOF_TRY(take(12));  // mode and time
    MODPROOF_ASSIGN(length, take(1));
    MODPROOF_TRY(take(*length));
    MODPROOF_ASSIGN(sum, read_u32());
    const auto right = (flags_ & kHeaderCrc) != 0 ? ::crc32_z(0, header.data(), header.size())
                                                  : ::adler32_z(1, header.data(), header.size());
    return sum == right ? Status{} : broken("the checksum of the header is wrong");
  }

  [[nodiscard]] std::unexpected<Error> unsupported(std::string message) {
    return fail(ErrorKind::unsupported, source().range().file().path(), std::move(message),
                source().offset());
  }

  bool begun_ = false;
  std::uint32_t flags_ = 0;
};

}  // namespace

std::unique_ptr<Decoder> make_lz4_legacy_decoder(RangeReader& source, Streams streams) {
  return std::make_unique<Lz4LegacyDecoder>(source, streams);
}

std::unique_ptr<Decoder> make_lzo_decoder(RangeReader& source) {
  return std::make_unique<LzoDecoder>(source);
}

}  // namespace modproof
