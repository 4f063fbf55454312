// SPDX-License-Identifier: LGPL-2.1-or-later
// The cache of leaves: never trusted where a file may have changed, never more than a saving of
// time.
#include "ops/leaf_cache.h"

#include <algorithm>
#include <filesystem>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "modproof/hash/sha256.h"
#include "modproof/merkle/tree.h"
#include "modproof/ops/make_tree.h"

#include "support/build.h"

namespace modproof::test {
namespace {

class LeafCacheTest : public testing::Test {
 protected:
  /// The stamp of an old file in the folder.
  [[nodiscard]] FileStamp stamp(std::uint64_t inode) const {
    return {.device = status_of(folder_.path()).st_dev,
            .inode = inode,
            .size = 1000 + inode,
            .modified_seconds = 1000000000,
            .modified_nanoseconds = 5,
            .changed_seconds = 1000000001,
            .changed_nanoseconds = 6};
  }

  [[nodiscard]] LeafCache open(std::size_t leaves = 1, std::uint8_t depends = 0) const {
    Digest digest{};
    digest[0] = depends;
    return LeafCache::open(tree_, leaves, digest);
  }

  /// Writes a cache with two files.
  void write() const {
    LeafCache cache = open();
    cache.keep(stamp(1), 0, {&leaf_, 1});
    cache.keep(stamp(2), 1, {&leaf_, 1});
    cache.write();
  }

  Folder folder_;
  const std::string tree_ = folder_ / "modules.merkle";
  const std::string path_ = tree_ + ".cache";
  const Leaf leaf_{.payload_size = 1001, .hash = leaf_hash(0, bytes_of("x"))};
};

TEST_F(LeafCacheTest, WhatWasKeptIsFound) {
  EXPECT_TRUE(open().empty());
  write();
  const LeafCache cache = open();
  EXPECT_FALSE(cache.empty());
  const auto found = cache.find(stamp(1), 0);
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->front(), leaf_);
  EXPECT_TRUE(cache.find(stamp(2), 1).has_value());
  EXPECT_FALSE(cache.find(stamp(3), 2).has_value());
}

TEST_F(LeafCacheTest, EveryPartOfTheStampAndThePositionCount) {
  write();
  const LeafCache cache = open();
  EXPECT_FALSE(cache.find(stamp(1), 1).has_value());
  const auto changed = [&](auto change) {
    FileStamp other = stamp(1);
    change(other);
    return cache.find(other, 0).has_value();
  };
  EXPECT_FALSE(changed([](FileStamp& s) { ++s.device; }));
  EXPECT_FALSE(changed([](FileStamp& s) { ++s.inode; }));
  EXPECT_FALSE(changed([](FileStamp& s) { ++s.size; }));
  EXPECT_FALSE(changed([](FileStamp& s) { ++s.modified_seconds; }));
  EXPECT_FALSE(changed([](FileStamp& s) { ++s.modified_nanoseconds; }));
  EXPECT_FALSE(changed([](FileStamp& s) { ++s.changed_seconds; }));
  EXPECT_FALSE(changed([](FileStamp& s) { ++s.changed_nanoseconds; }));
}

TEST_F(LeafCacheTest, AFileThatWasJustWrittenIsNotKept) {
  const FileStamp fresh = stamp_of(status_of(folder_.write("m.ko", {})));
  LeafCache cache = open();
  cache.keep(fresh, 0, {&leaf_, 1});
  FileStamp times_set_back = fresh;  // utimensat(2) cannot set the time of change back
  times_set_back.modified_seconds = 1000000000;
  cache.keep(times_set_back, 0, {&leaf_, 1});
  FileStamp in_the_future = fresh;
  in_the_future.modified_seconds += 1000000;
  cache.keep(in_the_future, 0, {&leaf_, 1});
  cache.write();
  EXPECT_TRUE(open().empty());
}

TEST_F(LeafCacheTest, AFileOfAnotherFileSystemIsNotKept) {
  FileStamp other = stamp(1);
  ++other.device;
  LeafCache cache = open();
  cache.keep(other, 0, {&leaf_, 1});
  cache.write();
  EXPECT_TRUE(open().empty());
}

TEST_F(LeafCacheTest, WhatElseTheLeavesDependOnCounts) {
  write();
  EXPECT_TRUE(open(1, 1).empty());
  EXPECT_TRUE(open(2, 0).empty());
  EXPECT_FALSE(open(1, 0).empty());
}

TEST_F(LeafCacheTest, AnyByteChangedItCountsAsAbsent) {
  write();
  const ByteVector bytes = read_bytes(path_);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    ByteVector changed = bytes;
    changed[i] ^= 1;
    write_bytes(path_, changed);
    ASSERT_TRUE(open().empty()) << i;
  }
}

TEST_F(LeafCacheTest, CutOffAtAnyLengthItCountsAsAbsent) {
  write();
  const ByteVector bytes = read_bytes(path_);
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    write_bytes(path_, Bytes(bytes).first(size));
    ASSERT_TRUE(open().empty()) << size;
  }
}

TEST_F(LeafCacheTest, TheSameEntriesLeaveTheFileAlone) {
  write();
  const auto inode = status_of(path_).st_ino;
  write();
  EXPECT_EQ(status_of(path_).st_ino, inode);
  EXPECT_EQ(folder_.names(), std::set<std::string>{"modules.merkle.cache"});
}

TEST_F(LeafCacheTest, WhereNothingCanBeWrittenThereIsNone) {
  LeafCache cache = LeafCache::open(folder_ / "none/modules.merkle", 1, {});
  cache.keep(stamp(1), 0, {&leaf_, 1});
  cache.write();
  EXPECT_TRUE(cache.empty());
  std::filesystem::create_directory(path_);
  EXPECT_TRUE(open().empty());
  write();
  EXPECT_TRUE(std::filesystem::is_directory(path_));
}

TEST_F(LeafCacheTest, ATreeMadeWithItIsTheSame) {
  const Build build(10);
  const MakeTreeOptions options{.cache_beside = build.tree_path()};
  const auto same = [&] {
    return value_of(make_tree(build.modules(), options, {.jobs = 2})) ==
           value_of(make_tree(build.modules(), {}, {.jobs = 2}));
  };
  EXPECT_TRUE(same());
  EXPECT_TRUE(same());
  for (std::uint32_t round = 0; round < 20; ++round) {
    build.write(round % 10, module_with(noise(10, round)));
    EXPECT_TRUE(same()) << "written within one tick of the clock: " << round;
  }
}

TEST_F(LeafCacheTest, AnOldFileIsNotHashedAgain) {
  // A file that is surely older than a few seconds: one of the sources, behind a link.
  std::filesystem::create_symlink(MODPROOF_VECTORS "/merkle.json", folder_ / "m.ko");
  struct stat status{};
  ASSERT_EQ(::stat((folder_ / "m.ko").c_str(), &status), 0);
  if (status.st_dev != status_of(folder_.path()).st_dev) {
    GTEST_SKIP() << "the sources are in another file system than temporary files";
  }
  const std::vector<ModuleFile> modules{{folder_ / "m.ko", "m"}};
  const MakeTreeOptions options{.cache_beside = tree_, .any_file = true};
  const TreeFile tree = value_of(make_tree(modules, options, {}));
  if (!std::filesystem::exists(path_)) {
    GTEST_SKIP() << "the sources are too new";
  }
  EXPECT_EQ(value_of(make_tree(modules, options, {})), tree);
  // An entry with another leaf shows that it is the cache which answers.
  ByteVector bytes = read_bytes(path_);
  bytes[bytes.size() - 33] ^= 1;
  const Digest digest = Sha256::of(Bytes(bytes).first(bytes.size() - 32));
  std::copy(digest.begin(), digest.end(), bytes.end() - 32);
  write_bytes(path_, bytes);
  EXPECT_NE(value_of(make_tree(modules, options, {})).leaves, tree.leaves);
  EXPECT_EQ(value_of(make_tree(modules, {.any_file = true}, {})), tree);
}

}  // namespace
}  // namespace modproof::test
