// SPDX-License-Identifier: LGPL-2.1-or-later
#include "format/lzop.h"

#include <fmt/core.h>
#include <zlib.h>

#include "base/try.h"
#include "format/decoder.h"

namespace modproof {
namespace {

/// Reads a header field by field, and keeps what it has read.
class HeaderReader {
 public:
  explicit HeaderReader(RangeReader& source) : source_(source) {}

  /// The next `count` bytes, valid until the next call.
  [[nodiscard]] Result<const std::uint8_t*> take(std::size_t count) {
    bytes_.resize(bytes_.size() + count);
    const MutableBytes to = MutableBytes(bytes_).last(count);
    MODPROOF_TRY(read_exactly(source_, Compression::lzo, to));
    return to.data();
  }

  [[nodiscard]] std::unexpected<Error> unsupported(std::string message) const {
    return fail(ErrorKind::unsupported, source_.range().file().path(), std::move(message),
                source_.offset());
  }

  [[nodiscard]] ByteVector& bytes() noexcept { return bytes_; }

 private:
  RangeReader& source_;
  ByteVector bytes_;
};

}  // namespace

Result<LzopHeader> read_lzop_header(RangeReader& source) {
  constexpr std::size_t kMagic = 9;
  constexpr std::uint16_t kVersionWithLevel = 0x0940;
  constexpr std::uint8_t kMostMethod = 3;
  constexpr std::uint32_t kExtraField = 0x40;
  constexpr std::uint32_t kFilter = 0x800;
  constexpr std::uint32_t kHeaderCrc = 0x1000;
  HeaderReader reader(source);
  MODPROOF_TRY(reader.take(kMagic));
  MODPROOF_ASSIGN(versions, reader.take(4));
  const auto version = load<std::uint16_t, std::endian::big>(versions);
  if (version < kVersionWithLevel) {
    return reader.unsupported(fmt::format("lzop version {:x} is too old", version));
  }
  LzopHeader header;
  MODPROOF_ASSIGN(method, reader.take(4));  // version needed, method, level
  header.method = method[2];
  header.level = method[3];
  if (header.method == 0 || header.method > kMostMethod) {
    return reader.unsupported(fmt::format("lzop method {} is unknown", header.method));
  }
  MODPROOF_ASSIGN(flags, reader.take(4));
  header.flags = load_be32(flags);
  if ((header.flags & (kFilter | kExtraField)) != 0) {
    return reader.unsupported("a filter or an extra field of lzop is unknown");
  }
  MODPROOF_TRY(reader.take(12));  // mode and time
  MODPROOF_ASSIGN(length, reader.take(1));
  MODPROOF_TRY(reader.take(*length));
  const Bytes summed = Bytes(reader.bytes()).subspan(kMagic);
  const auto right = (header.flags & kHeaderCrc) != 0
                         ? ::crc32_z(0, summed.data(), summed.size())
                         : ::adler32_z(1, summed.data(), summed.size());
  MODPROOF_ASSIGN(sum, reader.take(4));
  if (load_be32(sum) != right) {
    return broken(source, Compression::lzo, "the checksum of the header is wrong");
  }
  header.bytes = std::move(reader.bytes());
  return header;
}

}  // namespace modproof
