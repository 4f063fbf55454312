// SPDX-License-Identifier: LGPL-2.1-or-later
#include "format/compression.h"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/core.h>

namespace modproof {
namespace {

struct Magic {
  Compression compression;
  std::string_view bytes;
};

constexpr std::array<Magic, 3> kMagics{{
    {Compression::gzip, "\x1F\x8B\x08"},
    {Compression::xz, std::string_view("\xFD"
                                       "7zXZ\0",
                                       6)},
    {Compression::zstd, "\x28\xB5\x2F\xFD"},
}};

}  // namespace

std::string_view name_of(Compression compression) noexcept {
  switch (compression) {
    case Compression::none:
      return "none";
    case Compression::gzip:
      return "gzip";
    case Compression::xz:
      return "xz";
    case Compression::zstd:
      return "zstd";
  }
  return "unknown";
}

Compression compression_of(Bytes head) noexcept {
  for (const Magic& magic : kMagics) {
    if (head.size() >= magic.bytes.size() &&
        std::equal(magic.bytes.begin(), magic.bytes.end(), head.begin(),
                   [](char a, std::uint8_t b) { return static_cast<std::uint8_t>(a) == b; })) {
      return magic.compression;
    }
  }
  return Compression::none;
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
