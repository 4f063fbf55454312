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
  folder_.write("etc/kernel/entry-token", bytes_of("appliance\n"));
  const std::string machine_id = "0123456789abcdef0123456789abcdef";
  // The last first, so that each hides those before it.
  for (const std::string& place :
       {"boot/efi/EFI/Linux/linux-" + kVersion + "-" + machine_id + ".efi",
        "boot/efi/EFI/Linux/linux-" + kVersion + "-" + machine_id + "-build-7.efi",
        "boot/efi/EFI/Linux/any-" + kVersion + ".efi",
        "boot/efi/EFI/Linux/any-" + kVersion + "+3.efi",
        "boot/efi/EFI/Linux/any-" + kVersion + "+2-1.efi", "efi/EFI/Linux/any-" + kVersion + ".efi",
        "boot/EFI/Linux/any-" + kVersion + ".efi", "boot/efi/0123abcd/" + kVersion + "/linux",
        "efi/0123abcd/" + kVersion + "/linux", "boot/0123abcd/" + kVersion + "/linux",
        "boot/efi/appliance/" + kVersion + "/linux", "efi/appliance/" + kVersion + "/linux",
        "boot/appliance/" + kVersion + "/linux", "lib/modules/" + kVersion + "/vmlinux",
        "lib/modules/" + kVersion + "/vmlinuz", std::string("boot/vmlinuz-linux-lts"),
        "boot/vmlinux-" + kVersion, "boot/vmlinuz-" + kVersion}) {
    const std::string path = folder_.write(place, kernel_of_version(kVersion));
    EXPECT_EQ(value_of(find()).path, path);
    EXPECT_TRUE(notes_.empty());
  }
}

TEST_F(FindKernelTest, UnifiedImagesCalledOtherwise) {
  const std::string machine_id = "0123456789abcdef0123456789abcdef";
  for (const std::string& name :
       {"any-" + kVersion, "any-" + kVersion + "+.efi", "any-" + kVersion + "+3-.efi",
        "any-" + kVersion + "+3a.efi", "any" + kVersion + ".efi", "linux-" + kVersion + "-.efi",
        "linux-" + kVersion + "-rt.efi", "linux-" + kVersion + "-" + machine_id + "0.efi",
        "other-" + kVersion + "-" + machine_id + ".efi",
        "linux-" + kVersion + "-" + machine_id.substr(1) + "g.efi"}) {
    folder_.write("boot/EFI/Linux/" + name, kernel_of_version(kVersion));
  }
  expect_error(find(), ErrorKind::missing);
  EXPECT_TRUE(notes_.empty());
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
  EXPECT_NE(notes_[0].find("cannot be told; name the vmlinux that it was made from"),
            std::string::npos)
      << notes_[0];
  EXPECT_NE(notes_[0].find("package linux-image-6.1.0-test-dbg"), std::string::npos) << notes_[0];
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

TEST_F(FindKernelTest, ModulesInTwoDirectories) {
  const std::string& base = folder_.path();
  fs::create_directories(folder_ / ("usr/lib/modules/" + kVersion));
  const auto both = modules_directory(base, kVersion);
  expect_error(both, ErrorKind::usage);
  EXPECT_EQ(both.error().path, base + "/lib/modules/" + kVersion);
  EXPECT_NE(both.error().message.find(base + "/usr/lib/modules/" + kVersion), std::string::npos);
  // One directory with two names is no such thing.
  fs::remove(folder_ / ("usr/lib/modules/" + kVersion));
  link("/lib/modules/" + kVersion, "usr/lib/modules/" + kVersion);
  EXPECT_EQ(value_of(modules_directory(base, kVersion)), base + "/lib/modules/" + kVersion);
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
