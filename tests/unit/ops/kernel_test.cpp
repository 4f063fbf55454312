// SPDX-License-Identifier: LGPL-2.1-or-later
// The root in a kernel: read, and patched so that only its 36 bytes change.
#include "modproof/ops/kernel.h"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <set>
#include <string>
#include <thread>
#include <utility>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "modproof/format/root_text.h"

#include "support/as_nobody.h"
#include "support/bytes.h"
#include "support/elf_writer.h"
#include "support/expect.h"
#include "support/folder.h"

namespace modproof::test {
namespace {

Root some_root(std::uint8_t fill = 0x5A) {
  Root root{.levels = 12, .hash = {}};
  root.hash.fill(fill);
  return root;
}

/// `before` with `root` as little-endian section contents at `offset`.
ByteVector patched(ByteVector before, std::uint64_t offset, const Root& root) {
  store<std::uint32_t, std::endian::little>(before.data() + offset, root.levels);
  std::copy(root.hash.begin(), root.hash.end(), before.begin() + static_cast<long>(offset) + 4);
  return before;
}

class PatchTest : public testing::Test {
 protected:
  /// Writes a kernel whose section starts at `offset`, which leaves room for a header.
  std::string kernel_at(std::uint64_t offset) {
    TestElf elf = kernel_with();
    elf.gap = offset - elf.offset_of(1);
    EXPECT_EQ(elf.offset_of(1), offset);
    before_ = elf.bytes();
    return folder_.write("vmlinux", before_);
  }

  Folder folder_;
  ByteVector before_;
};

TEST_F(PatchTest, WritesThirtySixBytesInPlace) {
  const std::string path = kernel_at(1024);
  const auto inode = status_of(path).st_ino;
  const PatchOutcome outcome = value_of(patch_kernel(path, some_root(), "", true));
  EXPECT_EQ(outcome.before, Root{});
  EXPECT_TRUE(outcome.changed);
  EXPECT_EQ(read_bytes(path), patched(before_, 1024, some_root()));
  EXPECT_EQ(status_of(path).st_ino, inode);
  EXPECT_EQ(value_of(read_kernel(path)).root, some_root());
  EXPECT_EQ(value_of(read_kernel(path)).root_offset, 1024U);
}

TEST_F(PatchTest, AtTheEndOfASectorItIsStillInPlace) {
  const std::string path = kernel_at(1024 - 36);
  const auto inode = status_of(path).st_ino;
  value_of(patch_kernel(path, some_root(), "", false));
  EXPECT_EQ(status_of(path).st_ino, inode);
  EXPECT_EQ(read_bytes(path), patched(before_, 1024 - 36, some_root()));
}

TEST_F(PatchTest, AcrossTwoSectorsTheFileIsReplaced) {
  for (const std::uint64_t offset : {1024U - 35U, 1023U}) {
    const std::string path = kernel_at(offset);
    ASSERT_EQ(::chmod(path.c_str(), 0750), 0);
    const auto inode = status_of(path).st_ino;
    value_of(patch_kernel(path, some_root(), "", true));
    EXPECT_NE(status_of(path).st_ino, inode);
    EXPECT_EQ(status_of(path).st_mode & 07777U, 0750U);
    EXPECT_EQ(read_bytes(path), patched(before_, offset, some_root()));
    EXPECT_EQ(folder_.names(), std::set<std::string>{"vmlinux"});
  }
}

TEST_F(PatchTest, AKernelThatHoldsTheRootIsNotTouched) {
  for (const std::uint64_t offset : {1024U, 1023U}) {
    const std::string path = kernel_at(offset);
    value_of(patch_kernel(path, some_root(), "", false));
    const timespec times[] = {{1000000000, 0}, {1100000000, 77}};
    ASSERT_EQ(::utimensat(AT_FDCWD, path.c_str(), times, 0), 0);
    const struct stat old = status_of(path);
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    EXPECT_FALSE(value_of(patch_kernel(path, some_root(), "", true)).changed);
    EXPECT_EQ(status_of(path).st_mtim.tv_nsec, 77);
    EXPECT_EQ(status_of(path).st_ino, old.st_ino);
    EXPECT_EQ(status_of(path).st_ctim.tv_nsec, old.st_ctim.tv_nsec);
  }
}

TEST_F(PatchTest, ANewRootChangesTheTime) {
  const std::string path = kernel_at(1024);
  const timespec times[] = {{1000000000, 0}, {1100000000, 77}};
  ASSERT_EQ(::utimensat(AT_FDCWD, path.c_str(), times, 0), 0);
  value_of(patch_kernel(path, some_root(), "", true));
  EXPECT_GT(status_of(path).st_mtim.tv_sec, 1100000000);
}

TEST_F(PatchTest, WritesACopyWhereWanted) {
  const std::string path = kernel_at(1024);
  ASSERT_EQ(::chmod(path.c_str(), 0755), 0);
  const PatchOutcome outcome = value_of(patch_kernel(path, some_root(), folder_ / "copy", true));
  EXPECT_TRUE(outcome.changed);
  EXPECT_EQ(read_bytes(path), before_);
  EXPECT_EQ(read_bytes(folder_ / "copy"), patched(before_, 1024, some_root()));
  EXPECT_EQ(status_of(folder_ / "copy").st_mode & 07777U, 0755U);
  EXPECT_EQ(folder_.names(), (std::set<std::string>{"vmlinux", "copy"}));
}

TEST_F(PatchTest, ACopyReplacesWhatStoodThereAndIsMadeEvenIfTheRootIsThere) {
  const std::string path = kernel_at(1024);
  folder_.write("copy", bytes_of("something else"));
  EXPECT_FALSE(value_of(patch_kernel(path, Root{}, folder_ / "copy", false)).changed);
  EXPECT_EQ(read_bytes(folder_ / "copy"), before_);
}

TEST_F(PatchTest, ACopyOntoItselfIsReplaced) {
  const std::string path = kernel_at(1024);
  value_of(patch_kernel(path, some_root(), path, false));
  EXPECT_EQ(read_bytes(path), patched(before_, 1024, some_root()));
}

TEST_F(PatchTest, ASymbolicLinkIsFollowed) {
  for (const std::uint64_t offset : {1024U, 1023U}) {
    kernel_at(offset);
    std::filesystem::remove(folder_ / "link");
    std::filesystem::create_symlink("vmlinux", folder_ / "link");
    value_of(patch_kernel(folder_ / "link", some_root(), "", false));
    EXPECT_TRUE(std::filesystem::is_symlink(folder_ / "link"));
    EXPECT_EQ(read_bytes(folder_ / "vmlinux"), patched(before_, offset, some_root()));
  }
}

TEST_F(PatchTest, BothClassesAndByteOrdersArePatched) {
  for (const unsigned bits : {32U, 64U}) {
    for (const auto order : {std::endian::little, std::endian::big}) {
      const std::string path = folder_.write("k", kernel_with(ByteVector(36), bits, order).bytes());
      value_of(patch_kernel(path, some_root(), "", false));
      const KernelImage image = value_of(read_kernel(path));
      EXPECT_EQ(image.root, some_root());
      EXPECT_EQ(image.bits, bits);
      EXPECT_EQ(image.order, order);
      EXPECT_FALSE(image.machine.empty());
    }
  }
}

TEST_F(PatchTest, WhatIsNoKernelIsLeftAlone) {
  TestElf without = kernel_with();
  without.sections.pop_back();
  const std::pair<ByteVector, ErrorKind> cases[] = {
      {{}, ErrorKind::malformed},
      {bytes_of("text"), ErrorKind::malformed},
      {module_with(noise(10, 1)), ErrorKind::malformed},
      {without.bytes(), ErrorKind::missing},
      {kernel_with(ByteVector(35)).bytes(), ErrorKind::malformed}};
  for (const auto& [bytes, kind] : cases) {
    const std::string path = folder_.write("k", bytes);
    expect_error(patch_kernel(path, some_root(), "", false), kind);
    expect_error(patch_kernel(path, some_root(), folder_ / "out", false), kind);
    EXPECT_EQ(read_bytes(path), bytes);
  }
  expect_error(patch_kernel(folder_ / "none", some_root(), "", false), ErrorKind::io);
  EXPECT_EQ(folder_.names(), std::set<std::string>{"k"});
}

TEST_F(PatchTest, AKernelThatMustNotBeWrittenIsLeftAlone) {
  const std::string path = kernel_at(1024);
  ASSERT_EQ(::chmod(path.c_str(), 0444), 0);
  ASSERT_EQ(::chmod(folder_.path().c_str(), 0555), 0);
  {
    const AsNobody nobody;
    expect_error(patch_kernel(path, some_root(), "", false), ErrorKind::io);
    expect_error(patch_kernel(path, some_root(), folder_ / "out", false), ErrorKind::io);
  }
  ASSERT_EQ(::chmod(folder_.path().c_str(), 0755), 0);
  EXPECT_EQ(read_bytes(path), before_);
}

class RunningRootTest : public testing::Test {
 protected:
  RunningRootTest() {
    show("algorithm", "sha256\n");
    show("levels", "12\n");
    show("root", to_hex(some_root().hash) + "\n");
  }
  void show(const std::string& file, const std::string& text) const {
    folder_.write("hashes/" + file, bytes_of(text));
  }
  Result<Root> read() const { return read_running_root(folder_ / "hashes"); }

  Folder folder_;
};

TEST_F(RunningRootTest, IsReadFromThreeFiles) { EXPECT_EQ(value_of(read()), some_root()); }

TEST_F(RunningRootTest, WithoutTheDirectoryTheKernelHasNone) {
  expect_error(read_running_root(folder_ / "none"), ErrorKind::missing);
}

TEST_F(RunningRootTest, WithoutSysfsNothingIsSaidOfTheKernel) {
  const std::string directory = folder_ / "none/hashes";
  const Error error = error_of(read_running_root(directory));
  EXPECT_STREQ(name_of(error.kind), name_of(ErrorKind::missing));
  EXPECT_EQ(describe(error), directory +
                                 ": sysfs is not mounted, so the root of the running kernel "
                                 "cannot be told");
}

TEST_F(RunningRootTest, WithoutAFileItIsAnError) {
  for (const char* file : {"algorithm", "levels", "root"}) {
    std::filesystem::rename(folder_ / "hashes" + "/" + file, folder_ / "aside");
    expect_error(read(), ErrorKind::io);
    std::filesystem::rename(folder_ / "aside", folder_ / "hashes" + "/" + file);
  }
}

TEST_F(RunningRootTest, AnotherAlgorithmIsUnsupported) {
  show("algorithm", "sha512\n");
  expect_error(read(), ErrorKind::unsupported);
}

TEST_F(RunningRootTest, WhatIsNoRootIsMalformed) {
  const std::string hash = to_hex(some_root().hash) + "\n";
  for (const char* levels : {"", "\n", "12", "12\n\n", "012\n", "33\n", "-1\n", "x\n", "12 \n"}) {
    show("levels", levels);
    expect_error(read(), ErrorKind::malformed);
  }
  show("levels", "12\n");
  for (const std::string& root : {std::string(), hash.substr(1), "0" + hash, hash + hash}) {
    show("root", root);
    expect_error(read(), ErrorKind::malformed);
  }
}

}  // namespace
}  // namespace modproof::test
