// SPDX-License-Identifier: LGPL-2.1-or-later
// How a compressed stream was made, as far as its head tells, so that what comes in its place is
// made in the same way and the kernel can decompress it.
//
//     gzip   level (XFL: 9, 1, or else 6), time, system, name
//     bzip2  level
//     xz     check, filter, dictionary
//     lzma   dictionary
//     zstd   window, checksum, whether the size is there, and by the window the level
//     lzo    method, level, checksums, and everything else in the header of lzop
//     lz4    nothing: one level, and the form without frames, which is all that the kernel reads
//
// What the kernel does not decompress is not kept: other checks of xz than CRC32 (it becomes CRC32;
// no check stays none), filters that it does not know, and in the header of gzip a comment, an
// extra field and a checksum. Several blocks of xz become one.
//
// Dictionary and window are at most kMostWindow, for which liblzma and libzstd take about 100 MiB;
// the kernel installs xz with 1 MiB.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "modproof/base/result.h"

#include "base/file_range.h"
#include "format/compression.h"
#include "format/lzop.h"

namespace modproof {

/// The largest dictionary or window that is written: that of xz -6 and zstd -19.
inline constexpr std::uint32_t kMostWindow = 8U << 20U;

struct GzipSettings {
  int level = 9;
  std::uint32_t time = 0;   ///< of the original file, in seconds since 1970; 0: not told
  std::uint8_t system = 3;  ///< RFC 1952 section 2.3.1; 3 is Unix
  std::string name;         ///< of the original file; empty: not told
  friend bool operator==(const GzipSettings&, const GzipSettings&) = default;
};

struct Bzip2Settings {
  int level = 9;
  friend bool operator==(const Bzip2Settings&, const Bzip2Settings&) = default;
};

/// xz, or the older lzma format, which has neither check nor filter. The level is that of xz -6.
struct XzSettings {
  bool old_format = false;
  bool check = true;                    ///< CRC32, or none
  std::optional<std::uint64_t> filter;  ///< the filter of branches, as the format numbers it
  std::uint32_t dictionary = kMostWindow;
  friend bool operator==(const XzSettings&, const XzSettings&) = default;
};

struct ZstdSettings {
  /// 3, 9 or 19. Nothing where the head does not tell: one segment of at most 4 MiB, or a window of
  /// at most 2 MiB and no size, where the window may be as small as it is because the contents are.
  std::optional<int> level;
  /// The logarithm of the largest window; nothing where there was none, in one segment.
  std::optional<int> window_log;
  bool checksum = true;
  bool size = true;  ///< of the contents stands in the head
  friend bool operator==(const ZstdSettings&, const ZstdSettings&) = default;
};

/// lz4 without frames.
struct Lz4LegacySettings {
  friend bool operator==(const Lz4LegacySettings&, const Lz4LegacySettings&) = default;
};

using StreamSettings = std::variant<GzipSettings, Bzip2Settings, XzSettings, ZstdSettings,
                                    Lz4LegacySettings, LzopHeader>;

/// The settings of the stream at the start of `range`, which is compressed with `compression`.
/// Formats: RFC 1952 section 2.3, xz file format 1.2.1 sections 2.1.1 and 3.1, RFC 8878 section
/// 3.1.1.1.
/// Errors: unsupported (frames of lz4, which are only read; what read_lzop_header() does not know);
/// malformed (a head that is none, with the offset in the file); io; changed.
[[nodiscard]] Result<StreamSettings> settings_of(const FileRange& range, Compression compression);

}  // namespace modproof
