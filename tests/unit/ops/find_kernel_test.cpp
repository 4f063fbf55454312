// SPDX-License-Identifier: LGPL-2.1-or-later
// Which kernel image belongs to installed modules, in directories like those of a mounted system.
#include "modproof/ops/find_kernel.h"

#include <filesystem>

#include <gtest/gtest.h>

#include "support/elf_writer.h"
#include "support/expect.h"
#include "support/folder.h"
#include "support/image_writer.h"

namespace modproof::test {
namespace {

namespace fs = std::filesystem;

const std::string kVersion = "6.1.0-test";

/// A vmlinux that introduces itself as `version`.
ByteVector kernel_of_version(const std::string& version) {
  TestElf elf = kernel_with();
  elf.sections.push_back(
      {.name = ".rodata", .contents = bytes_of("Linux version " + version + " (a@b) #1\n")});
  return elf.bytes();
}

class FindKernelTest : public testing::Test {
 protected:
  FindKernelTest() {
    fs::create_directories(folder_ / ("lib/modules/" + kVersion));
    if (auto works = path_below(folder_.path(), "lib"); !works) {
      skip_ = works.error().kind == ErrorKind::unsupported;
    }
  }
  void SetUp() override {
    if (skip_) {
      GTEST_SKIP() << "this kernel has no openat2";
    }
  }

  Result<FoundKernel> find() {
    notes_.clear();
    return find_kernel(folder_.path(), kVersion, {}, notes_);
  }
  void link(const std::string& to, const std::string& name) const {
    fs::create_directories(fs::path(folder_ / name).parent_path());
    fs::create_symlink(to, folder_ / name);
  }

  Folder folder_;
  std::vector<std::string> notes_;
  bool skip_ = false;
};

TEST_F(FindKernelTest, InEveryPlace) {
  expect_error(find(), ErrorKind::missing);
  folder_.write("lib/modules/" + kVersion + "/pkgbase", bytes_of("linux-lts\n"));
  folder_.write("etc/machine-id", bytes_of("0123abcd\n"));
  // The last first, so that each hides those before it.
  for (const std::string& place :
       {"boot/efi/EFI/Linux/any-" + kVersion + ".efi", "efi/EFI/Linux/any-" + kVersion + ".efi",
        "boot/EFI/Linux/any-" + kVersion + ".efi", "boot/efi/0123abcd/" + kVersion + "/linux",
        "efi/0123abcd/" + kVersion + "/linux", "boot/0123abcd/" + kVersion + "/linux",
        "lib/modules/" + kVersion + "/vmlinux", "lib/modules/" + kVersion + "/vmlinuz",
        std::string("boot/vmlinuz-linux-lts"), "boot/vmlinuz-" + kVersion}) {
    const std::string path = folder_.write(place, kernel_of_version(kVersion));
    EXPECT_EQ(value_of(find()).path, path);
    EXPECT_TRUE(notes_.empty());
  }
}

TEST_F(FindKernelTest, OneOfAnotherVersionIsPassedOver) {
  const std::string wrong =
      folder_.write("boot/vmlinuz-" + kVersion, kernel_of_version(kVersion + "2"));
  expect_error(find(), ErrorKind::missing);
  ASSERT_EQ(notes_.size(), 1U);
  EXPECT_EQ(notes_[0], wrong + ": passed over: it is of version 6.1.0-test2");
  const std::string right =
      folder_.write("lib/modules/" + kVersion + "/vmlinux", kernel_of_version(kVersion));
  EXPECT_EQ(value_of(find()).path, right);
  EXPECT_EQ(notes_.size(), 1U);
}

TEST_F(FindKernelTest, OneWithoutARootIsPassedOver) {
  folder_.write("boot/vmlinuz-" + kVersion,
                arm64_image("Linux version " + kVersion + " (a@b) #1\n"));
  TestElf without = kernel_with();
  without.sections[1].name = ".init.text";
  without.sections.push_back(
      {.name = ".rodata", .contents = bytes_of("Linux version " + kVersion + " (a@b) #1\n")});
  folder_.write("lib/modules/" + kVersion + "/vmlinuz", without.bytes());
  folder_.write("lib/modules/" + kVersion + "/vmlinux", kernel_with().bytes());
  expect_error(find(), ErrorKind::missing);
  ASSERT_EQ(notes_.size(), 3U);
  EXPECT_TRUE(notes_[0].ends_with("cannot be told")) << notes_[0];
  EXPECT_TRUE(notes_[1].ends_with("it has no module hashes")) << notes_[1];
  EXPECT_TRUE(notes_[2].ends_with("it does not say its version")) << notes_[2];
}

TEST_F(FindKernelTest, ABrokenOneIsAnError) {
  folder_.write("boot/vmlinuz-" + kVersion, bytes_of("no kernel"));
  folder_.write("lib/modules/" + kVersion + "/vmlinux", kernel_of_version(kVersion));
  expect_error(find(), ErrorKind::malformed);
}

TEST_F(FindKernelTest, LinksStayBelowTheBase) {
  const Folder outside;
  const std::string kernel = outside.write("vmlinuz", kernel_of_version(kVersion));
  link(kernel, "boot/vmlinuz-" + kVersion);  // absolute: there is no such file below the base
  link("../../../../../../../.." + kernel, "lib/modules/" + kVersion + "/vmlinuz");
  expect_error(find(), ErrorKind::missing);
  // The same link where the mounted system has such a file.
  const std::string inside = folder_.write(kernel.substr(1), kernel_of_version(kVersion));
  EXPECT_EQ(value_of(find()).path, inside);
}

TEST_F(FindKernelTest, APackageNameWithASlashIsNone) {
  const Folder outside;
  folder_.write("lib/modules/" + kVersion + "/pkgbase", bytes_of("x/../../etc/kernel\n"));
  folder_.write("boot/vmlinuz-x/a", bytes_of("a"));
  folder_.write("etc/kernel", kernel_of_version(kVersion));
  expect_error(find(), ErrorKind::missing);
}

TEST_F(FindKernelTest, VersionsAndDirectories) {
  const std::string& base = folder_.path();
  EXPECT_EQ(value_of(installed_versions(base)), std::vector<std::string>{kVersion});
  EXPECT_EQ(value_of(modules_directory(base, kVersion)), base + "/lib/modules/" + kVersion);
  fs::create_directories(folder_ / "usr/lib/modules/5.10");
  folder_.write("usr/lib/modules/a-file", bytes_of("x"));
  EXPECT_EQ(value_of(installed_versions(base)), (std::vector<std::string>{"5.10", kVersion}));
  EXPECT_EQ(value_of(modules_directory(base, "5.10")), base + "/usr/lib/modules/5.10");
  expect_error(modules_directory(base, "4.19"), ErrorKind::missing);
  for (const char* version : {"", ".", "..", "a/b"}) {
    expect_error(modules_directory(base, version), ErrorKind::usage);
    expect_error(find_kernel(base, version, {}, notes_), ErrorKind::usage);
  }
  expect_error(installed_versions(base + "/none"), ErrorKind::io);
}

TEST_F(FindKernelTest, MergedUsr) {
  const Folder merged;
  fs::create_directories(merged / ("usr/lib/modules/" + kVersion));
  fs::create_symlink("/usr/lib", merged / "lib");
  EXPECT_EQ(value_of(installed_versions(merged.path())), std::vector<std::string>{kVersion});
  EXPECT_EQ(value_of(modules_directory(merged.path(), kVersion)),
            merged / ("usr/lib/modules/" + kVersion));
}

}  // namespace
}  // namespace modproof::test
