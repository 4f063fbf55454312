// SPDX-License-Identifier: LGPL-2.1-or-later
// Kernels taken out of what they are wrapped in. That each compression works in each wrapper is
// tested with the real tools in tests/cli/kernel-images.sh.
#include "format/kernel_container.h"

#include <gtest/gtest.h>
#include <zlib.h>

#include "support/bytes.h"
#include "support/elf_writer.h"
#include "support/expect.h"
#include "support/folder.h"
#include "support/image_writer.h"

namespace modproof::test {
namespace {

constexpr std::uint64_t kLimit = 1U << 20U;

/// A gzip stream with `data` stored in it as it is (at most 65535 bytes).
ByteVector stored(const ByteVector& data) {
  ByteVector out{0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3, 1};
  const auto size = static_cast<std::uint16_t>(data.size());
  put16(out, out.size(), size);
  put16(out, out.size(), static_cast<std::uint16_t>(~size));
  append(out, data);
  append(out, word(::crc32_z(0, data.data(), data.size())));
  append(out, word(data.size()));
  return out;
}

class KernelContainerTest : public testing::Test {
 protected:
  Result<UnwrappedKernel> unwrap(const ByteVector& bytes, std::uint64_t limit = kLimit) {
    return unwrap_kernel(value_of(File::open(folder_.write("kernel", bytes))), limit);
  }
  static ByteVector contents(const UnwrappedKernel& kernel) {
    ByteVector bytes(static_cast<std::size_t>(kernel.file.size()));
    value_of(kernel.file.read_at(0, bytes));
    return bytes;
  }

  Folder folder_;
  ByteVector elf_ = kernel_with().bytes();
};

TEST_F(KernelContainerTest, APlainKernelIsTheFileItself) {
  const UnwrappedKernel kernel = value_of(unwrap(elf_));
  EXPECT_TRUE(kernel.layers.empty());
  EXPECT_EQ(contents(kernel), elf_);
}

TEST_F(KernelContainerTest, LayersAreTakenOffOneByOne) {
  const ByteVector image = TestBzimage{.payload = stored(elf_)}.bytes();
  const TestPe pe{.sections = {{.name = ".linux", .contents = image}}};
  const UnwrappedKernel kernel = value_of(unwrap(stored(pe.bytes())));
  EXPECT_EQ(kernel.layers,
            (std::vector<std::string>{"gzip", "unified kernel image", "bzImage 2.15", "gzip"}));
  EXPECT_EQ(contents(kernel), elf_);
  EXPECT_EQ(kernel.version, TestBzimage{}.version);
  EXPECT_EQ(kernel.file.path(), folder_ / "kernel");
}

TEST_F(KernelContainerTest, ARawImageIsNamed) {
  const UnwrappedKernel plain = value_of(unwrap(arm64_image()));
  EXPECT_EQ(plain.raw_kind, "arm64 Image");
  const UnwrappedKernel wrapped =
      value_of(unwrap(TestZboot{.payload = stored(arm64_image())}.bytes()));
  EXPECT_EQ(wrapped.raw_kind, "arm64 Image");
  EXPECT_EQ(wrapped.layers, (std::vector<std::string>{"EFI zboot image", "gzip"}));
}

TEST_F(KernelContainerTest, AnErrorInsideSaysWhere) {
  TestBzimage inner{.payload = bytes_of("no compression at all")};
  const Error error = error_of(unwrap(stored(inner.bytes())));
  EXPECT_EQ(error.path, folder_ / "kernel");
  EXPECT_FALSE(error.offset);
  EXPECT_NE(error.message.find("inside gzip, bzImage 2.15, offset "), std::string::npos)
      << error.message;
}

TEST_F(KernelContainerTest, WhatIsNoKernelIsRefused) {
  expect_error_at(unwrap({}), ErrorKind::malformed, 0);
  expect_error_at(unwrap(bytes_of("text")), ErrorKind::malformed, 0);
  expect_error(unwrap(stored(bytes_of("text"))), ErrorKind::malformed);
  expect_error(unwrap(stored({})), ErrorKind::malformed);
}

TEST_F(KernelContainerTest, AZbootImageHasToBeCompressedAsItSays) {
  for (const char* name : {"zstd", "gz", "gzipped"}) {
    const TestZboot image{.payload = stored(elf_), .compression = name};
    if (std::string_view(name).starts_with("gzip")) {
      EXPECT_TRUE(unwrap(image.bytes()).has_value());
    } else {
      expect_error_at(unwrap(image.bytes()), ErrorKind::malformed, 256);
    }
  }
  expect_error_at(unwrap(TestZboot{.payload = elf_, .compression = "none"}.bytes()),
                  ErrorKind::malformed, 256);
}

TEST_F(KernelContainerTest, LimitsHold) {
  const ByteVector image = stored(elf_);
  EXPECT_TRUE(unwrap(image, elf_.size()).has_value());
  expect_error(unwrap(image, elf_.size() - 1), ErrorKind::unsupported);
  ByteVector deep = elf_;
  for (std::size_t i = 0; i <= kMaxKernelLayers; ++i) {
    deep = stored(deep);
  }
  expect_error(unwrap(deep), ErrorKind::unsupported);
}

TEST_F(KernelContainerTest, CutOffAnywhereItIsRefused) {
  const TestBzimage image{.payload = stored(elf_)};
  const ByteVector whole = image.bytes();
  for (std::size_t size = 0; size < image.payload_at() + image.payload.size(); ++size) {
    const auto kernel = unwrap({whole.begin(), whole.begin() + static_cast<long>(size)});
    EXPECT_FALSE(kernel.has_value()) << size;
  }
}

}  // namespace
}  // namespace modproof::test
