// SPDX-License-Identifier: LGPL-2.1-or-later
// attach and detach: what is appended, what stays, and what is left alone when something is wrong.
#include "modproof/ops/attach.h"

#include <algorithm>
#include <filesystem>
#include <set>
#include <string>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <sys/stat.h>

#include "modproof/merkle/tree.h"

#include "support/as_nobody.h"
#include "support/build.h"
#include "support/file_size_limit.h"

namespace modproof::test {
namespace {

constexpr ChangeOptions kNoSync{.sync = false};

std::vector<ModuleChange> attach_all(const Build& build, const ChangeOptions& options = kNoSync) {
  return value_of(attach(build.modules(), build.tree_path(), options, {.jobs = 2}));
}

/// The one change that comes of attaching module `i`.
ModuleChange attach_one(const Build& build, std::size_t i, const ChangeOptions& options = kNoSync) {
  return value_of(attach(build.only(i), build.tree_path(), options, {.jobs = 1})).at(0);
}

TEST(Attach, AppendsTheTrailerOfTheProof) {
  const Build build(5);
  const TreeFile tree = build.make();
  const auto changes = attach_all(build, {});
  const Tree known(std::vector<Digest>{tree.leaves[0].hash, tree.leaves[1].hash,
                                       tree.leaves[2].hash, tree.leaves[3].hash,
                                       tree.leaves[4].hash});
  for (std::uint32_t i = 0; i < 5; ++i) {
    EXPECT_EQ(changes[i].change, Change::attached);
    EXPECT_EQ(changes[i].path, build.path(i));
    EXPECT_EQ(changes[i].position, i);
    EXPECT_EQ(changes[i].variant, Variant::linked);
    EXPECT_EQ(build.contents(i), concat({build.original(i), encode_trailer(known.proof(i))}));
  }
}

TEST(Attach, TwiceEqualsOnce) {
  const Build build(5);
  build.seal();
  const ByteVector once = build.contents(3);
  const struct stat before = status_of(build.path(3));
  for (const ModuleChange& change : attach_all(build)) {
    EXPECT_EQ(change.change, Change::unchanged);
  }
  EXPECT_EQ(build.contents(3), once);
  EXPECT_EQ(status_of(build.path(3)).st_ino, before.st_ino) << "the file was not even replaced";
}

TEST(Attach, ThenDetachGivesTheSameBytes) {
  EXPECT_TRUE(rc::check([] {
    const auto count = *rc::gen::inRange<std::size_t>(1, 12);
    const auto jobs = *rc::gen::inRange(1U, 4U);
    const Folder folder;
    std::vector<ModuleFile> modules;
    std::vector<ByteVector> originals;
    for (std::size_t i = 0; i < count; ++i) {
      const std::string name = "m" + std::to_string(i);
      originals.push_back(*rc::gen::arbitrary<ByteVector>());
      modules.push_back({folder.write(name + ".ko", originals.back()), name});
    }
    const std::string tree = folder / "tree";
    value_of(
        write_tree(tree, value_of(make_tree(modules, {.any_file = true}, {.jobs = jobs})), false));
    for (const ModuleChange& change : value_of(attach(modules, tree, kNoSync, {.jobs = jobs}))) {
      RC_ASSERT(change.change == Change::attached);
    }
    for (const ModuleChange& change : value_of(detach(modules, kNoSync, {.jobs = jobs}))) {
      RC_ASSERT(change.change == Change::detached);
    }
    for (std::size_t i = 0; i < count; ++i) {
      RC_ASSERT(read_bytes(modules[i].path) == originals[i]);
    }
  }));
}

TEST(Attach, TheNumberOfThreadsDoesNotMatter) {
  const Build one(80);
  const Build many(80);
  one.make();
  many.make();
  value_of(attach(one.modules(), one.tree_path(), kNoSync, {.jobs = 1}));
  value_of(attach(many.modules(), many.tree_path(), kNoSync, {.jobs = 8}));
  for (std::size_t i = 0; i < 80; ++i) {
    EXPECT_EQ(one.contents(i), many.contents(i)) << i;
  }
}

TEST(Attach, AModuleThatIsLargerThanAnyBufferIsCopiedWhole) {
  const Build build(3);
  const ByteVector large = module_with(noise(1000003, 7));
  build.write(1, large);
  const TreeFile tree = build.make();
  EXPECT_EQ(attach_one(build, 1).change, Change::attached);
  const ByteVector sealed = build.contents(1);
  ASSERT_EQ(sealed.size(), large.size() + merkle_trailer_size(tree.root.levels));
  EXPECT_TRUE(std::equal(large.begin(), large.end(), sealed.begin()));
  EXPECT_EQ(build.verdict(1, tree.root).reason, Reason::accepted);
}

TEST(Attach, AProofOfAnotherBuildIsReplaced) {
  const Build build(5);
  build.seal();
  const ByteVector old = build.contents(2);
  build.write(4, module_with(noise(5, 99)));
  const Root root = build.make().root;
  EXPECT_EQ(attach_one(build, 2).change, Change::attached);
  EXPECT_NE(build.contents(2), old);
  EXPECT_EQ(build.contents(2).size(), old.size());
  EXPECT_EQ(build.verdict(2, root).reason, Reason::accepted);
}

TEST(Attach, ASignatureStaysBelowTheProof) {
  const Build build(2);
  const ByteVector signature = noise(256, 3);
  ByteVector descriptor(12);
  descriptor[2] = 2;
  store_be32(descriptor.data() + 8, 256);
  const ByteVector signed_module =
      concat({build.original(0), signature, descriptor, bytes_of(kTrailerMarker)});
  build.write(0, signed_module);
  const Root root = build.seal();
  EXPECT_EQ(build.verdict(0, root).reason, Reason::accepted);
  value_of(detach(build.modules(), kNoSync, {}));
  EXPECT_EQ(build.contents(0), signed_module);
}

TEST(Attach, AModuleOfAnotherNameIsLeftAlone) {
  const Build build(2);
  build.make();
  const ModuleFile other{build.folder().write("other.ko", build.original(0)), "other"};
  const auto changes = value_of(attach({other}, build.tree_path(), kNoSync, {}));
  EXPECT_EQ(changes.at(0).change, Change::not_in_tree);
  EXPECT_EQ(read_bytes(other.path), build.original(0));
}

TEST(Attach, DashesAndUnderscoresInNamesAreTheSame) {
  const Folder folder;
  const ByteVector bytes = module_with(noise(9, 1));
  const std::string tree = folder / "tree";
  value_of(write_tree(tree, value_of(make_tree({{folder.write("a-b.ko", bytes), "a-b"}}, {}, {})),
                      false));
  const ModuleFile installed{folder.write("installed/a_b.ko", bytes), "a_b"};
  EXPECT_EQ(value_of(attach({installed}, tree, kNoSync, {})).at(0).change, Change::attached);
}

TEST(Attach, APayloadThatTheTreeDoesNotKnowIsLeftAlone) {
  const Build build(3);
  build.make();
  ByteVector same_size = build.original(1);
  same_size[70] ^= 1;
  for (const ByteVector& bytes : {same_size, concat({build.original(1), ByteVector(1)})}) {
    build.write(1, bytes);
    EXPECT_EQ(attach_one(build, 1).change, Change::payload_unknown);
    EXPECT_EQ(build.contents(1), bytes);
  }
  EXPECT_EQ(build.folder().names().size(), 4U) << "nothing is left beside the modules";
}

TEST(Attach, OfTwoFormsOfOneSizeTheRightOneIsFound) {
  const Folder folder;
  const ByteVector linked = module_with(noise(50, 1));
  const ByteVector stripped = module_with(noise(50, 2));
  TreeFile tree;
  tree.variants = {Variant::linked, Variant::strip_debug};
  tree.names = {"a", "b"};
  for (std::uint32_t position = 0; position < 4; ++position) {
    const ByteVector& bytes = position % 2 == 0 ? linked : stripped;
    tree.leaves.push_back({bytes.size(), leaf_hash(position, bytes)});
  }
  tree.root =
      Tree({tree.leaves[0].hash, tree.leaves[1].hash, tree.leaves[2].hash, tree.leaves[3].hash})
          .root();
  const std::string path = folder / "tree";
  value_of(write_tree(path, tree, false));
  const std::vector<ModuleFile> modules{{folder.write("a.ko", stripped), "a"},
                                        {folder.write("b.ko", linked), "b"}};
  const auto changes = value_of(attach(modules, path, kNoSync, {.jobs = 1}));
  EXPECT_EQ(changes[0].change, Change::attached);
  EXPECT_EQ(changes[0].variant, Variant::strip_debug);
  EXPECT_EQ(changes[0].position, 1U);
  EXPECT_EQ(changes[1].variant, Variant::linked);
  EXPECT_EQ(changes[1].position, 2U);
  const auto report = value_of(verify(modules, {.root = tree.root, .tree = path}, {}));
  EXPECT_EQ(report.verdicts[0].reason, Reason::accepted);
  EXPECT_EQ(report.verdicts[1].reason, Reason::accepted);
  for (const ModuleChange& change : value_of(attach(modules, path, kNoSync, {}))) {
    EXPECT_EQ(change.change, Change::unchanged);
  }
}

TEST(Attach, ADryRunWritesNothingAndSaysWhatWouldBe) {
  const Build build(3);
  build.make();
  for (const ModuleChange& change : attach_all(build, {.dry_run = true, .sync = true})) {
    EXPECT_EQ(change.change, Change::attached);
  }
  EXPECT_EQ(build.contents(0), build.original(0));
  build.seal();
  for (const ModuleChange& change : attach_all(build, {.dry_run = true, .sync = true})) {
    EXPECT_EQ(change.change, Change::unchanged);
  }
  for (const ModuleChange& change :
       value_of(detach(build.modules(), {.dry_run = true, .sync = true}, {}))) {
    EXPECT_EQ(change.change, Change::detached);
  }
  EXPECT_NE(build.contents(0), build.original(0));
}

TEST(Attach, WhatCannotBeReadFailsAloneWithItsPath) {
  const Build build(6);
  build.make();
  std::filesystem::remove(build.path(0));
  std::filesystem::remove(build.path(1));
  std::filesystem::create_directory(build.path(1));
  build.write(2, bytes_of("\x28\xb5\x2f\xfd compressed"));
  ByteVector stacked = build.original(3);
  for (int i = 0; i < 2; ++i) {
    stacked = concat({stacked, encode_trailer({.position = 0, .siblings = {Digest{}}})});
  }
  build.write(3, stacked);
  const auto changes = attach_all(build);
  const ErrorKind kinds[] = {ErrorKind::io, ErrorKind::malformed, ErrorKind::malformed,
                             ErrorKind::malformed};
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_EQ(changes[i].change, Change::failed) << i;
    ASSERT_TRUE(changes[i].error.has_value()) << i;
    EXPECT_EQ(changes[i].error->kind, kinds[i]) << i;
    EXPECT_EQ(changes[i].error->path, build.path(i));
  }
  EXPECT_EQ(changes[4].change, Change::attached);
  EXPECT_EQ(changes[5].change, Change::attached);
}

TEST(Attach, AFullDiskLeavesEveryFileWholeAndTheNextRunFinishes) {
  const Build build(6);
  build.write(3, module_with(noise(200000, 5)));
  const ByteVector large = build.contents(3);
  const Root root = build.make().root;
  {
    const FileSizeLimit full(100000);
    for (const bool sync : {false, true}) {
      const auto changes = attach_all(build, {.sync = sync});
      EXPECT_EQ(changes[3].change, Change::failed);
      EXPECT_EQ(changes[3].error.value().kind, ErrorKind::io);
      EXPECT_EQ(changes[2].change, sync ? Change::unchanged : Change::attached);
    }
  }
  EXPECT_EQ(build.contents(3), large);
  EXPECT_EQ(build.folder().names().size(), 7U) << "nothing is left beside the modules";
  EXPECT_EQ(attach_one(build, 3).change, Change::attached);
  for (std::size_t i = 0; i < 6; ++i) {
    EXPECT_EQ(build.verdict(i, root).reason, Reason::accepted) << i;
  }
}

TEST(Attach, AFolderThatMustNotBeWrittenFailsAndNothingChanges) {
  const Build build(2);
  build.make();
  ASSERT_EQ(::chmod(build.folder().path().c_str(), 0555), 0);
  {
    const AsNobody nobody;
    for (const ModuleChange& change : attach_all(build)) {
      EXPECT_EQ(change.change, Change::failed);
      EXPECT_EQ(change.error.value().kind, ErrorKind::io);
    }
  }
  ASSERT_EQ(::chmod(build.folder().path().c_str(), 0755), 0);
  EXPECT_EQ(build.contents(0), build.original(0));
}

TEST(Attach, OneFileUnderTwoNamesEndsWhole) {
  const Build build(1);
  const Root root = build.make().root;
  std::vector<ModuleFile> modules(6, build.modules()[0]);
  for (std::size_t i = 0; i < modules.size(); ++i) {
    modules[i].path = build.folder().path() + std::string(i + 1, '/') + "m0.ko";
  }
  const auto changes = value_of(attach(modules, build.tree_path(), kNoSync, {.jobs = 4}));
  EXPECT_EQ(build.verdict(0, root).reason, Reason::accepted);
  EXPECT_EQ(build.folder().names().size(), 2U);
}

TEST(Attach, ARequestToStopLeavesEveryFileWholeAndNothingBesideThem) {
  const Build build(200);
  const Root root = build.make().root;
  Cancel cancel;
  RunOptions run{.jobs = 2, .cancel = &cancel};
  run.progress = [&](std::size_t done, std::size_t) {
    if (done == 20) {
      cancel.request();
    }
  };
  expect_error(attach(build.modules(), build.tree_path(), kNoSync, run), ErrorKind::interrupted);
  EXPECT_EQ(build.folder().names().size(), 201U);
  std::size_t attached = 0;
  for (std::size_t i = 0; i < 200; ++i) {
    if (build.contents(i) != build.original(i)) {
      EXPECT_EQ(build.verdict(i, root).reason, Reason::accepted);
      ++attached;
    }
  }
  EXPECT_LT(attached, 200U);
  attach_all(build);
  EXPECT_EQ(build.verdict(199, root).reason, Reason::accepted);
}

TEST(Attach, ATreeFileThatIsBrokenIsAnError) {
  const Build build(2);
  expect_error(attach(build.modules(), build.tree_path(), kNoSync, {}), ErrorKind::io);
  write_bytes(build.tree_path(), bytes_of("MODPROOF"));
  expect_error(attach(build.modules(), build.tree_path(), kNoSync, {}), ErrorKind::malformed);
}

TEST(Attach, ModeAndTimesOfAModuleStay) {
  const Build build(1);
  build.make();
  ASSERT_EQ(::chmod(build.path(0).c_str(), 0640), 0);
  const timespec times[] = {{1000000000, 0}, {1100000000, 123}};
  ASSERT_EQ(::utimensat(AT_FDCWD, build.path(0).c_str(), times, 0), 0);
  attach_all(build);
  EXPECT_EQ(status_of(build.path(0)).st_mode & 07777U, 0640U);
  EXPECT_EQ(status_of(build.path(0)).st_mtim.tv_sec, 1100000000);
  value_of(detach(build.modules(), kNoSync, {}));
  EXPECT_EQ(status_of(build.path(0)).st_mode & 07777U, 0640U);
  EXPECT_EQ(status_of(build.path(0)).st_mtim.tv_nsec, 123);
}

TEST(Detach, RemovesTheMerkleTrailerAndNothingElse) {
  const Build build(3);
  build.seal();
  for (const ModuleChange& change : value_of(detach(build.modules(), {}, {.jobs = 2}))) {
    EXPECT_EQ(change.change, Change::detached);
  }
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(build.contents(i), build.original(i));
  }
  for (const ModuleChange& change : value_of(detach(build.modules(), {}, {}))) {
    EXPECT_EQ(change.change, Change::unchanged);
  }
}

TEST(Detach, LeavesASignatureAlone) {
  const Build build(1);
  const ByteVector bytes =
      concat({build.original(0), ByteVector{0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0},
              bytes_of(kTrailerMarker)});
  build.write(0, bytes);
  EXPECT_EQ(value_of(detach(build.modules(), {}, {})).at(0).change, Change::unchanged);
  EXPECT_EQ(build.contents(0), bytes);
}

TEST(Detach, AMalformedTrailerFails) {
  const Build build(1);
  ByteVector bytes = concat({build.original(0), encode_trailer({.position = 0, .siblings = {{}}})});
  bytes[bytes.size() - 40] = 1;
  build.write(0, bytes);
  const auto changes = value_of(detach(build.modules(), {}, {}));
  EXPECT_EQ(changes.at(0).change, Change::failed);
  EXPECT_EQ(changes.at(0).error.value().offset, bytes.size() - 40);
  EXPECT_EQ(build.contents(0), bytes);
}

TEST(Detach, ARequestToStopEndsIt) {
  const Build build(3);
  build.seal();
  Cancel cancel;
  cancel.request();
  expect_error(detach(build.modules(), {}, {.cancel = &cancel}), ErrorKind::interrupted);
  EXPECT_EQ(build.folder().names().size(), 4U);
}

TEST(Change, NamesAreDifferent) {
  std::set<std::string_view> names;
  for (int change = 0; change <= static_cast<int>(Change::failed); ++change) {
    EXPECT_TRUE(names.insert(name_of(static_cast<Change>(change))).second);
  }
}

}  // namespace
}  // namespace modproof::test
