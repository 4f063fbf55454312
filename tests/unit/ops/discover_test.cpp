// SPDX-License-Identifier: LGPL-2.1-or-later
// Which modules there are, and in which order.
#include "modproof/ops/discover.h"

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include <fmt/core.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "support/as_nobody.h"
#include "support/bytes.h"
#include "support/expect.h"
#include "support/folder.h"

namespace modproof::test {
namespace {

class DiscoverTest : public testing::Test {
 protected:
  /// An empty file, as far as discovery is concerned a module.
  std::string touch(const std::string& name) const { return folder_.write(name, {}); }
  std::string order(const std::string& text) const {
    return folder_.write("modules.order", bytes_of(text));
  }
  /// Paths relative to the folder.
  std::vector<std::string> relative(const std::vector<ModuleFile>& modules) const {
    std::vector<std::string> paths;
    for (const ModuleFile& module : modules) {
      paths.push_back(module.path.substr(folder_.path().size() + 1));
    }
    return paths;
  }

  using Paths = std::vector<std::string>;
  Folder folder_;
};

TEST_F(DiscoverTest, AnOrderGivesItsModulesInItsOrder) {
  touch("z/b.ko");
  touch("a.ko");
  touch("unlisted.ko");
  const std::string path = order("z/b.o\na.ko\n");
  EXPECT_TRUE(check_order(path).has_value());
  const auto modules = value_of(modules_of_order(path));
  EXPECT_EQ(relative(modules), (Paths{"z/b.ko", "a.ko"}));
  EXPECT_EQ(modules[0].name, "b");
}

TEST_F(DiscoverTest, AnOrderInTheCurrentDirectoryGivesRelativePaths) {
  touch("a.ko");
  order("a.o\n");
  const auto before = std::filesystem::current_path();
  std::filesystem::current_path(folder_.path());
  const auto modules = modules_of_order("modules.order");
  std::filesystem::current_path(before);
  EXPECT_EQ(value_of(modules), (std::vector<ModuleFile>{{"a.ko", "a"}}));
}

TEST_F(DiscoverTest, NamesInAnOrderMayHoldBlanksDotsAndBytesThatAreNoText) {
  touch("a b.ko");
  touch("c.v2.ko");
  touch("d\xff.ko");
  const auto modules = value_of(modules_of_order(order("a b.o\nc.v2.o\nd\xff.o\n")));
  EXPECT_EQ(modules.size(), 3U);
  EXPECT_EQ(modules[1].name, "c.v2");
}

TEST_F(DiscoverTest, AListedModuleThatDoesNotExistIsNamedWithItsLine) {
  touch("a.ko");
  const std::string path = order("a.o\nb.o\nc.o\n");
  EXPECT_EQ(value_of(modules_of_order(path)).size(), 3U) << "who opens them will see";
  const Error error = error_of(check_order(path));
  EXPECT_EQ(error.kind, ErrorKind::missing);
  EXPECT_EQ(error.path, path);
  EXPECT_EQ(error.offset, 4U);
  EXPECT_NE(error.message.find("b.ko"), std::string::npos);
}

TEST_F(DiscoverTest, TwoModulesOfOneKernelNameInAnOrderAreDuplicates) {
  touch("a-b.ko");
  touch("x/a_b.ko");
  for (const char* text : {"a-b.o\nx/a_b.o\n", "a-b.o\na-b.ko\n"}) {
    const std::string path = order(text);
    const Error error = error_of(modules_of_order(path));
    EXPECT_EQ(error.kind, ErrorKind::duplicate);
    EXPECT_EQ(error.path, path);
  }
}

TEST_F(DiscoverTest, AMalformedOrderIsNamed) {
  for (const char* text : {"a.o\r\n", "\n", "../a.o\n", "/a.o\n", "a.o"}) {
    const std::string path = order(text);
    EXPECT_EQ(error_of(modules_of_order(path)).path, path);
    expect_error(modules_of_order(path), ErrorKind::malformed);
    expect_error(modules_in_directory(folder_.path()), ErrorKind::malformed);
  }
}

TEST_F(DiscoverTest, AnOrderThatCannotBeReadIsAnError) {
  expect_error(modules_of_order(folder_ / "none"), ErrorKind::io);
  expect_error(modules_of_order(folder_.path()), ErrorKind::malformed);
}

TEST_F(DiscoverTest, ADirectoryGivesAllModulesBelowItSorted) {
  for (const char* name : {"b/x.ko", "a.ko", "b.ko.xz", "c/d/e/y.ko.gz", "z.ko.zst"}) {
    touch(name);
  }
  for (const char* name : {"a.ko.bak", "modules.dep", "b/x.o", ".ko", "c/d/module.mod"}) {
    touch(name);
  }
  EXPECT_EQ(relative(value_of(modules_in_directory(folder_.path())).modules),
            (Paths{"a.ko", "b.ko.xz", "b/x.ko", "c/d/e/y.ko.gz", "z.ko.zst"}));
}

TEST_F(DiscoverTest, AnyNumberOfThreadsFindsTheSame) {
  Paths expected;
  for (int i = 0; i < 300; ++i) {
    expected.push_back(fmt::format("{}/{}/{:03}.ko", i % 7, i % 50, i));
    touch(expected.back());
  }
  std::sort(expected.begin(), expected.end());
  for (const unsigned jobs : {1U, 2U, 9U}) {
    EXPECT_EQ(relative(value_of(modules_in_directory(folder_.path(), {.jobs = jobs})).modules),
              expected);
  }
}

TEST_F(DiscoverTest, WhenInterruptedItEnds) {
  touch("a/b.ko");
  Cancel cancel;
  cancel.request();
  expect_error(modules_in_directory(folder_.path(), {.cancel = &cancel}), ErrorKind::interrupted);
}

TEST_F(DiscoverTest, InADirectoryThoseOfItsOrderComeFirst) {
  for (const char* name : {"a.ko", "b.ko", "k/c.ko", "k/d.ko"}) {
    touch(name);
  }
  order("k/d.ko\nb.o\n");
  EXPECT_EQ(relative(value_of(modules_in_directory(folder_.path())).modules),
            (Paths{"k/d.ko", "b.ko", "a.ko", "k/c.ko"}));
}

TEST_F(DiscoverTest, CompressedModulesTakeThePlaceThatTheOrderGivesThem) {
  touch("a.ko.xz");
  touch("b.ko.zst");
  order("b.ko\na.ko\n");
  EXPECT_EQ(relative(value_of(modules_in_directory(folder_.path())).modules),
            (Paths{"b.ko.zst", "a.ko.xz"}));
}

TEST_F(DiscoverTest, WhatTheOrderOfADirectoryListsInVainIsMissing) {
  touch("a.ko");
  order("a.ko\ngone.ko\nalso/gone.o\n");
  const ModuleDirectory found = value_of(modules_in_directory(folder_.path()));
  EXPECT_EQ(relative(found.modules), Paths{"a.ko"});
  EXPECT_EQ(found.missing, (Paths{folder_ / "gone.ko", folder_ / "also/gone.ko"}));
}

TEST_F(DiscoverTest, ALineThatStandsTwiceInTheOrderOfADirectoryIsADuplicate) {
  touch("a.ko");
  expect_error_at(
      [&] {
        order("a.ko\na.ko\n");
        return modules_in_directory(folder_.path());
      }(),
      ErrorKind::duplicate, 5);
}

TEST_F(DiscoverTest, LinksToFilesAreModulesLinksToDirectoriesAreNotFollowed) {
  touch("elsewhere/a.ko");
  std::filesystem::create_directory(folder_ / "tree");
  std::filesystem::create_symlink("../elsewhere/a.ko", folder_ / "tree/link.ko");
  std::filesystem::create_symlink("../elsewhere", folder_ / "tree/folder");
  std::filesystem::create_symlink("..", folder_ / "tree/up");
  std::filesystem::create_symlink("nowhere", folder_ / "tree/dangling.ko");
  std::filesystem::create_symlink("../elsewhere", folder_ / "tree/folder.ko");
  std::filesystem::create_symlink("../elsewhere", folder_ / "tree/build");
  std::filesystem::create_symlink("../elsewhere", folder_ / "tree/source");
  const ModuleDirectory found = value_of(modules_in_directory(folder_ / "tree"));
  EXPECT_EQ(relative(found.modules), (Paths{"tree/dangling.ko", "tree/link.ko"}));
  const Paths links{folder_ / "tree/folder", folder_ / "tree/folder.ko", folder_ / "tree/up"};
  EXPECT_EQ(found.links, links) << "the two that every installed kernel has are not mentioned";
  EXPECT_EQ(value_of(modules_of_names({folder_ / "tree"})).links, links);
}

TEST_F(DiscoverTest, ADirectoryThatIsCalledLikeAModuleIsNone) {
  touch("a.ko/b.ko");
  EXPECT_EQ(relative(value_of(modules_in_directory(folder_.path())).modules), Paths{"a.ko/b.ko"});
}

TEST_F(DiscoverTest, ADirectoryThatCannotBeReadIsAnError) {
  expect_error(modules_in_directory(folder_ / "none"), ErrorKind::io);
  touch("closed/a.ko");
  ASSERT_EQ(::chmod(folder_.path().c_str(), 0755), 0);
  ASSERT_EQ(::chmod((folder_ / "closed").c_str(), 0), 0);
  {
    const AsNobody nobody;
    expect_error(modules_in_directory(folder_.path()), ErrorKind::io);
  }
  ASSERT_EQ(::chmod((folder_ / "closed").c_str(), 0755), 0);
}

TEST_F(DiscoverTest, NamesStandForFilesAndDirectoriesEachOnce) {
  touch("d/b.ko");
  touch("d/a.ko");
  const std::string lone = touch("lone.ko.gz");
  const NamedModules named =
      value_of(modules_of_names({lone, folder_ / "d", folder_ / "d/a.ko", lone}));
  EXPECT_EQ(relative(named.modules), (Paths{"lone.ko.gz", "d/a.ko", "d/b.ko"}));
  EXPECT_TRUE(named.directories);
  EXPECT_FALSE(value_of(modules_of_names({lone})).directories);
  EXPECT_TRUE(value_of(modules_of_names({})).modules.empty());
}

TEST_F(DiscoverTest, AFileThatIsNotThereIsForWhoeverOpensIt) {
  EXPECT_EQ(value_of(modules_of_names({folder_ / "none.ko"})).modules.size(), 1U);
}

TEST_F(DiscoverTest, ANameThatIsNoneOfAModuleIsRefused) {
  expect_error(modules_of_names({touch("vmlinux")}), ErrorKind::malformed);
  expect_error(modules_of_names({folder_ / "none"}), ErrorKind::io);
  expect_error(modules_of_names({""}), ErrorKind::io);
}

TEST_F(DiscoverTest, ExtrasAreSortedAndEachThereOnce) {
  touch("z/b.ko");
  touch("z/a.ko");
  touch("a.ko");
  const auto extras =
      value_of(extra_modules({folder_ / "z", folder_ / "a.ko", folder_ / "z/b.ko"}));
  EXPECT_EQ(relative(extras), (Paths{"a.ko", "z/a.ko", "z/b.ko"}));
}

TEST_F(DiscoverTest, AnExtraDirectoryWithoutModulesIsMissing) {
  std::filesystem::create_directory(folder_ / "empty");
  expect_error(extra_modules({folder_ / "empty"}), ErrorKind::missing);
  EXPECT_TRUE(value_of(extra_modules({})).empty());
}

TEST_F(DiscoverTest, ModulesOfOneNameAreBothNamed) {
  const Error error =
      error_of(check_modules_differ({{"x/a-b.ko", "a-b"}, {"c.ko", "c"}, {"y/a_b.ko", "a_b"}}));
  EXPECT_EQ(error.kind, ErrorKind::duplicate);
  EXPECT_NE(error.message.find("x/a-b.ko"), std::string::npos);
  EXPECT_NE(error.message.find("y/a_b.ko"), std::string::npos);
  EXPECT_TRUE(check_modules_differ({{"a.ko", "a"}, {"A.ko", "A"}}).has_value());
}

}  // namespace
}  // namespace modproof::test
