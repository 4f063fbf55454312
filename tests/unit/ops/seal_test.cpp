// SPDX-License-Identifier: LGPL-2.1-or-later
// seal: the same as tree and attach, in one pass.
#include <filesystem>
#include <string>

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "modproof/ops/attach.h"

#include "support/build.h"
#include "support/file_size_limit.h"

namespace modproof::test {
namespace {

constexpr ChangeOptions kNoSync{.sync = false};

Result<Sealed> seal_all(const Build& build, const ChangeOptions& options = kNoSync,
                        unsigned jobs = 2) {
  return seal(build.modules(), build.tree_path(), false, options, {.jobs = jobs});
}

TEST(Seal, EqualsTreeAndAttach) {
  for (const unsigned jobs : {1U, 4U}) {
    const Build one(20);
    const Build two(20);
    const Sealed sealed = value_of(seal_all(one, {}, jobs));
    EXPECT_EQ(sealed.tree, two.make());
    two.seal();
    EXPECT_EQ(read_bytes(one.tree_path()), read_bytes(two.tree_path()));
    for (std::size_t i = 0; i < 20; ++i) {
      EXPECT_EQ(sealed.changes[i].change, Change::attached);
      EXPECT_EQ(sealed.changes[i].position, i);
      EXPECT_EQ(one.contents(i), two.contents(i));
    }
    EXPECT_EQ(one.folder().names().size(), 21U);
  }
}

TEST(Seal, TwiceEqualsOnce) {
  const Build build(5);
  value_of(seal_all(build));
  const ByteVector once = build.contents(2);
  const auto inode = status_of(build.path(2)).st_ino;
  for (const ModuleChange& change : value_of(seal_all(build)).changes) {
    EXPECT_EQ(change.change, Change::unchanged);
  }
  EXPECT_EQ(build.contents(2), once);
  EXPECT_EQ(status_of(build.path(2)).st_ino, inode);
}

TEST(Seal, AChangedModuleGivesAllANewProof) {
  const Build build(5);
  const Root before = value_of(seal_all(build)).tree.root;
  build.write(1, module_with(noise(11, 77)));
  const Sealed sealed = value_of(seal_all(build));
  EXPECT_NE(sealed.tree.root, before);
  for (std::size_t i = 0; i < 5; ++i) {
    EXPECT_EQ(sealed.changes[i].change, Change::attached);
    EXPECT_EQ(build.verdict(i, sealed.tree.root).reason, Reason::accepted);
  }
}

TEST(Seal, AnyFileIsSealedWhereWanted) {
  EXPECT_TRUE(rc::check([] {
    const Folder folder;
    std::vector<ModuleFile> modules;
    const auto count = *rc::gen::inRange<std::size_t>(0, 8);
    for (std::size_t i = 0; i < count; ++i) {
      const std::string name = "m" + std::to_string(i);
      modules.push_back({folder.write(name + ".ko", *rc::gen::arbitrary<ByteVector>()), name});
    }
    const Sealed sealed = value_of(seal(modules, folder / "tree", true, kNoSync, {.jobs = 2}));
    const auto report = value_of(verify(modules, {.root = sealed.tree.root}, {.jobs = 1}));
    RC_ASSERT(report.errors.empty());
    for (const Verdict& verdict : report.verdicts) {
      RC_ASSERT(verdict.reason == Reason::accepted);
    }
  }));
}

TEST(Seal, ADryRunWritesNothing) {
  const Build build(3);
  const Sealed sealed = value_of(seal_all(build, {.dry_run = true}));
  EXPECT_EQ(sealed.tree.names.size(), 3U);
  EXPECT_EQ(sealed.changes[0].change, Change::attached);
  EXPECT_EQ(build.folder().names().size(), 3U) << "no tree file, nothing beside the modules";
  EXPECT_EQ(build.contents(0), build.original(0));
}

TEST(Seal, ADryRunTellsWhichModulesWouldStay) {
  const Build build(3);
  value_of(seal_all(build));
  value_of(detach(build.only(1), kNoSync, {}));
  const auto changes = value_of(seal_all(build, {.dry_run = true})).changes;
  EXPECT_EQ(changes[0].change, Change::unchanged);
  EXPECT_EQ(changes[1].change, Change::attached);
}

TEST(Seal, OneModuleThatIsNoneStopsAllBeforeAnythingChanges) {
  const Build build(5);
  build.write(3, bytes_of("not a module"));
  const Error error = error_of(seal_all(build));
  EXPECT_EQ(error.kind, ErrorKind::malformed);
  EXPECT_EQ(error.path, build.path(3));
  EXPECT_EQ(build.folder().names().size(), 5U);
  EXPECT_EQ(build.contents(0), build.original(0));
}

TEST(Seal, DuplicatesAreRefused) {
  const Build build(1);
  expect_error(
      seal({build.modules()[0], build.modules()[0]}, build.tree_path(), false, kNoSync, {}),
      ErrorKind::duplicate);
}

TEST(Seal, AFullDiskStopsItBeforeAnythingChanges) {
  const Build build(4);
  build.write(2, module_with(noise(200000, 5)));
  {
    const FileSizeLimit full(100000);
    expect_error(seal_all(build), ErrorKind::io);
  }
  EXPECT_EQ(build.folder().names().size(), 4U);
  EXPECT_EQ(build.contents(0), build.original(0));
}

TEST(Seal, ATreeFileThatCannotBeWrittenStopsItBeforeAModuleChanges) {
  const Build build(2);
  expect_error(seal(build.modules(), build.folder() / "none/tree", false, kNoSync, {}),
               ErrorKind::io);
  EXPECT_EQ(build.contents(0), build.original(0));
  EXPECT_EQ(build.folder().names().size(), 2U);
}

TEST(Seal, ARequestToStopLeavesNothingBesideTheModules) {
  const Build build(100);
  Cancel cancel;
  RunOptions run{.jobs = 2, .cancel = &cancel};
  run.progress = [&](std::size_t done, std::size_t) {
    if (done == 50) {
      cancel.request();
    }
  };
  expect_error(seal(build.modules(), build.tree_path(), false, kNoSync, run),
               ErrorKind::interrupted);
  EXPECT_EQ(build.folder().names().size(), 100U);
  EXPECT_EQ(build.contents(0), build.original(0));
}

TEST(Seal, AModuleThatChangesMeanwhileStaysAsItIs) {
  const Build build(3);
  RunOptions run{.jobs = 1};
  run.progress = [&](std::size_t done, std::size_t) {
    if (done == 3) {  // all are hashed and copied, none is replaced yet
      build.write(1, module_with(noise(1000, 42)));
    }
  };
  const Sealed sealed = value_of(seal(build.modules(), build.tree_path(), false, kNoSync, run));
  EXPECT_EQ(sealed.changes[0].change, Change::attached);
  EXPECT_EQ(sealed.changes[1].change, Change::payload_unknown);
  EXPECT_EQ(build.contents(1), module_with(noise(1000, 42)));
  EXPECT_EQ(build.folder().names().size(), 4U);
}

TEST(Seal, AModuleThatSomebodyElseSealedMeanwhileIsWell) {
  const Build build(3);
  const Build twin(3);
  twin.seal();
  RunOptions run{.jobs = 1};
  run.progress = [&](std::size_t done, std::size_t total) {
    if (done == 3 && total == 3) {
      build.write(1, twin.contents(1));
    }
  };
  const Sealed sealed = value_of(seal(build.modules(), build.tree_path(), false, kNoSync, run));
  EXPECT_EQ(sealed.changes[1].change, Change::unchanged);
  EXPECT_EQ(build.contents(1), twin.contents(1));
}

TEST(Seal, WithoutModulesTheTreeIsEmpty) {
  const Folder folder;
  const Sealed sealed = value_of(seal({}, folder / "tree", false, kNoSync, {}));
  EXPECT_EQ(sealed.tree.root, Root{});
  EXPECT_EQ(value_of(read_tree(folder / "tree")), sealed.tree);
}

}  // namespace
}  // namespace modproof::test
