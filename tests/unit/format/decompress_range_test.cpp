// SPDX-License-Identifier: LGPL-2.1-or-later
// Streams of each compression, made by the libraries: whole, cut off, changed and too large.
#include "format/decompress_range.h"

#include <cstring>
#include <utility>
#include <vector>

#include <bzlib.h>
#include <gtest/gtest.h>
#include <lz4.h>
#include <lz4frame.h>
#include <lzma.h>
#include <zlib.h>
#include <zstd.h>

#include "support/bytes.h"
#include "support/expect.h"
#include "support/folder.h"
#include "support/image_writer.h"

namespace modproof::test {
namespace {

constexpr std::uint64_t kNoLimit = 1U << 30U;

ByteVector gzip(const ByteVector& data) {
  z_stream stream{};
  EXPECT_EQ(deflateInit2(&stream, 9, Z_DEFLATED, MAX_WBITS + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
  ByteVector out(deflateBound(&stream, data.size()));
  stream.next_in = const_cast<Bytef*>(data.data());
  stream.avail_in = static_cast<uInt>(data.size());
  stream.next_out = out.data();
  stream.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

ByteVector bzip2(const ByteVector& data) {
  auto size = static_cast<unsigned>(data.size() + data.size() / 50 + 1000);
  ByteVector out(size);
  EXPECT_EQ(
      BZ2_bzBuffToBuffCompress(reinterpret_cast<char*>(out.data()), &size,
                               reinterpret_cast<char*>(const_cast<std::uint8_t*>(data.data())),
                               static_cast<unsigned>(data.size()), 9, 0, 0),
      BZ_OK);
  out.resize(size);
  return out;
}

ByteVector xz(const ByteVector& data) {
  ByteVector out(lzma_stream_buffer_bound(data.size()));
  std::size_t at = 0;
  EXPECT_EQ(lzma_easy_buffer_encode(6, LZMA_CHECK_CRC32, nullptr, data.data(), data.size(),
                                    out.data(), &at, out.size()),
            LZMA_OK);
  out.resize(at);
  return out;
}

ByteVector lzma(const ByteVector& data) {
  lzma_options_lzma options{};
  lzma_lzma_preset(&options, 6);
  lzma_stream stream = LZMA_STREAM_INIT;
  EXPECT_EQ(lzma_alone_encoder(&stream, &options), LZMA_OK);
  ByteVector out(data.size() + data.size() / 3 + 1000);
  stream.next_in = data.data();
  stream.avail_in = data.size();
  stream.next_out = out.data();
  stream.avail_out = out.size();
  EXPECT_EQ(lzma_code(&stream, LZMA_FINISH), LZMA_STREAM_END);
  out.resize(stream.total_out);
  lzma_end(&stream);
  return out;
}

ByteVector zstd(const ByteVector& data) {
  ByteVector out(ZSTD_compressBound(data.size()));
  ZSTD_CCtx* context = ZSTD_createCCtx();
  ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1);
  out.resize(ZSTD_compress2(context, out.data(), out.size(), data.data(), data.size()));
  ZSTD_freeCCtx(context);
  return out;
}

ByteVector lz4_frame(const ByteVector& data) {
  LZ4F_preferences_t preferences = LZ4F_INIT_PREFERENCES;
  preferences.frameInfo.contentChecksumFlag = LZ4F_contentChecksumEnabled;
  ByteVector out(LZ4F_compressFrameBound(data.size(), &preferences));
  out.resize(LZ4F_compressFrame(out.data(), out.size(), data.data(), data.size(), &preferences));
  return out;
}

ByteVector lz4_legacy(const ByteVector& data) {
  constexpr std::size_t kBlock = 8U << 20U;
  ByteVector out = word(0x184C2102);
  for (std::size_t at = 0; at < data.size(); at += kBlock) {
    const auto size = static_cast<int>(std::min(kBlock, data.size() - at));
    ByteVector block(static_cast<std::size_t>(LZ4_compressBound(size)));
    block.resize(static_cast<std::size_t>(LZ4_compress_default(
        reinterpret_cast<const char*>(data.data() + at), reinterpret_cast<char*>(block.data()),
        size, static_cast<int>(block.size()))));
    append(out, word(block.size()));
    append(out, block);
  }
  return out;
}

/// Data that compresses, longer than a piece of the reader and than a block of lz4.
const ByteVector& data() {
  static const ByteVector bytes = [] {
    ByteVector all;
    for (std::uint32_t i = 0; i < 40; ++i) {
      append(all, noise(100'000, i));
      all.resize(all.size() + 150'000);
    }
    return all;
  }();
  return bytes;
}

const std::vector<std::pair<Compression, ByteVector>>& streams() {
  static const std::vector<std::pair<Compression, ByteVector>> all{
      {Compression::gzip, gzip(data())},
      {Compression::bzip2, bzip2(data())},
      {Compression::lzma, lzma(data())},
      {Compression::xz, xz(data())},
      {Compression::lz4_legacy, lz4_legacy(data())},
      {Compression::lz4, lz4_frame(data())},
      {Compression::zstd, zstd(data())}};
  return all;
}

class DecompressTest : public testing::Test {
 protected:
  Result<ByteVector> decompress(Compression compression, const ByteVector& bytes,
                                std::uint64_t limit = kNoLimit) {
    const File file = value_of(File::open(folder_.write("f", bytes)));
    auto inner = decompress_to_file(FileRange(file), compression, limit);
    if (!inner) {
      return std::unexpected(inner.error());
    }
    ByteVector read(static_cast<std::size_t>(inner->size()));
    value_of(inner->read_at(0, read));
    return read;
  }

  Folder folder_;
};

TEST_F(DecompressTest, EveryCompressionIsToldAndUndone) {
  for (const auto& [compression, bytes] : streams()) {
    EXPECT_EQ(compression_of(bytes), compression) << name_of(compression);
    EXPECT_TRUE(value_of(decompress(compression, bytes)) == data()) << name_of(compression);
  }
}

TEST_F(DecompressTest, TheHeadIsTheStartOfTheWhole) {
  for (const auto& [compression, bytes] : streams()) {
    const File file = value_of(File::open(folder_.write("f", bytes)));
    EXPECT_EQ(value_of(decompressed_head(FileRange(file), compression, 64)),
              ByteVector(data().begin(), data().begin() + 64))
        << name_of(compression);
  }
}

TEST_F(DecompressTest, StreamsOneBehindAnotherAreOne) {
  for (const auto& [compression, bytes] : streams()) {
    if (compression == Compression::lzma) {
      continue;  // which cannot be told from any other bytes
    }
    EXPECT_TRUE(value_of(decompress(compression, concat({bytes, bytes}))) ==
                concat({data(), data()}))
        << name_of(compression);
  }
}

TEST_F(DecompressTest, ByTheRulesOfTheKernelOneStreamIsAll) {
  for (const auto& [compression, bytes] : streams()) {
    const auto read = [&](const ByteVector& stream) {
      const File file = value_of(File::open(folder_.write("f", stream)));
      return decompress_to_file(FileRange(file), compression, kNoLimit, Rules::kernel);
    };
    EXPECT_TRUE(read(bytes).has_value()) << name_of(compression);
    if (compression != Compression::lz4_legacy) {  // where the kernel steps over a second magic
      expect_error(read(concat({bytes, bytes})), ErrorKind::malformed);
    }
  }
}

TEST_F(DecompressTest, TheKernelStepsOverANameInAGzipHeaderOnly) {
  const ByteVector plain = gzip(data());
  const auto with = [&](std::uint8_t flag, std::string_view field) {
    ByteVector bytes(plain.begin(), plain.begin() + 10);
    bytes[3] = flag;
    append(bytes, bytes_of(field));
    bytes.insert(bytes.end(), plain.begin() + 10, plain.end());
    return bytes;
  };
  const auto read = [&](const ByteVector& stream, Rules rules) {
    const File file = value_of(File::open(folder_.write("f", stream)));
    return decompress_to_file(FileRange(file), Compression::gzip, kNoLimit, rules);
  };
  const ByteVector extra = with(0x04, {"\5\0extra", 7});
  const ByteVector comment = with(0x10, {"comment\0", 8});
  EXPECT_TRUE(read(with(0x08, {"name\0", 5}), Rules::kernel).has_value());
  for (const ByteVector& stream : {extra, comment}) {
    EXPECT_TRUE(read(stream, Rules::tools).has_value());
    expect_error_at(read(stream, Rules::kernel), ErrorKind::malformed, 0);
  }
}

TEST_F(DecompressTest, AnEmptyBlockOfLz4IsRefused) {
  ByteVector bytes = word(0x184C2102);
  append(bytes, word(1));
  bytes.push_back(0);
  expect_error(decompress(Compression::lz4_legacy, bytes), ErrorKind::malformed);
}

TEST_F(DecompressTest, CutOffItIsRefused) {
  for (const auto& [compression, bytes] : streams()) {
    for (const std::size_t size : {bytes.size() - 1, bytes.size() / 2, std::size_t{14}}) {
      const ByteVector cut(bytes.begin(), bytes.begin() + static_cast<long>(size));
      expect_error(decompress(compression, cut), ErrorKind::malformed);
    }
  }
}

TEST_F(DecompressTest, WhatWasBrokenLeavesNothingToTheNextOne) {
  // A thread keeps what it decompresses zstd with.
  for (const auto& [compression, bytes] : streams()) {
    ByteVector changed = bytes;
    changed[bytes.size() / 2] ^= 0x10;
    const ByteVector cut(bytes.begin(), bytes.begin() + static_cast<long>(bytes.size() / 2));
    for (const ByteVector& broken : {changed, cut}) {
      static_cast<void>(decompress(compression, broken));
      EXPECT_TRUE(value_of(decompress(compression, bytes)) == data()) << name_of(compression);
    }
  }
}

TEST_F(DecompressTest, BytesBehindTheEndAreRefused) {
  for (const auto& [compression, bytes] : streams()) {
    const ByteVector more = concat({bytes, bytes_of("more")});
    if (compression == Compression::lz4_legacy) {
      expect_error(decompress(compression, more), ErrorKind::malformed);  // an impossible block
    } else {
      expect_error_at(decompress(compression, more), ErrorKind::malformed, bytes.size());
    }
  }
}

TEST_F(DecompressTest, AChangedByteIsNoticedWhereThereIsAChecksum) {
  for (const auto& [compression, bytes] : streams()) {
    if (compression == Compression::lzma || compression == Compression::lz4_legacy) {
      continue;
    }
    for (std::size_t at = bytes.size() / 3; at < bytes.size(); at += bytes.size() / 5) {
      ByteVector changed = bytes;
      changed[at] ^= 0x10;
      expect_error(decompress(compression, changed), ErrorKind::malformed);
    }
  }
}

TEST_F(DecompressTest, TheLimitIsExact) {
  for (const auto& [compression, bytes] : streams()) {
    EXPECT_TRUE(decompress(compression, bytes, data().size()).has_value());
    expect_error(decompress(compression, bytes, data().size() - 1), ErrorKind::unsupported);
  }
}

TEST_F(DecompressTest, ABombEndsAtTheLimit) {
  const ByteVector zeros(50'000'000);
  expect_error(decompress(Compression::gzip, gzip(zeros), 1000), ErrorKind::unsupported);
}

}  // namespace
}  // namespace modproof::test
