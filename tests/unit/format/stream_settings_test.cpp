// SPDX-License-Identifier: LGPL-2.1-or-later
// What the head of a compressed file tells of its settings: heads that gzip, xz and zstd wrote, and
// heads that are none.
#include "format/stream_settings.h"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <lzma.h>

#include "support/bytes.h"
#include "support/expect.h"
#include "support/folder.h"

namespace modproof::test {
namespace {

constexpr std::uint32_t kMiB = 1U << 20U;

Result<StreamSettings> settings(Compression compression, Bytes head) {
  const Folder folder;
  const File file = value_of(File::open(folder.write("m.ko", head)));
  return settings_of(FileRange(file), compression);
}

template <typename Settings>
Settings settings_in(Compression compression, Bytes head) {
  return std::get<Settings>(value_of(settings(compression, head)));
}

ByteVector gzip_head(std::uint8_t flags, std::uint8_t effort, std::string_view behind = {}) {
  return concat({ByteVector{0x1F, 0x8B, 8, flags, 0x78, 0x56, 0x34, 0x12, effort, 3},
                 bytes_of(behind), ByteVector{3, 0}});
}

/// A stream of xz with these filters.
ByteVector xz_stream(const std::vector<lzma_filter>& filters, lzma_check check) {
  const ByteVector data = bytes_of("a module");
  ByteVector out(4096);
  std::size_t size = 0;
  EXPECT_EQ(::lzma_stream_buffer_encode(const_cast<lzma_filter*>(filters.data()), check, nullptr,
                                        data.data(), data.size(), out.data(), &size, out.size()),
            LZMA_OK);
  out.resize(size);
  return out;
}

class XzHead : public testing::Test {
 protected:
  XzHead() {
    ::lzma_lzma_preset(&lzma2_, 6);
    lzma2_.dict_size = kMiB;
  }

  ByteVector stream(std::vector<lzma_filter> before, lzma_check check = LZMA_CHECK_CRC32) {
    before.push_back({.id = LZMA_FILTER_LZMA2, .options = &lzma2_});
    before.push_back({.id = LZMA_VLI_UNKNOWN, .options = nullptr});
    return xz_stream(before, check);
  }

  lzma_options_lzma lzma2_{};
};

TEST(GzipHead, LevelTimeSystemAndName) {
  EXPECT_EQ(
      settings_in<GzipSettings>(Compression::gzip, ByteVector{0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3}),
      (GzipSettings{.level = 6, .time = 0, .system = 3, .name = ""}));  // gzip -n
  EXPECT_EQ(settings_in<GzipSettings>(Compression::gzip, gzip_head(0, 2)).level, 9);
  EXPECT_EQ(
      settings_in<GzipSettings>(Compression::gzip, gzip_head(8, 4, std::string_view("m.ko\0", 5))),
      (GzipSettings{.level = 1, .time = 0x12345678, .system = 3, .name = "m.ko"}));
}

TEST(GzipHead, WhatTheKernelStumblesOverIsNotKept) {
  // An extra field before the name, and a name without end.
  const std::string extra("\2\0xxm.ko\0", 9);
  EXPECT_EQ(settings_in<GzipSettings>(Compression::gzip, gzip_head(4 | 8, 0, extra)).name, "");
  const ByteVector endless = gzip_head(8, 0, std::string(5000, 'x'));
  EXPECT_EQ(settings_in<GzipSettings>(Compression::gzip, endless).name, "");
}

TEST_F(XzHead, AsTheKernelInstallsModules) {
  EXPECT_EQ(settings_in<XzSettings>(Compression::xz, stream({})),
            (XzSettings{.check = true, .filter = {}, .dictionary = kMiB}));
  // Debian 13's, by several threads of xz 5.8: sizes stand in the head of the block.
  const ByteVector debian{0xFD, 0x37, 0x7A, 0x58, 0x5A, 0x00, 0x00, 0x01, 0x69, 0x22, 0xDE,
                          0x36, 0x04, 0xC0, 0x90, 0xBC, 0x01, 0xE0, 0xF5, 0x06, 0x21, 0x01,
                          0x10, 0x00, 0x00, 0x00, 0x00, 0x00, 0x21, 0x94, 0x0C, 0xCD};
  EXPECT_EQ(settings_in<XzSettings>(Compression::xz, debian),
            (XzSettings{.check = true, .filter = {}, .dictionary = kMiB}));
}

TEST_F(XzHead, CheckIsCrc32OrNone) {
  EXPECT_FALSE(settings_in<XzSettings>(Compression::xz, stream({}, LZMA_CHECK_NONE)).check);
  EXPECT_TRUE(settings_in<XzSettings>(Compression::xz, stream({}, LZMA_CHECK_CRC64)).check);
  EXPECT_TRUE(settings_in<XzSettings>(Compression::xz, stream({}, LZMA_CHECK_SHA256)).check);
}

TEST_F(XzHead, FiltersThatTheKernelUndoes) {
  for (const lzma_vli filter : {LZMA_FILTER_X86, LZMA_FILTER_POWERPC, LZMA_FILTER_ARM,
                                LZMA_FILTER_ARMTHUMB, LZMA_FILTER_SPARC}) {
    const ByteVector head = stream({{.id = filter, .options = nullptr}});
    EXPECT_EQ(settings_in<XzSettings>(Compression::xz, head),
              (XzSettings{.check = true, .filter = filter, .dictionary = kMiB}));
  }
}

TEST_F(XzHead, OtherFiltersAreNotKept) {
  lzma_options_delta delta{.type = LZMA_DELTA_TYPE_BYTE, .dist = 1};
  lzma_options_bcj offset{.start_offset = 4096};
  const std::vector<std::vector<lzma_filter>> chains{
      {{.id = LZMA_FILTER_DELTA, .options = &delta}},
      {{.id = LZMA_FILTER_X86, .options = &offset}},
      {{.id = LZMA_FILTER_IA64, .options = nullptr}},
      {{.id = LZMA_FILTER_X86, .options = nullptr}, {.id = LZMA_FILTER_ARM, .options = nullptr}}};
  for (const auto& chain : chains) {
    EXPECT_EQ(settings_in<XzSettings>(Compression::xz, stream(chain)),
              (XzSettings{.check = true, .filter = {}, .dictionary = kMiB}));
  }
}

TEST_F(XzHead, LargeDictionariesBecomeSmaller) {
  lzma2_.dict_size = 64 * kMiB;
  EXPECT_EQ(settings_in<XzSettings>(Compression::xz, stream({})).dictionary, kMostWindow);
}

TEST(LzmaHead, Dictionary) {
  ByteVector head(13);
  head[0] = 0x5D;
  head[3] = 0x20;  // 2 MiB
  EXPECT_EQ(settings_in<XzSettings>(Compression::lzma, head),
            (XzSettings{.old_format = true, .filter = {}, .dictionary = 2 * kMiB}));
}

ByteVector zstd_head(std::initializer_list<std::uint8_t> behind) {
  return concat({ByteVector{0x28, 0xB5, 0x2F, 0xFD}, ByteVector(behind)});
}

TEST(ZstdHead, OneSegmentTellsItsLevelByItsSize) {
  // Descriptor: 2 bits width of the size, 0x20 one segment, 0x04 checksum.
  EXPECT_EQ(settings_in<ZstdSettings>(Compression::zstd, zstd_head({0x64, 0, 0x10})),
            (ZstdSettings{.level = {}, .window_log = {}, .checksum = true, .size = true}));
  EXPECT_EQ(settings_in<ZstdSettings>(Compression::zstd, zstd_head({0x20, 9})),
            (ZstdSettings{.level = {}, .window_log = {}, .checksum = false, .size = true}));
  EXPECT_EQ(
      settings_in<ZstdSettings>(Compression::zstd, zstd_head({0xA0, 0x00, 0x00, 0x40, 0})).level,
      std::nullopt);  // 4 MiB
  EXPECT_EQ(
      settings_in<ZstdSettings>(Compression::zstd, zstd_head({0xA0, 0x01, 0x00, 0x40, 0})).level,
      19);
  EXPECT_EQ(
      settings_in<ZstdSettings>(Compression::zstd, zstd_head({0xE0, 0, 0, 0, 0, 0, 0, 0, 0x80}))
          .level,
      19);
}

TEST(ZstdHead, WindowTellsTheLevel) {
  const auto of_window = [](int log, std::uint8_t descriptor) {
    const auto window = static_cast<std::uint8_t>((log - 10) << 3);
    return settings_in<ZstdSettings>(Compression::zstd,
                                     zstd_head({descriptor, window, 0, 0, 0, 0}));
  };
  EXPECT_EQ(of_window(21, 0x04),
            (ZstdSettings{.level = {}, .window_log = 21, .checksum = true, .size = false}));
  EXPECT_EQ(of_window(19, 0x80),
            (ZstdSettings{.level = 3, .window_log = 19, .checksum = false, .size = true}));
  EXPECT_EQ(of_window(22, 0x80).level, 9);
  EXPECT_EQ(of_window(22, 0x00).level, 9);
  EXPECT_EQ(of_window(23, 0x80).level, 19);
  EXPECT_EQ(of_window(27, 0x80).window_log, 23);
}

TEST(SettingsOf, AHeadThatIsCutOffIsMalformed) {
  const std::vector<std::pair<Compression, ByteVector>> heads{
      {Compression::gzip, ByteVector{0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3}},
      {Compression::bzip2, bytes_of("BZh9")},
      {Compression::lzma, ByteVector(13)},
      {Compression::zstd, zstd_head({0xE0, 0, 0, 0, 0, 0, 0, 0, 1})}};
  for (const auto& [compression, head] : heads) {
    for (std::size_t size = 0; size < head.size(); ++size) {
      expect_error_at(settings(compression, Bytes(head).first(size)), ErrorKind::malformed, 0);
    }
  }
}

TEST_F(XzHead, CutOffOrWithAWrongByteIsMalformed) {
  const ByteVector whole = stream({});
  constexpr std::size_t kHead = 24;  // of the stream, and of the block
  for (std::size_t size = 0; size < kHead; ++size) {
    expect_error_at(settings(Compression::xz, Bytes(whole).first(size)), ErrorKind::malformed, 0);
    ByteVector flipped = whole;
    flipped[size] ^= 0x40;
    expect_error_at(settings(Compression::xz, flipped), ErrorKind::malformed, 0);
  }
}

TEST(SettingsOf, TheHeaderOfLzop) {
  // Of `lzop -9 <a`, version 1.04.
  const ByteVector head =
      concat({bytes_of("\x89LZO"), ByteVector{0, 0x0D, 0x0A, 0x1A, 0x0A},
              ByteVector{0x10, 0x40, 0x20, 0xA0, 0x09, 0x40, 3, 9}, ByteVector{3, 0, 0, 0x0D},
              ByteVector{0, 0, 0x81, 0xA4, 0x3B, 0x9A, 0xCA, 0, 0, 0, 0, 0, 0},
              ByteVector{0x38, 0x26, 0x04, 0x3A}});
  EXPECT_EQ(
      value_of(settings(Compression::lzo, head)),
      StreamSettings(LzopHeader{.bytes = head, .method = 3, .level = 9, .flags = 0x0300000D}));
  for (std::size_t size = 0; size < head.size(); ++size) {
    expect_error(settings(Compression::lzo, Bytes(head).first(size)), ErrorKind::malformed);
  }
  const auto with = [&](std::size_t at, std::uint8_t byte) {
    ByteVector other = head;
    other[at] = byte;
    return other;
  };
  expect_error(settings(Compression::lzo, with(20, 0x0E)), ErrorKind::malformed);    // the sum
  expect_error(settings(Compression::lzo, with(15, 4)), ErrorKind::unsupported);     // method
  expect_error(settings(Compression::lzo, with(9, 0x08)), ErrorKind::unsupported);   // version
  expect_error(settings(Compression::lzo, with(20, 0x4D)), ErrorKind::unsupported);  // extra field
}

TEST(SettingsOf, WhatIsOnlyReadIsUnsupported) {
  for (const Compression compression : {Compression::lz4, Compression::none}) {
    expect_error(settings(compression, ByteVector(64)), ErrorKind::unsupported);
  }
}

}  // namespace
}  // namespace modproof::test
