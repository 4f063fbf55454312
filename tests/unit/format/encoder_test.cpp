// SPDX-License-Identifier: LGPL-2.1-or-later
// Streams that are written: what was compressed comes out again, with the settings that were asked
// for, and the bytes do not depend on how they were handed over.
#include "format/encoder.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <lzma.h>
#include <rapidcheck.h>
#include <zlib.h>

#include "format/decompress_range.h"
#include "support/bytes.h"
#include "support/compressed.h"
#include "support/expect.h"
#include "support/folder.h"

namespace modproof::test {
namespace {

struct Read {
  ByteVector data;
  StreamSettings settings;
};

Read read_back(Compression compression, Bytes stream) {
  const Folder folder;
  const File file = value_of(File::open(folder.write("m.ko", stream)));
  // More checksums and larger blocks of lzop are written than the kernel takes.
  const Rules rules = compression == Compression::lzo ? Rules::tools : Rules::kernel;
  const File inner = value_of(decompress_to_file(FileRange(file), compression, 1U << 30U, rules));
  Read read;
  read.data.resize(static_cast<std::size_t>(inner.size()));
  value_of(inner.read_at(0, read.data));
  read.settings = value_of(settings_of(FileRange(file), compression));
  return read;
}

/// Bytes that compress somewhat, larger than one piece of the encoder.
ByteVector mixed(std::size_t size, std::uint32_t seed) {
  ByteVector bytes = noise(size, seed);
  for (auto& byte : bytes) {
    byte &= 0x1F;
  }
  return bytes;
}

/// The header that lzop 1.04 writes for a file `a` of 2001, with other method, level and flags.
LzopHeader lzop_header(std::uint8_t method, std::uint8_t level, std::uint32_t flags) {
  constexpr std::uint32_t kHeaderCrc = 0x1000;
  ByteVector head = bytes_of("\x10\x40\x20\xA0\x09\x40");
  ByteVector word(4);
  const auto append = [&](Bytes bytes) { head.insert(head.end(), bytes.begin(), bytes.end()); };
  append(ByteVector{method, level});
  store_be32(word.data(), flags);
  append(word);
  append(ByteVector{0, 0, 0x81, 0xA4, 0x3B, 0x9A, 0xCA, 0, 0, 0, 0, 0, 1, 'a'});
  store_be32(word.data(),
             static_cast<std::uint32_t>((flags & kHeaderCrc) != 0
                                            ? ::crc32_z(0, head.data(), head.size())
                                            : ::adler32_z(1, head.data(), head.size())));
  append(word);
  return {.bytes = concat({ByteVector{0x89, 'L', 'Z', 'O', 0, 0x0D, 0x0A, 0x1A, 0x0A}, head}),
          .method = method,
          .level = level,
          .flags = flags};
}

std::vector<std::pair<Compression, StreamSettings>> all_settings() {
  std::vector<std::pair<Compression, StreamSettings>> all;
  for (const int level : {1, 6, 9}) {
    all.emplace_back(Compression::gzip, GzipSettings{.level = level});
  }
  all.emplace_back(Compression::gzip,
                   GzipSettings{.level = 6, .time = 77, .system = 255, .name = "a module"});
  all.emplace_back(Compression::bzip2, Bzip2Settings{.level = 5});
  for (const std::uint32_t dictionary : {4096U, 1U << 20U, 3U << 19U, kMostWindow}) {
    all.emplace_back(Compression::xz, XzSettings{.dictionary = dictionary});
  }
  all.emplace_back(Compression::xz, XzSettings{.check = false, .filter = LZMA_FILTER_X86});
  all.emplace_back(Compression::lzma, XzSettings{.old_format = true, .dictionary = 1U << 20U});
  all.emplace_back(Compression::lz4_legacy, Lz4LegacySettings{});
  all.emplace_back(Compression::lzo, lzop_header(1, 5, 0x03000009));
  all.emplace_back(Compression::lzo, lzop_header(2, 1, 0x03000009));
  all.emplace_back(Compression::lzo, lzop_header(3, 9, 0x0300000D));
  all.emplace_back(Compression::lzo, lzop_header(3, 7, 0x03001308));
  all.emplace_back(Compression::lzo, lzop_header(3, 8, 0x03000000));
  for (const bool flag : {false, true}) {
    all.emplace_back(Compression::zstd, ZstdSettings{.level = {}, .checksum = flag});
    all.emplace_back(Compression::zstd, ZstdSettings{.level = flag ? std::optional<int>() : 3,
                                                     .window_log = 18,
                                                     .checksum = flag,
                                                     .size = !flag});
  }
  return all;
}

TEST(StreamWriter, MakesWhatWasAskedForAndNothingIsLost) {
  const ByteVector data = concat({mixed(80'000, 1), ByteVector(200'000)});
  for (const auto& [compression, settings] : all_settings()) {
    const ByteVector stream = compressed(settings, data);
    EXPECT_EQ(compression_of(stream), compression);
    const Read read = read_back(compression, stream);
    EXPECT_TRUE(read.data == data) << name_of(compression);
    EXPECT_TRUE(read.settings == settings) << name_of(compression);
    EXPECT_LT(stream.size(), data.size());
  }
}

TEST(StreamWriter, EverySizeAroundAPieceAndNothingAtAll) {
  for (const auto& [compression, settings] : all_settings()) {
    for (const std::size_t size : {0U, 1U, (1U << 18U) - 1, 1U << 18U, (1U << 18U) + 1}) {
      const ByteVector data(size, 'x');
      EXPECT_TRUE(read_back(compression, compressed(settings, data)).data == data)
          << name_of(compression) << ' ' << size;
    }
  }
}

TEST(StreamWriter, BlocksOfLz4AndBytesThatDoNotGetSmaller) {
  const ByteVector data = concat({noise(300'000, 5), mixed(8U << 20U, 4), noise(70'000, 6)});
  const std::vector<std::pair<Compression, StreamSettings>> in_blocks{
      {Compression::lz4_legacy, Lz4LegacySettings{}},
      {Compression::lzo, lzop_header(1, 5, 0x03000303)}};
  for (const auto& [compression, settings] : in_blocks) {
    EXPECT_TRUE(read_back(compression, compressed(settings, data)).data == data)
        << name_of(compression);
  }
}

TEST(StreamWriter, TheBytesDoNotDependOnThePieces) {
  // Two pieces of the encoder, quick to compress.
  static const ByteVector data = concat({mixed(20'000, 2), ByteVector(250'000), mixed(20'000, 3)});
  const auto all = all_settings();
  std::vector<ByteVector> whole;
  for (const auto& [compression, settings] : all) {
    whole.push_back(compressed(settings, data));
  }
  EXPECT_TRUE(rc::check([&] {
    const auto chosen = *rc::gen::inRange<std::size_t>(0, all.size());
    const auto pieces = *rc::gen::resize(
        6, rc::gen::container<std::vector<std::size_t>>(rc::gen::inRange(0, 280'000)));
    RC_ASSERT(compressed(all[chosen].second, data, pieces) == whole[chosen]);
  }));
}

TEST(StreamWriter, WhatTheSinkSaysEndsIt) {
  const ByteVector data = noise(300'000, 3);
  for (const auto& [compression, settings] : all_settings()) {
    StreamWriter writer(settings, data.size(), "m.ko", [](Bytes bytes) -> Status {
      return bytes.empty() ? Status{} : fail(ErrorKind::io, "m.ko", "no space");
    });
    Status status = writer.append(data);
    if (status) {
      status = writer.finish();
    }
    EXPECT_EQ(error_of(status).message, "no space") << name_of(compression);
  }
}

}  // namespace
}  // namespace modproof::test
