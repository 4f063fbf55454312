// SPDX-License-Identifier: LGPL-2.1-or-later
// The tree of a set of module files.
#include "modproof/ops/make_tree.h"

#include <filesystem>
#include <string>

#include <gtest/gtest.h>

#include "modproof/merkle/tree.h"

#include "support/build.h"

namespace modproof::test {
namespace {

TEST(MakeTree, LeavesAreThoseOfThePayloadsInOrder) {
  const Build build(5);
  const TreeFile tree = value_of(make_tree(build.modules(), {}, {.jobs = 1}));
  EXPECT_EQ(tree.names, (std::vector<std::string>{"m0", "m1", "m2", "m3", "m4"}));
  std::vector<Digest> leaves;
  for (std::uint32_t i = 0; i < 5; ++i) {
    leaves.push_back(leaf_hash(i, build.original(i)));
    EXPECT_EQ(tree.leaves[i].hash, leaves.back());
    EXPECT_EQ(tree.leaves[i].payload_size, build.original(i).size());
  }
  EXPECT_EQ(tree.root, Tree(leaves).root());
}

TEST(MakeTree, WithoutModulesTheRootIsZero) {
  const TreeFile tree = value_of(make_tree({}, {}, {}));
  EXPECT_EQ(tree.root, Root{});
  EXPECT_TRUE(tree.leaves.empty());
}

TEST(MakeTree, TheNumberOfThreadsDoesNotMatter) {
  const Build build(60);
  const TreeFile one = value_of(make_tree(build.modules(), {}, {.jobs = 1}));
  for (const unsigned jobs : {0U, 2U, 5U, 64U}) {
    EXPECT_EQ(value_of(make_tree(build.modules(), {}, {.jobs = jobs})), one) << jobs;
  }
}

TEST(MakeTree, ModulesWithProofsAreHashedWithoutThem) {
  const Build build(7);
  const TreeFile before = build.make();
  build.seal();
  EXPECT_NE(build.contents(0), build.original(0));
  EXPECT_EQ(build.make(), before);
}

TEST(MakeTree, ModulesThatShareAPayloadHaveDifferentLeaves) {
  const Build build(2);
  build.write(1, build.original(0));
  const TreeFile tree = build.make();
  EXPECT_NE(tree.leaves[0].hash, tree.leaves[1].hash);
}

TEST(MakeTree, TheFirstErrorInOrderIsReportedWhateverTheThreads) {
  const Build build(40);
  build.write(17, bytes_of("not a module"));
  build.write(30, {});
  for (const unsigned jobs : {1U, 2U, 8U}) {
    const Error error = error_of(make_tree(build.modules(), {}, {.jobs = jobs}));
    EXPECT_EQ(error.kind, ErrorKind::malformed);
    EXPECT_EQ(error.path, build.path(17));
  }
}

TEST(MakeTree, WhatIsNoModuleIsRefused) {
  const Build build(1);
  const auto refused = [&](Bytes bytes) {
    build.write(0, bytes);
    const Error error = error_of(make_tree(build.modules(), {}, {.jobs = 1}));
    EXPECT_EQ(error.path, build.path(0));
    return error.kind;
  };
  EXPECT_EQ(refused({}), ErrorKind::malformed);
  EXPECT_EQ(refused(bytes_of("text")), ErrorKind::malformed);
  EXPECT_EQ(refused(kernel_with().bytes()), ErrorKind::malformed);
  EXPECT_EQ(refused(bytes_of("\x1f\x8b\x08 gzip")), ErrorKind::malformed);
  ByteVector stacked = build.original(0);
  for (int i = 0; i < 2; ++i) {
    stacked = concat({stacked, encode_trailer({.position = 0, .siblings = {Digest{}}})});
  }
  EXPECT_EQ(refused(stacked), ErrorKind::malformed);
}

TEST(MakeTree, AModuleCutOffAnywhereIsRefused) {
  const Build build(1);
  const ByteVector whole = build.original(0);
  for (std::size_t size = 0; size < whole.size(); ++size) {
    build.write(0, Bytes(whole).first(size));
    expect_error(make_tree(build.modules(), {}, {.jobs = 1}), ErrorKind::malformed);
  }
}

TEST(MakeTree, AnyFileIsTakenWhereWanted) {
  const Build build(2);
  build.write(0, bytes_of("not a module"));
  build.write(1, {});
  const TreeFile tree = value_of(make_tree(build.modules(), {.any_file = true}, {.jobs = 1}));
  EXPECT_EQ(tree.leaves[0].hash, leaf_hash(0, bytes_of("not a module")));
  EXPECT_EQ(tree.leaves[1].hash, leaf_hash(1, {}));
}

TEST(MakeTree, WhatIsNoFileIsRefused) {
  const Build build(1);
  std::filesystem::remove(build.path(0));
  expect_error(make_tree(build.modules(), {}, {}), ErrorKind::io);
  std::filesystem::create_directory(build.path(0));
  expect_error(make_tree(build.modules(), {}, {}), ErrorKind::malformed);
}

TEST(MakeTree, DuplicatesAreRefused) {
  const Build build(1);
  expect_error(make_tree({build.modules()[0], build.modules()[0]}, {}, {}), ErrorKind::duplicate);
}

TEST(MakeTree, ARequestToStopEndsIt) {
  const Build build(20);
  Cancel cancel;
  cancel.request();
  expect_error(make_tree(build.modules(), {}, {.jobs = 2, .cancel = &cancel}),
               ErrorKind::interrupted);
}

TEST(MakeTree, ProgressCountsEveryModuleOnce) {
  const Build build(20);
  std::vector<std::size_t> calls;
  RunOptions run{.jobs = 3};
  run.progress = [&](std::size_t done, std::size_t total) {
    EXPECT_EQ(total, 20U);
    calls.push_back(done);
  };
  value_of(make_tree(build.modules(), {}, run));
  ASSERT_EQ(calls.size(), 20U);
  for (std::size_t i = 0; i < calls.size(); ++i) {
    EXPECT_EQ(calls[i], i + 1);
  }
}

TEST(WriteTree, TheSameTreeLeavesTheFileAlone) {
  const Build build(3);
  const TreeFile tree = build.make();
  const struct stat before = status_of(build.tree_path());
  EXPECT_FALSE(value_of(write_tree(build.tree_path(), tree, true)));
  EXPECT_EQ(status_of(build.tree_path()).st_ino, before.st_ino);
  build.write(0, build.original(1));
  EXPECT_TRUE(
      value_of(write_tree(build.tree_path(), value_of(make_tree(build.modules(), {}, {})), true)));
  EXPECT_NE(value_of(read_tree(build.tree_path())), tree);
}

TEST(WriteTree, WhatStoodThereIsReplaced) {
  const Build build(3);
  const TreeFile tree = build.make();
  for (const ByteVector& old : {ByteVector(), noise(100000, 1), bytes_of("MODPROOF")}) {
    write_bytes(build.tree_path(), old);
    EXPECT_TRUE(value_of(write_tree(build.tree_path(), tree, false)));
    EXPECT_EQ(value_of(read_tree(build.tree_path())), tree);
  }
  expect_error(write_tree(build.folder() / "none/modules.merkle", tree, false), ErrorKind::io);
}

TEST(ReadTree, ARootThatDoesNotFollowFromTheLeavesIsMalformed) {
  const Build build(3);
  TreeFile tree = build.make();
  tree.root.hash[0] ^= 1;
  value_of(write_tree(build.tree_path(), tree, false));
  const Error error = error_of(read_tree(build.tree_path()));
  EXPECT_EQ(error.kind, ErrorKind::malformed);
  EXPECT_EQ(error.path, build.tree_path());
  tree = build.make();
  tree.root.levels = 3;
  value_of(write_tree(build.tree_path(), tree, false));
  expect_error(read_tree(build.tree_path()), ErrorKind::malformed);
}

TEST(ReadTree, AnErrorNamesTheFile) {
  const Folder folder;
  EXPECT_EQ(error_of(read_tree(folder / "none")).path, folder / "none");
  EXPECT_EQ(error_of(read_tree(folder.write("t", bytes_of("x")))).path, folder / "t");
}

}  // namespace
}  // namespace modproof::test
