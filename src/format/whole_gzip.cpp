// SPDX-License-Identifier: LGPL-2.1-or-later
#include "format/whole_gzip.h"

#include <memory>

#include <libdeflate.h>

#include "format/compression.h"
#include "format/little_endian.h"

namespace modproof {
namespace {

struct FreeDecompressor {
  void operator()(libdeflate_decompressor* decompressor) const noexcept {
    ::libdeflate_free_decompressor(decompressor);
  }
};

}  // namespace

std::optional<std::uint32_t> stated_gzip_size(Bytes stored) noexcept {
  constexpr std::size_t kHeadAndEnd = 18;
  constexpr std::size_t kFlags = 3;
  constexpr std::uint8_t kName = 0x08;
  // zlib checks other fields of the head that libdeflate steps over.
  if (stored.size() < kHeadAndEnd || compression_of(stored) != Compression::gzip ||
      (stored[kFlags] & ~kName) != 0) {
    return std::nullopt;
  }
  return load_le32(stored, stored.size() - 4);
}

bool decompress_whole_gzip(Bytes stored, MutableBytes to) noexcept {
  const std::unique_ptr<libdeflate_decompressor, FreeDecompressor> decompressor(
      ::libdeflate_alloc_decompressor());
  std::size_t used = 0;
  // Without a place for the number of bytes that come out, as many as there is room for are wanted.
  return decompressor != nullptr &&
         ::libdeflate_gzip_decompress_ex(decompressor.get(), stored.data(), stored.size(),
                                         to.data(), to.size(), &used,
                                         nullptr) == LIBDEFLATE_SUCCESS &&
         used == stored.size();
}

}  // namespace modproof
