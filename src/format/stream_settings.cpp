// SPDX-License-Identifier: LGPL-2.1-or-later
#include "format/stream_settings.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdlib>
#include <utility>

#include <fmt/core.h>
#include <lzma.h>

#include "base/try.h"
#include "format/little_endian.h"

namespace modproof {
namespace {

/// More than any head of xz and zstd takes, and a name in gzip that a file may have.
constexpr std::size_t kLongestHead = 4096;

constexpr int kMostWindowLog = static_cast<int>(std::bit_width(kMostWindow)) - 1;

std::optional<GzipSettings> gzip_settings(Bytes head) {
  constexpr std::size_t kFixed = 10;
  constexpr std::uint8_t kExtra = 0x04;
  constexpr std::uint8_t kName = 0x08;
  if (head.size() < kFixed) {
    return std::nullopt;
  }
  GzipSettings settings;
  const std::uint8_t flags = head[3];
  settings.time = load_le32(head, 4);
  const std::uint8_t effort = head[8];
  settings.level = effort == 2 ? 9 : effort == 4 ? 1 : 6;
  settings.system = head[9];
  if ((flags & (kExtra | kName)) == kName) {
    const std::string_view rest = text_of(head.subspan(kFixed));
    if (const auto end = rest.find('\0'); end != std::string_view::npos) {
      settings.name = rest.substr(0, end);
    }
  }
  return settings;
}

/// The filters that the kernel undoes (lib/xz/xz_dec_bcj.c), each before LZMA2.
bool kernel_knows(lzma_vli filter) noexcept {
  constexpr std::array<lzma_vli, 7> kKnown{
      0x04,  // x86
      0x05,  // PowerPC, big-endian
      0x07,  // Arm
      0x08,  // Arm Thumb
      0x09,  // SPARC
      0x0A,  // Arm64
      0x0B,  // RISC-V
  };
  return std::ranges::find(kKnown, filter) != kKnown.end() &&
         ::lzma_filter_encoder_is_supported(filter) != 0;
}

/// Filters with what liblzma allocates for them.
struct Filters {
  std::array<lzma_filter, LZMA_FILTERS_MAX + 1> chain{};

  Filters() { chain[0].id = LZMA_VLI_UNKNOWN; }
  ~Filters() {
    for (const lzma_filter& filter : chain) {
      if (filter.id == LZMA_VLI_UNKNOWN) {
        break;
      }
      std::free(filter.options);
    }
  }
  Filters(const Filters&) = delete;
  Filters& operator=(const Filters&) = delete;
};

std::optional<XzSettings> xz_settings(Bytes head) {
  lzma_stream_flags flags{};
  if (head.size() <= LZMA_STREAM_HEADER_SIZE ||
      ::lzma_stream_header_decode(&flags, head.data()) != LZMA_OK) {
    return std::nullopt;
  }
  XzSettings settings;
  settings.check = flags.check != LZMA_CHECK_NONE;
  head = head.subspan(LZMA_STREAM_HEADER_SIZE);
  if (head[0] == 0) {
    return settings;  // the index: no block, and nothing in it
  }
  Filters filters;
  lzma_block block{};
  block.check = flags.check;
  block.filters = filters.chain.data();
  block.header_size = lzma_block_header_size_decode(head[0]);
  if (block.header_size > head.size() ||
      ::lzma_block_header_decode(&block, nullptr, head.data()) != LZMA_OK) {
    return std::nullopt;
  }
  const auto& chain = filters.chain;
  if (kernel_knows(chain[0].id) && chain[0].options == nullptr &&
      chain[1].id == LZMA_FILTER_LZMA2) {
    settings.filter = chain[0].id;
  }
  for (std::size_t i = 0; chain[i].id != LZMA_VLI_UNKNOWN; ++i) {
    if (chain[i].id == LZMA_FILTER_LZMA2) {
      const auto* options = static_cast<const lzma_options_lzma*>(chain[i].options);
      settings.dictionary = std::min(options->dict_size, kMostWindow);
    }
  }
  return settings;
}

std::optional<XzSettings> lzma_settings(Bytes head) {
  if (head.size() < kCompressionHead) {
    return std::nullopt;
  }
  const auto dictionary = load_le32(head, 1);
  return XzSettings{
      .old_format = true, .filter = {}, .dictionary = std::min(dictionary, kMostWindow)};
}

/// The level that makes windows of this size, and larger ones where there is more to compress.
int level_of_window(int window_log) noexcept {
  constexpr int kOfLevel9 = 22;
  return window_log < kOfLevel9 ? 3 : window_log == kOfLevel9 ? 9 : 19;
}

std::optional<ZstdSettings> zstd_settings(Bytes head) {
  constexpr std::size_t kDescriptor = 4;  // behind the magic
  constexpr std::uint8_t kSingleSegment = 0x20;
  constexpr std::uint8_t kChecksum = 0x04;
  constexpr std::uint8_t kDictionary = 0x03;
  constexpr std::array<std::size_t, 4> kDictionarySizes{0, 1, 2, 4};
  constexpr std::uint64_t kMostOfLevel9 = 4U << 20U;  // in one segment
  if (head.size() < kDescriptor + 2) {
    return std::nullopt;
  }
  const std::uint8_t descriptor = head[kDescriptor];
  ZstdSettings settings;
  settings.checksum = (descriptor & kChecksum) != 0;
  if ((descriptor & kSingleSegment) == 0) {
    constexpr int kSmallest = 10;
    const int window_log = kSmallest + (head[kDescriptor + 1] >> 3U);
    settings.window_log = std::min(window_log, kMostWindowLog);
    settings.size = (descriptor >> 6U) != 0;
    if (const int level = level_of_window(window_log); settings.size || level > 3) {
      settings.level = level;
    }
    return settings;
  }
  // Only sizes that take four or eight bytes can tell anything.
  const std::size_t at = kDescriptor + 1 + kDictionarySizes[descriptor & kDictionary];
  const std::size_t width = std::size_t{1} << (descriptor >> 6U);
  if (head.size() < at + width) {
    return std::nullopt;
  }
  const std::uint64_t size = width == 4   ? load_le32(head, at)
                             : width == 8 ? load_le64(head, at)
                                          : 0;
  if (size > kMostOfLevel9) {
    settings.level = level_of_window(static_cast<int>(std::bit_width(size - 1)));
  }
  return settings;
}

}  // namespace

Result<StreamSettings> settings_of(const FileRange& range, Compression compression) {
  MODPROOF_ASSIGN(head, range.head(kLongestHead));
  const auto result = [&](auto settings) -> Result<StreamSettings> {
    if (!settings) {
      return fail(ErrorKind::malformed, range.file().path(),
                  fmt::format("the head of what is compressed ({}) is broken or cut off",
                              name_of(compression)),
                  range.offset());
    }
    return std::move(*settings);
  };
  switch (compression) {
    case Compression::gzip:
      return result(gzip_settings(head));
    case Compression::bzip2: {
      const bool whole = head.size() >= 4 && head[3] >= '1' && head[3] <= '9';
      return result(whole ? std::optional(Bzip2Settings{.level = head[3] - '0'}) : std::nullopt);
    }
    case Compression::lzma:
      return result(lzma_settings(head));
    case Compression::xz:
      return result(xz_settings(head));
    case Compression::zstd:
      return result(zstd_settings(head));
    case Compression::lz4_legacy:
      return Lz4LegacySettings{};
    case Compression::lzo: {
      RangeReader reader(range);
      MODPROOF_ASSIGN(header, read_lzop_header(reader));
      return header;
    }
    case Compression::none:
    case Compression::lz4:
      break;
  }
  return fail(ErrorKind::unsupported, range.file().path(),
              fmt::format("frames of {} are only read, not written; the kernel does not read them",
                          name_of(compression)),
              range.offset());
}

}  // namespace modproof
