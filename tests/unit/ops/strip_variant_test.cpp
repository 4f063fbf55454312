// SPDX-License-Identifier: LGPL-2.1-or-later
// Modules that are stripped after the build, with the real compiler and the real strip.
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "modproof/merkle/tree.h"
#include "modproof/ops/attach.h"
#include "modproof/ops/explain.h"
#include "modproof/ops/make_tree.h"
#include "modproof/ops/verify.h"

#include "base/program.h"
#include "support/bytes.h"
#include "support/expect.h"
#include "support/folder.h"

namespace modproof::test {
namespace {

constexpr ChangeOptions kNoSync{.sync = false};

class StripVariantTest : public testing::Test {
 protected:
  /// Compiles three objects with debug information, or skips the test.
  void SetUp() override {
    if (!run_program({"cc", "--version"}, "") || !run_program({"strip", "--version"}, "")) {
      GTEST_SKIP() << "no cc and strip here";
    }
    for (const std::string name : {"a", "b-c", "d"}) {
      const std::string source = folder_.write(
          name + ".c",
          bytes_of("int f(int x) { return x + " + std::to_string(name.size() * 7) + "; }\n"));
      const std::string path = folder_ / name + ".ko";
      value_of(run_program({"cc", "-g", "-c", "-o", path, source}, ""));
      modules_.push_back({path, name});
      linked_.push_back(read_bytes(path));
    }
  }

  void strip(std::size_t i) const {
    value_of(run_program({"strip", "--strip-debug", modules_[i].path}, ""));
  }

  TreeFile make() const {
    const TreeFile tree = value_of(make_tree(modules_, {.strip_variant = true}, {.jobs = 2}));
    value_of(write_tree(tree_, tree, false));
    return tree;
  }

  Folder folder_;
  std::string tree_ = folder_ / "modules.merkle";
  std::vector<ModuleFile> modules_;
  std::vector<ByteVector> linked_;
};

TEST_F(StripVariantTest, EachModuleHasTwoNeighbouringLeaves) {
  const TreeFile tree = make();
  EXPECT_EQ(tree.variants, (std::vector<Variant>{Variant::linked, Variant::strip_debug}));
  ASSERT_EQ(tree.leaves.size(), 6U);
  for (std::uint32_t i = 0; i < 3; ++i) {
    EXPECT_EQ(read_bytes(modules_[i].path), linked_[i]) << "the module itself stays as it is";
    EXPECT_EQ(tree.leaves[2 * i].hash, leaf_hash(2 * i, linked_[i]));
    strip(i);
    const ByteVector stripped = read_bytes(modules_[i].path);
    EXPECT_LT(stripped.size(), linked_[i].size());
    EXPECT_EQ(tree.leaves[2 * i + 1].hash, leaf_hash(2 * i + 1, stripped));
    EXPECT_EQ(tree.leaves[2 * i + 1].payload_size, stripped.size());
  }
}

TEST_F(StripVariantTest, AttachRecognisesEitherForm) {
  const TreeFile tree = make();
  strip(1);
  const auto changes = value_of(attach(modules_, tree_, kNoSync, {}));
  EXPECT_EQ(changes[0].variant, Variant::linked);
  EXPECT_EQ(changes[1].variant, Variant::strip_debug);
  EXPECT_EQ(changes[1].position, 3U);
  for (const Verdict& verdict :
       value_of(verify(modules_, {.root = tree.root, .tree = tree_}, {})).verdicts) {
    EXPECT_EQ(verdict.reason, Reason::accepted);
  }
}

TEST_F(StripVariantTest, StrippingASealedModuleDropsTheProofAndAttachBringsItBack) {
  const TreeFile tree = make();
  value_of(attach(modules_, tree_, kNoSync, {}));
  strip(0);
  EXPECT_EQ(value_of(verify({modules_[0]}, {.root = tree.root}, {})).verdicts.at(0).reason,
            Reason::no_trailer);
  const auto report = value_of(explain({modules_[0]}, {.kernel_root = {}, .tree = tree_}, {}));
  EXPECT_EQ(report.modules.at(0).cause, Cause::not_attached);
  EXPECT_EQ(report.modules.at(0).variant, Variant::strip_debug);
  EXPECT_EQ(value_of(attach({modules_[0]}, tree_, kNoSync, {})).at(0).change, Change::attached);
  EXPECT_EQ(value_of(verify({modules_[0]}, {.root = tree.root}, {})).verdicts.at(0).reason,
            Reason::accepted);
}

TEST_F(StripVariantTest, TheTreeOfSealedModulesIsTheSame) {
  const TreeFile tree = make();
  value_of(attach(modules_, tree_, kNoSync, {}));
  EXPECT_EQ(make(), tree);
}

TEST_F(StripVariantTest, StrippedAfterATreeWithoutTheVariantIsExplained) {
  value_of(write_tree(tree_, value_of(make_tree(modules_, {}, {})), false));
  strip(2);
  const auto report = value_of(explain({modules_[2]}, {.kernel_root = {}, .tree = tree_}, {}));
  EXPECT_EQ(report.modules.at(0).cause, Cause::stripped);
}

TEST_F(StripVariantTest, AProgramThatFailsIsNamedWithTheModule) {
  const Error error =
      error_of(make_tree(modules_, {.strip_variant = true, .strip_program = "false"}, {.jobs = 2}));
  EXPECT_EQ(error.kind, ErrorKind::program);
  EXPECT_EQ(error.path, modules_[0].path);
  expect_error(make_tree(modules_, {.strip_variant = true, .strip_program = "no-such-strip"}, {}),
               ErrorKind::program);
  expect_error(make_tree(modules_, {.strip_variant = true, .strip_program = "  "}, {}),
               ErrorKind::usage);
}

TEST_F(StripVariantTest, AProgramThatWritesNothingIsAnError) {
  expect_error(make_tree(modules_, {.strip_variant = true, .strip_program = "true"}, {}),
               ErrorKind::io);
}

TEST_F(StripVariantTest, ArgumentsOfTheProgramArePassedOn) {
  EXPECT_EQ(value_of(make_tree(modules_, {.strip_variant = true, .strip_program = "strip -v"}, {})),
            make());
}

TEST_F(StripVariantTest, ACacheChangesNothing) {
  const TreeFile tree = make();
  for (const char* program : {"strip", "strip -v", "strip"}) {
    const MakeTreeOptions options{
        .strip_variant = true, .strip_program = program, .cache_beside = tree_};
    EXPECT_EQ(value_of(make_tree(modules_, options, {})), tree) << program;
  }
}

TEST_F(StripVariantTest, ARequestToStopEndsIt) {
  Cancel cancel;
  RunOptions run{.jobs = 1, .cancel = &cancel};
  std::size_t calls = 0;
  run.progress = [&](std::size_t, std::size_t) {
    if (++calls == 4) {  // all are hashed, one is stripped
      cancel.request();
    }
  };
  expect_error(make_tree(modules_, {.strip_variant = true}, run), ErrorKind::interrupted);
}

}  // namespace
}  // namespace modproof::test
