// SPDX-License-Identifier: LGPL-2.1-or-later
#include "format/compression.h"

#include <array>
#include <utility>

#include <fmt/core.h>

#include "format/little_endian.h"

namespace modproof {
namespace {

struct Magic {
  Compression compression;
  std::string_view bytes;
};

constexpr std::array<Magic, 7> kMagics{{
    {Compression::gzip, "\x1F\x8B\x08"},
    {Compression::xz, std::string_view("\xFD"
                                       "7zXZ\0",
                                       6)},
    {Compression::zstd, "\x28\xB5\x2F\xFD"},
    {Compression::bzip2, "BZh"},
    {Compression::lzo, std::string_view("\x89LZO\0\r\n\x1A\n", 9)},
    {Compression::lz4, "\x04\x22\x4D\x18"},
    {Compression::lz4_legacy, "\x02\x21\x4C\x18"},
}};

/// The header of lzma: properties, u32 size of the dictionary, u64 size of the data.
bool is_lzma(Bytes head) noexcept {
  constexpr std::uint8_t kProperties = 0x5D;
  constexpr std::uint64_t kUnknownSize = ~std::uint64_t{0};
  constexpr std::uint64_t kMostSize = std::uint64_t{1} << 40U;
  if (head.size() < kCompressionHead || head[0] != kProperties || head[1] != 0 || head[2] != 0 ||
      (head[3] | head[4]) == 0) {
    return false;
  }
  const auto size = load_le64(head, 5);
  return size == kUnknownSize || size < kMostSize;
}

}  // namespace

std::string_view name_of(Compression compression) noexcept {
  switch (compression) {
    case Compression::none:
      return "none";
    case Compression::gzip:
      return "gzip";
    case Compression::bzip2:
      return "bzip2";
    case Compression::lzma:
      return "lzma";
    case Compression::xz:
      return "xz";
    case Compression::lzo:
      return "lzo";
    case Compression::lz4_legacy:
    case Compression::lz4:
      return "lz4";
    case Compression::zstd:
      return "zstd";
  }
  return "unknown";
}

Compression compression_of(Bytes head) noexcept {
  for (const Magic& magic : kMagics) {
    if (starts_with(head, magic.bytes)) {
      return magic.compression;
    }
  }
  return is_lzma(head) ? Compression::lzma : Compression::none;
}

Status check_not_compressed(Bytes head, std::string path) {
  if (const auto compression = compression_of(head); compression != Compression::none) {
    return fail(
        ErrorKind::unsupported, std::move(path),
        fmt::format("the file is compressed ({}); decompress it first", name_of(compression)), 0);
  }
  return {};
}

}  // namespace modproof
