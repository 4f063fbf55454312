// SPDX-License-Identifier: LGPL-2.1-or-later
// What files in a package are, by where they stand.
#include "format/package_entry.h"

#include <gtest/gtest.h>

#include "support/expect.h"

namespace modproof::test {
namespace {

void expect_place(const char* path, PackageFile kind, const char* version) {
  const PackagePlace place = place_of(path);
  EXPECT_EQ(place.kind, kind) << path;
  EXPECT_EQ(place.version, version) << path;
}

TEST(PackageEntryTest, PathsHaveOneSpelling) {
  EXPECT_EQ(value_of(entry_path("./boot//vmlinuz-1")), "boot/vmlinuz-1");
  EXPECT_EQ(value_of(entry_path("lib/./modules/")), "lib/modules");
  EXPECT_EQ(value_of(entry_path("./")), "");
  EXPECT_EQ(value_of(entry_path("a..b/...")), "a..b/...");
}

TEST(PackageEntryTest, PathsThatLeadElsewhereAreMalformed) {
  for (const char* name : {"/etc/motd", "..", "../x", "lib/..", "lib/../../x", "./..", "//x"}) {
    EXPECT_EQ(error_of(entry_path(name)).kind, ErrorKind::malformed) << name;
  }
}

TEST(PackageEntryTest, Modules) {
  expect_place("lib/modules/6.1.0/kernel/a.ko", PackageFile::module, "6.1.0");
  expect_place("usr/lib/modules/6.1.0/updates/a.ko.zst", PackageFile::module, "6.1.0");
  expect_place("lib/modules/6.1.0/a.ko.xz", PackageFile::module, "6.1.0");
  expect_place("opt/a.ko", PackageFile::module, "");
  expect_place("lib/modules/a.ko", PackageFile::module, "");
  expect_place("lib/modules/6.1.0/kernel/a.ko.debug", PackageFile::other, "");
  expect_place("usr/lib/debug/lib/modules/6.1.0/kernel/a.ko", PackageFile::other, "");
  expect_place("lib/modules/6.1.0/modules.order", PackageFile::order, "6.1.0");
  expect_place("usr/lib/debug/lib/modules/6.1.0/modules.order", PackageFile::other, "");
}

TEST(PackageEntryTest, Kernels) {
  expect_place("boot/vmlinuz-6.1.0-50-amd64", PackageFile::kernel, "6.1.0-50-amd64");
  expect_place("boot/vmlinux-6.4.0.gz", PackageFile::kernel, "6.4.0");
  expect_place("usr/lib/modules/6.1.0/vmlinuz", PackageFile::kernel, "6.1.0");
  expect_place("lib/modules/6.1.0/build/vmlinux", PackageFile::kernel, "6.1.0");
  expect_place("usr/lib/debug/boot/vmlinux-6.1.0", PackageFile::kernel, "6.1.0");
  expect_place("usr/lib/debug/lib/modules/6.1.0/vmlinux", PackageFile::kernel, "6.1.0");
  expect_place("usr/lib/debug/usr/lib/modules/6.1.0/vmlinux", PackageFile::kernel, "6.1.0");
  expect_place("boot/vmlinuz-", PackageFile::other, "");
  expect_place("boot/vmlinuz-6.1.0/x", PackageFile::other, "");
  expect_place("usr/boot/vmlinuz-6.1.0", PackageFile::other, "");
  expect_place("lib/modules/6.1.0/kernel/vmlinuz", PackageFile::other, "");
  expect_place("vmlinuz", PackageFile::other, "");
}

}  // namespace
}  // namespace modproof::test
