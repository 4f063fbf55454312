// SPDX-License-Identifier: LGPL-2.1-or-later
// ELF files of both classes and both byte orders, and broken ones.
#include "format/elf.h"

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "support/bytes.h"
#include "support/elf_writer.h"
#include "support/expect.h"
#include "support/folder.h"

namespace modproof::test {
namespace {

class ElfTest : public testing::Test {
 protected:
  Result<ElfImage> read(const ByteVector& bytes) const {
    return read_elf(value_of(File::open(folder_.write("f", bytes))));
  }

  Folder folder_;
};

Status check_head(const ByteVector& bytes) {
  return check_module_head(Bytes(bytes).first(std::min(bytes.size(), kElfHead)), bytes.size());
}

/// All four kinds of file that kernels are made of.
std::vector<TestElf> each_kind(std::uint16_t type) {
  std::vector<TestElf> all;
  for (const unsigned bits : {32U, 64U}) {
    for (const auto order : {std::endian::little, std::endian::big}) {
      TestElf elf = kernel_with(ByteVector(36), bits, order);
      elf.type = type;
      all.push_back(elf);
    }
  }
  return all;
}

std::string title(const TestElf& elf) {
  return std::to_string(elf.bits) +
         (elf.order == std::endian::big ? " bits, big" : " bits, little");
}

TEST_F(ElfTest, EveryClassAndByteOrderIsRead) {
  for (const TestElf& elf : each_kind(ET_EXEC)) {
    SCOPED_TRACE(title(elf));
    const ElfImage image = value_of(read(elf.bytes()));
    EXPECT_EQ(image.type, ET_EXEC);
    EXPECT_EQ(image.machine, elf.machine);
    EXPECT_EQ(image.bits, elf.bits);
    EXPECT_EQ(image.order, elf.order);
    ASSERT_EQ(image.sections.size(), 3U);
    EXPECT_EQ(image.sections[1].name, ".module_hashes");
    EXPECT_EQ(image.sections[1].offset, elf.offset_of(1));
    EXPECT_EQ(image.sections[1].size, 36U);
    EXPECT_TRUE(image.sections[1].in_file);
    EXPECT_FALSE(image.sections[1].compressed);
    EXPECT_EQ(image.sections[2].name, ".shstrtab");
  }
}

TEST_F(ElfTest, ASectionWithoutContentsMayClaimAnySize) {
  TestElf elf = kernel_with();
  elf.sections.push_back({.name = ".bss", .contents = {}, .type = SHT_NOBITS, .size = 1U << 30U});
  const ElfImage image = value_of(read(elf.bytes()));
  EXPECT_FALSE(image.sections[2].in_file);
  EXPECT_EQ(image.sections[2].size, 1U << 30U);
}

TEST_F(ElfTest, ACompressedSectionIsToldSo) {
  TestElf elf = kernel_with();
  elf.sections[0].flags = SHF_COMPRESSED;
  EXPECT_TRUE(value_of(read(elf.bytes())).sections[0].compressed);
}

TEST_F(ElfTest, AFileWithoutSectionsIsRead) {
  for (TestElf elf : each_kind(ET_EXEC)) {
    elf.table_offset = 0;
    elf.table_entries = 0;
    elf.names_index = 0;
    EXPECT_TRUE(value_of(read(elf.bytes())).sections.empty());
  }
}

TEST_F(ElfTest, WhatIsNotElfIsMalformed) {
  expect_error(read({}), ErrorKind::malformed);
  expect_error(read(bytes_of("MODPROOF")), ErrorKind::malformed);
  expect_error(read(noise(1000, 1)), ErrorKind::malformed);
  expect_error(read(bytes_of("!<arch>\n")), ErrorKind::malformed);
  ByteVector other_class = kernel_with().bytes();
  other_class[EI_CLASS] = 3;
  expect_error(read(other_class), ErrorKind::malformed);
}

TEST_F(ElfTest, CutOffAtAnyLengthItIsMalformed) {
  for (const TestElf& elf : each_kind(ET_EXEC)) {
    const ByteVector bytes = elf.bytes();
    for (std::size_t size = 0; size < bytes.size(); ++size) {
      const auto image = read(ByteVector(bytes.begin(), bytes.begin() + static_cast<long>(size)));
      ASSERT_FALSE(image.has_value()) << title(elf) << ", " << size << " bytes";
      ASSERT_EQ(image.error().kind, ErrorKind::malformed) << describe(image.error());
    }
  }
}

TEST_F(ElfTest, ASectionTableBeyondTheEndIsMalformed) {
  for (TestElf elf : each_kind(ET_EXEC)) {
    SCOPED_TRACE(title(elf));
    const std::uint64_t size = elf.bytes().size();
    const std::uint64_t most = elf.bits == 64 ? UINT64_MAX : UINT32_MAX;
    for (const std::uint64_t offset : {size - 8, size, size + 1, most / 2, most - 63, most}) {
      elf.table_offset = offset;
      expect_error(read(elf.bytes()), ErrorKind::malformed);
    }
    elf.table_offset.reset();
    elf.table_entries = 0xFF00 - 1;
    expect_error(read(elf.bytes()), ErrorKind::malformed);
  }
}

TEST_F(ElfTest, ASectionBeyondTheEndIsMalformed) {
  for (TestElf elf : each_kind(ET_EXEC)) {
    SCOPED_TRACE(title(elf));
    const std::uint64_t most = elf.bits == 64 ? UINT64_MAX : UINT32_MAX;
    for (const std::uint64_t offset : {std::uint64_t{100000}, most - 35, most}) {
      elf.sections[1].offset = offset;
      expect_error_at(read(elf.bytes()), ErrorKind::malformed, offset);
    }
    elf.sections[1].offset.reset();
    for (const std::uint64_t section_size : {std::uint64_t{100000}, most}) {
      elf.sections[1].size = section_size;
      expect_error(read(elf.bytes()), ErrorKind::malformed);
    }
  }
}

TEST_F(ElfTest, SectionsWithoutNamesAreMalformed) {
  for (TestElf elf : each_kind(ET_EXEC)) {
    SCOPED_TRACE(title(elf));
    for (const int index : {0, 1, 77, 0xFF00, 0xFFFF}) {
      elf.names_index = static_cast<std::uint16_t>(index);
      expect_error(read(elf.bytes()), ErrorKind::malformed);
    }
  }
}

TEST_F(ElfTest, NoSingleByteMakesItCrash) {
  for (const TestElf& elf : each_kind(ET_EXEC)) {
    const ByteVector bytes = elf.bytes();
    const std::string path = folder_ / "f";
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      for (const int value : {0x00, 0x01, 0x7F, 0x80, 0xFF}) {
        ByteVector changed = bytes;
        changed[i] = static_cast<std::uint8_t>(value);
        const auto image = read(changed);
        if (image) {
          for (const ElfSection& section : image->sections) {
            ASSERT_TRUE(!section.in_file || section.offset + section.size <= bytes.size());
          }
        }
      }
    }
  }
}

TEST_F(ElfTest, DebugSectionsAreRecognised) {
  for (const char* name : {".debug_info", ".rela.debug_info", ".rel.debug_line", ".zdebug_str"}) {
    TestElf elf = kernel_with();
    elf.sections[0].name = name;
    EXPECT_TRUE(has_debug_sections(value_of(read(elf.bytes())))) << name;
  }
  EXPECT_FALSE(has_debug_sections(value_of(read(kernel_with().bytes()))));
}

TEST(ModuleHead, EveryClassAndByteOrderIsAModule) {
  for (const TestElf& elf : each_kind(ET_REL)) {
    EXPECT_TRUE(check_head(elf.bytes()).has_value()) << title(elf);
  }
}

TEST(ModuleHead, OtherFilesAreNone) {
  expect_error_at(check_head({}), ErrorKind::malformed, 0);
  expect_error(check_head(bytes_of("\x7f"
                                   "ELF")),
               ErrorKind::malformed);
  expect_error(check_head(noise(100, 1)), ErrorKind::malformed);
  expect_error(check_head(bytes_of("!<arch>\nmore")), ErrorKind::malformed);
  expect_error(check_head(bytes_of("\x1f\x8b\x08 and more")), ErrorKind::unsupported);
  for (const TestElf& elf : each_kind(ET_EXEC)) {
    expect_error_at(check_head(elf.bytes()), ErrorKind::malformed, 16);
  }
}

TEST(ModuleHead, CutOffAtAnyLengthItIsNone) {
  for (const TestElf& elf : each_kind(ET_REL)) {
    const ByteVector bytes = elf.bytes();
    for (std::size_t size = 0; size < bytes.size(); ++size) {
      const ByteVector cut(bytes.begin(), bytes.begin() + static_cast<long>(size));
      ASSERT_FALSE(check_head(cut).has_value()) << title(elf) << ", " << size << " bytes";
    }
  }
}

TEST(MachineName, IsThatOfUname) {
  EXPECT_EQ(machine_name(EM_X86_64), "x86_64");
  EXPECT_EQ(machine_name(EM_S390), "s390");
  EXPECT_EQ(machine_name(60000), "machine 60000");
  std::set<std::string> names;
  for (const int machine : {EM_386, EM_X86_64, EM_ARM, EM_AARCH64, EM_RISCV, EM_PPC, EM_PPC64,
                            EM_S390, EM_MIPS, EM_LOONGARCH}) {
    EXPECT_TRUE(names.insert(machine_name(static_cast<std::uint16_t>(machine))).second);
  }
}

}  // namespace
}  // namespace modproof::test
