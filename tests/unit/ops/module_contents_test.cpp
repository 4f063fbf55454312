// SPDX-License-Identifier: LGPL-2.1-or-later
// Compressed modules: what comes out is what went in, and what is not exactly one stream is an
// error.
#include "ops/module_contents.h"

#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <lzma.h>
#include <zlib.h>
#include <zstd.h>

#include "support/build.h"
#include "support/bytes.h"
#include "support/expect.h"
#include "support/folder.h"

namespace modproof::test {
namespace {

constexpr std::size_t kRoom = 4096;  // more than any of the formats adds

ByteVector gzip(Bytes bytes) {
  constexpr int kGzip = 16;
  z_stream stream{};
  ByteVector out(bytes.size() + kRoom);
  EXPECT_EQ(::deflateInit2(&stream, 1, Z_DEFLATED, MAX_WBITS + kGzip, 8, Z_DEFAULT_STRATEGY), Z_OK);
  stream.next_in = const_cast<Bytef*>(bytes.data());
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = out.data();
  stream.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(::deflate(&stream, Z_FINISH), Z_STREAM_END);
  out.resize(stream.total_out);
  ::deflateEnd(&stream);
  return out;
}

ByteVector xz(Bytes bytes) {
  ByteVector out(bytes.size() + bytes.size() / 8 + kRoom);
  std::size_t size = 0;
  EXPECT_EQ(::lzma_easy_buffer_encode(0, LZMA_CHECK_CRC32, nullptr, bytes.data(), bytes.size(),
                                      out.data(), &size, out.size()),
            LZMA_OK);
  out.resize(size);
  return out;
}

ByteVector zstd(Bytes bytes) {
  ByteVector out(::ZSTD_compressBound(bytes.size()));
  out.resize(::ZSTD_compress(out.data(), out.size(), bytes.data(), bytes.size(), 1));
  return out;
}

struct Format {
  Compression compression;
  ByteVector (*compress)(Bytes);
};
constexpr Format kFormats[] = {
    {Compression::gzip, gzip}, {Compression::xz, xz}, {Compression::zstd, zstd}};

/// The whole of what the kernel would see of a file with these bytes, by way of both readers, which
/// have to agree.
Result<ByteVector> contents_of(Bytes stored, std::uint64_t limit = kDefaultMaxModuleSize) {
  const Folder folder;
  const std::string path = folder.write("m.ko", stored);
  const auto contents = ModuleContents::open(path, limit);
  const File file = value_of(File::open(path));
  constexpr std::size_t kAt = 5;
  ByteVector buffer(kAt + 3);
  const auto direct =
      decompress_module(file, module_compression(stored), limit,
                        stored.first(std::min<std::size_t>(stored.size(), 20)), buffer, kAt);
  EXPECT_EQ(contents.has_value(), direct.has_value());
  if (!contents || !direct) {
    EXPECT_EQ(contents.error().kind, direct.error().kind);
    EXPECT_EQ(contents.error().message, direct.error().message);
    EXPECT_EQ(contents.error().path, path);
    return std::unexpected(contents.error());
  }
  ByteVector bytes(contents->file().size());
  value_of(contents->file().read_at(0, bytes));
  EXPECT_EQ(contents->stored().size(), stored.size());
  if (direct->file) {
    EXPECT_EQ(direct->file->size(), bytes.size());
  } else {
    EXPECT_LE(direct->size, kModuleInMemory);
    buffer.resize(kAt + direct->size);
    EXPECT_EQ(ByteVector(buffer.begin() + kAt, buffer.end()), bytes);
  }
  return bytes;
}

TEST(ModuleContents, AreWhatWasCompressed) {
  for (const auto& [compression, compress] : kFormats) {
    for (const std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{70000},
                                   kModuleInMemory, kModuleInMemory + 1}) {
      const ByteVector bytes = noise(size, 7);
      const ByteVector stored = compress(bytes);
      EXPECT_EQ(module_compression(stored), compression);
      EXPECT_EQ(value_of(contents_of(stored)), bytes) << name_of(compression) << " " << size;
      EXPECT_EQ(value_of(contents_of(stored, size)), bytes);
      if (size > 0) {
        expect_error(contents_of(stored, size - 1), ErrorKind::unsupported);
      }
    }
  }
}

TEST(ModuleContents, APlainFileIsItself) {
  const Folder folder;
  const auto contents =
      value_of(ModuleContents::open(folder.write("m.ko.xz", bytes_of("plain")), 1));
  EXPECT_EQ(contents.compression(), Compression::none);
  EXPECT_EQ(&contents.file(), &contents.stored());
}

TEST(ModuleContents, CutOffAnywhereIsAnError) {
  for (const auto& [compression, compress] : kFormats) {
    const ByteVector stored = compress(noise(300, 8));
    for (std::size_t size = kCompressionHead; size < stored.size(); ++size) {
      expect_error(contents_of(Bytes(stored).first(size)), ErrorKind::malformed);
    }
  }
}

TEST(ModuleContents, BytesBehindTheEndAreAnErrorThatSaysWhere) {
  for (const auto& [compression, compress] : kFormats) {
    const ByteVector stored = compress(noise(300, 9));
    for (const ByteVector& more :
         {ByteVector{0}, ByteVector(4), bytes_of("x"), compress(bytes_of("more")), stored}) {
      expect_error_at(contents_of(concat({stored, more})), ErrorKind::malformed, stored.size());
    }
  }
}

TEST(ModuleContents, VerifyTakesACompressedModuleForWhatIsInside) {
  for (const auto& [compression, compress] : kFormats) {
    const Build build(3);
    const Root root = build.seal();
    const ByteVector sealed = build.contents(1);
    build.write(1, compress(sealed));
    EXPECT_EQ(build.verdict(1, root).reason, Reason::accepted);
    for (const std::size_t at : {std::size_t{64}, sealed.size() - 60}) {
      ByteVector changed = sealed;
      changed[at] ^= 1U;
      build.write(1, compress(changed));
      EXPECT_NE(build.verdict(1, root).reason, Reason::accepted) << at;
    }
    build.write(1, compress(build.original(1)));
    EXPECT_EQ(build.verdict(1, root).reason, Reason::no_trailer);
  }
}

}  // namespace
}  // namespace modproof::test
