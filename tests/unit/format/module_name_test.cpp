// SPDX-License-Identifier: LGPL-2.1-or-later
// Names of modules from the names of their files.
#include "modproof/format/module_name.h"

#include <gtest/gtest.h>

namespace modproof::test {
namespace {

TEST(ModuleName, IsTheBaseNameWithoutItsSuffix) {
  EXPECT_EQ(module_name_of("foo.ko"), "foo");
  EXPECT_EQ(module_name_of("/lib/modules/6.1/kernel/foo.ko"), "foo");
  EXPECT_EQ(module_name_of("kernel/foo.ko.gz"), "foo");
  EXPECT_EQ(module_name_of("kernel/foo.ko.xz"), "foo");
  EXPECT_EQ(module_name_of("kernel/foo.ko.zst"), "foo");
}

TEST(ModuleName, MayHoldDotsBlanksAndNewlines) {
  EXPECT_EQ(module_name_of("a/snd-soc.v2.ko"), "snd-soc.v2");
  EXPECT_EQ(module_name_of("a b.ko"), "a b");
  EXPECT_EQ(module_name_of("a\nb.ko"), "a\nb");
  EXPECT_EQ(module_name_of("...ko"), "..");
  EXPECT_EQ(module_name_of("x.ko.ko"), "x.ko");
}

TEST(ModuleName, OtherFilesHaveNone) {
  for (const char* path : {"", "foo", "foo.o", "foo.ko.bz2", "foo.KO", "foo.ko.", "foo.ko~", ".ko",
                           "a/.ko", ".ko.xz", "foo.ko/", "a.ko/b", "foo.ko.debug", "foo.mod"}) {
    EXPECT_EQ(module_name_of(path), std::nullopt) << path;
  }
}

TEST(KernelName, HasAnUnderscoreForEachDash) {
  EXPECT_EQ(kernel_name("snd-hda-intel"), "snd_hda_intel");
  EXPECT_EQ(kernel_name("snd_hda_intel"), "snd_hda_intel");
  EXPECT_EQ(kernel_name("a.b-c"), "a.b_c");
  EXPECT_EQ(kernel_name(""), "");
}

TEST(KernelName, ContainersTreatDashesAndUnderscoresAlike) {
  EXPECT_TRUE(KernelNameEqual()("a-b", "a_b"));
  EXPECT_EQ(KernelNameHash()("a-b"), KernelNameHash()("a_b"));
  EXPECT_FALSE(KernelNameEqual()("a-b", "ab"));
  EXPECT_FALSE(KernelNameEqual()("a", "a_"));
  EXPECT_TRUE(KernelNameEqual()("", ""));
}

}  // namespace
}  // namespace modproof::test
