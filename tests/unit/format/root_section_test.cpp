// SPDX-License-Identifier: LGPL-2.1-or-later
// The root in a kernel: found in every kind of ELF file, and refused where it is not as it must be.
#include "format/root_section.h"

#include <algorithm>
#include <string>

#include <gtest/gtest.h>

#include "support/bytes.h"
#include "support/elf_writer.h"
#include "support/expect.h"
#include "support/folder.h"

namespace modproof::test {
namespace {

Root some_root() {
  Root root{.levels = 13, .hash = {}};
  for (std::size_t i = 0; i < root.hash.size(); ++i) {
    root.hash[i] = static_cast<std::uint8_t>(0xC0 + i);
  }
  return root;
}

ByteVector section_of(const Root& root, std::endian order = std::endian::little) {
  const auto bytes = encode_root_section(root, order);
  return {bytes.begin(), bytes.end()};
}

class RootSectionTest : public testing::Test {
 protected:
  Result<RootSection> read(const TestElf& elf) const {
    return read_root_section(value_of(File::open(folder_.write("vmlinux", elf.bytes()))));
  }

  Folder folder_;
};

TEST(EncodeRootSection, LevelsHaveTheByteOrderOfTheKernel) {
  const Root root = some_root();
  const ByteVector hash(root.hash.begin(), root.hash.end());
  EXPECT_EQ(section_of(root, std::endian::little), concat({ByteVector{13, 0, 0, 0}, hash}));
  EXPECT_EQ(section_of(root, std::endian::big), concat({ByteVector{0, 0, 0, 13}, hash}));
}

TEST_F(RootSectionTest, EveryKindOfKernelIsRead) {
  for (const unsigned bits : {32U, 64U}) {
    for (const auto order : {std::endian::little, std::endian::big}) {
      for (const int type : {ET_EXEC, ET_DYN}) {
        TestElf elf = kernel_with(section_of(some_root(), order), bits, order);
        elf.type = static_cast<std::uint16_t>(type);
        const RootSection section = value_of(read(elf));
        EXPECT_EQ(section.root, some_root());
        EXPECT_EQ(section.offset, elf.offset_of(1));
        EXPECT_EQ(section.bits, bits);
        EXPECT_EQ(section.order, order);
        EXPECT_EQ(section.machine, elf.machine);
      }
    }
  }
}

TEST_F(RootSectionTest, AnEmptyRootIsRead) {
  EXPECT_EQ(value_of(read(kernel_with())).root, Root{});
}

TEST_F(RootSectionTest, AKernelWithoutItIsToldSo) {
  TestElf elf = kernel_with();
  elf.sections[1].name = ".module_hashe";
  expect_error(read(elf), ErrorKind::missing);
  elf.sections[1].name = ".module_hashes2";
  expect_error(read(elf), ErrorKind::missing);
}

TEST_F(RootSectionTest, TwoAreRefused) {
  TestElf elf = kernel_with();
  elf.sections.push_back(elf.sections[1]);
  expect_error_at(read(elf), ErrorKind::malformed, elf.offset_of(2));
}

TEST_F(RootSectionTest, AnotherSizeIsRefused) {
  for (const std::size_t size : {0U, 1U, 4U, 32U, 35U, 37U, 40U, 72U}) {
    const TestElf elf = kernel_with(ByteVector(size));
    expect_error_at(read(elf), ErrorKind::malformed, elf.offset_of(1));
  }
}

TEST_F(RootSectionTest, WithoutContentsItIsRefused) {
  TestElf elf = kernel_with();
  elf.sections[1].type = SHT_NOBITS;
  expect_error(read(elf), ErrorKind::malformed);
}

TEST_F(RootSectionTest, CompressedItIsRefused) {
  TestElf elf = kernel_with();
  elf.sections[1].flags = SHF_COMPRESSED;
  expect_error(read(elf), ErrorKind::malformed);
}

TEST_F(RootSectionTest, OnlyALinkedKernelIsOne) {
  for (const int type : {ET_NONE, ET_REL, ET_CORE}) {
    TestElf elf = kernel_with();
    elf.type = static_cast<std::uint16_t>(type);
    expect_error_at(read(elf), ErrorKind::malformed, 16);
  }
}

TEST_F(RootSectionTest, MoreLevelsThanPossibleAreRefused) {
  for (const std::uint32_t levels : {33U, 0x0D000000U, 0xFFFFFFFFU}) {
    Root root = some_root();
    root.levels = levels;
    expect_error(read(kernel_with(section_of(root))), ErrorKind::malformed);
  }
  Root most = some_root();
  most.levels = 32;
  EXPECT_EQ(value_of(read(kernel_with(section_of(most)))).root, most);
}

TEST_F(RootSectionTest, AHashWithoutLevelsIsRefused) {
  Root root = some_root();
  root.levels = 0;
  expect_error(read(kernel_with(section_of(root))), ErrorKind::malformed);
}

TEST_F(RootSectionTest, TheOtherByteOrderIsRefused) {
  expect_error(read(kernel_with(section_of(some_root(), std::endian::big))), ErrorKind::malformed);
}

TEST_F(RootSectionTest, CutOffAtAnyLengthTheKernelIsMalformed) {
  const ByteVector bytes = kernel_with(section_of(some_root())).bytes();
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    const ByteVector cut(bytes.begin(), bytes.begin() + static_cast<long>(size));
    expect_error(read_root_section(value_of(File::open(folder_.write("vmlinux", cut)))),
                 ErrorKind::malformed);
  }
}

}  // namespace
}  // namespace modproof::test
