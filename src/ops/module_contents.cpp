// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ops/module_contents.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include <fmt/core.h>

#include "base/file_range.h"
#include "base/range_reader.h"
#include "base/temporary_file.h"
#include "base/try.h"
#include "format/decoder.h"
#include "format/decompress_range.h"
#include "format/whole_gzip.h"

namespace modproof {
namespace {

/// The size of the first buffer: most modules are larger, few by much.
constexpr std::size_t kFirstRoom = std::size_t{256} << 10U;
constexpr std::string_view kLimitOption = "--max-module-size";

/// The size of the module in a gzip file, which comes into `buffer` from `at` on. Nothing if that
/// cannot be done at once, for whatever reason. Errors: io; changed.
Result<std::optional<std::size_t>> decompress_gzip_at_once(const File& stored, Bytes head,
                                                           std::size_t most, ByteVector& buffer,
                                                           std::size_t at) {
  if (stored.size() > kModuleInMemory) {
    return std::nullopt;
  }
  ByteVector bytes(static_cast<std::size_t>(stored.size()));
  const std::size_t known = std::min(head.size(), bytes.size());
  std::copy_n(head.begin(), known, bytes.begin());
  MODPROOF_TRY(stored.read_at(known, MutableBytes(bytes).subspan(known)));
  const auto size = stated_gzip_size(bytes);
  if (!size || *size > most) {
    return std::nullopt;
  }
  if (buffer.size() < at + *size) {
    buffer.resize(at + *size);
  }
  if (!decompress_whole_gzip(bytes, MutableBytes(buffer).subspan(at, *size))) {
    return std::nullopt;
  }
  return *size;
}

}  // namespace

Compression module_compression(Bytes head) noexcept {
  const Compression compression = compression_of(head);
  switch (compression) {
    case Compression::gzip:
    case Compression::xz:
    case Compression::zstd:
      return compression;
    default:
      return Compression::none;
  }
}

Result<DecompressedModule> decompress_module(const File& stored, Compression compression,
                                             std::uint64_t limit, Bytes head, ByteVector& buffer,
                                             std::size_t at) {
  const auto most = static_cast<std::size_t>(std::min<std::uint64_t>(limit, kModuleInMemory));
  if (compression == Compression::gzip) {
    MODPROOF_ASSIGN(whole, decompress_gzip_at_once(stored, head, most, buffer, at));
    if (whole) {
      return DecompressedModule{.size = *whole, .file = {}};
    }
  }
  const FileRange range(stored);
  RangeReader source(range);
  MODPROOF_ASSIGN(decoder, make_decoder(compression, source, Rules::kernel));
  std::size_t size = 0;
  while (true) {
    if (buffer.size() == at + size) {
      // One byte more than may be held tells a module that just fits from a larger one.
      buffer.resize(at + std::min(most + 1, std::max(kFirstRoom, 2 * size)));
    }
    MODPROOF_ASSIGN(count, decoder->read(MutableBytes(buffer).subspan(at + size)));
    if (count == 0) {
      break;
    }
    size += count;
    if (size > most) {
      MODPROOF_ASSIGN(file,
                      decompress_to_file(range, compression, {limit, kLimitOption}, Rules::kernel));
      return DecompressedModule{.size = 0, .file = std::move(file)};
    }
  }
  MODPROOF_TRY(check_at_end(source, compression));
  return DecompressedModule{.size = size, .file = {}};
}

Result<ModuleContents> ModuleContents::open(const std::string& path, std::uint64_t limit) {
  MODPROOF_ASSIGN(file, File::open(path));
  return of(std::move(file), limit);
}

Result<ModuleContents> ModuleContents::of(File stored, std::uint64_t limit) {
  ModuleContents contents;
  contents.stored_ = std::move(stored);
  const FileRange range(contents.stored_);
  MODPROOF_ASSIGN(head, range.head(kCompressionHead));
  contents.compression_ = module_compression(head);
  if (contents.compression_ != Compression::none) {
    ByteVector buffer;
    auto decompressed =
        decompress_module(contents.stored_, contents.compression_, limit, head, buffer, 0);
    // Half a new file looks broken; it is better tried again.
    MODPROOF_TRY(contents.stored_.check_unchanged());
    if (!decompressed) {
      return std::unexpected(std::move(decompressed.error()));
    }
    if (!decompressed->file) {
      MODPROOF_ASSIGN(copy, TemporaryFile::create_in_memory());
      MODPROOF_TRY(copy.append(Bytes(buffer).first(decompressed->size)));
      MODPROOF_ASSIGN(file, std::move(copy).finish(contents.stored_.path()));
      decompressed->file = std::move(file);
    }
    contents.decompressed_ = std::move(decompressed->file);
  }
  return contents;
}

}  // namespace modproof
