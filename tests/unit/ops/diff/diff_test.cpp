// SPDX-License-Identifier: LGPL-2.1-or-later
// diff: what a report holds, and what counts as the same.
#include "modproof/ops/diff.h"

#include <filesystem>
#include <set>
#include <string>

#include <gtest/gtest.h>

#include "support/build.h"

namespace modproof::test {
namespace {

DiffReport diff_of(const std::string& a, const std::string& b) {
  return value_of(diff(a, b, {}, {.jobs = 2}));
}

TEST(Diff, AnIdenticalBuildIsTheSame) {
  const Build a(9);
  const Build b(9);
  const DiffReport report = diff_of(a.folder().path(), b.folder().path());
  EXPECT_TRUE(is_same(report, {}));
  EXPECT_TRUE(report.same_root());
  EXPECT_EQ(report.a.root, a.make().root);
  EXPECT_EQ(report.pairs.size(), 9U);
  EXPECT_EQ(report.a.leaves, report.b.leaves);
}

TEST(Diff, ProofsDoNotCount) {
  const Build a(5);
  const Build b(5);
  b.seal();
  const DiffReport report = diff_of(a.folder().path(), b.folder().path());
  EXPECT_TRUE(is_same(report, {}));
  EXPECT_EQ(report.pairs[0].trailer_a, TrailerKind::none);
  EXPECT_EQ(report.pairs[0].trailer_b, TrailerKind::merkle);
}

TEST(Diff, EveryChangedByteIsFoundWithItsSection) {
  const Build a(3);
  const Build b(3);
  const ByteVector original = b.original(1);
  for (std::size_t i = 64; i < original.size(); ++i) {
    ByteVector changed = original;
    changed[i] ^= 1U;
    b.write(1, changed);
    const DiffReport report = diff_of(a.folder().path(), b.folder().path());
    ASSERT_FALSE(is_same(report, {})) << i;
    ASSERT_FALSE(report.same_root()) << i;
    ASSERT_TRUE(report.errors.empty()) << i;
    ASSERT_EQ(report.pairs[0].same, true) << i;
    ASSERT_EQ(report.pairs[1].same, false) << i;
    ASSERT_TRUE(report.pairs[1].difference.has_value()) << i;
    const FileDifference& difference = *report.pairs[1].difference;
    EXPECT_FALSE(difference.only_trailers);
    EXPECT_FALSE(difference.only_stripping);
    if (i < 64 + 107) {  // .text
      ASSERT_EQ(difference.sections.size(), 1U) << i;
      EXPECT_EQ(difference.sections[0].name, ".text");
      EXPECT_EQ(difference.sections[0].offset, i - 64) << i;
    }
  }
}

TEST(Diff, ATreeFileStandsForItsModules) {
  const Build a(6);
  const Build b(6);
  a.make();
  EXPECT_TRUE(is_same(diff_of(a.tree_path(), b.folder().path()), {}));
  EXPECT_TRUE(is_same(diff_of(b.folder().path(), a.tree_path()), {}));
  b.write(4, module_with(noise(11, 3)));
  const DiffReport report = diff_of(a.tree_path(), b.folder().path());
  EXPECT_EQ(report.pairs[4].same, false);
  EXPECT_FALSE(report.pairs[4].difference.has_value()) << "a tree file has no bytes";
  EXPECT_FALSE(is_same(report, {}));
}

TEST(Diff, TwoTreeFilesThatHaveAModuleAtOtherPositions) {
  const Folder folder;
  const Build build(3);
  const std::vector<ModuleFile>& modules = build.modules();
  const TreeFile one = value_of(make_tree({modules[0], modules[1]}, {}, {}));
  const TreeFile two = value_of(make_tree({modules[2], modules[0], modules[1]}, {}, {}));
  value_of(write_tree(folder / "one", one, false));
  value_of(write_tree(folder / "two", two, false));
  const DiffReport report = diff_of(folder / "one", folder / "two");
  EXPECT_EQ(report.pairs[0].same, std::nullopt) << "a leaf depends on its position";
  EXPECT_FALSE(report.pairs[0].moved);
  EXPECT_EQ(report.added.size(), 1U);
  EXPECT_FALSE(is_same(report, {}));
}

TEST(Diff, AModuleThatCannotBeReadIsAnErrorAndNeverTheSame) {
  const Build a(3);
  const Build b(3);
  b.write(1, bytes_of("\x1f\x8b\x08 compressed"));
  const DiffReport report = diff_of(a.folder().path(), b.folder().path());
  ASSERT_EQ(report.errors.size(), 1U);
  EXPECT_EQ(report.errors[0].path, b.path(1));
  EXPECT_EQ(report.pairs[1].same, std::nullopt);
  EXPECT_FALSE(is_same(report, {}));
  EXPECT_FALSE(is_same(report, {.ignore_signatures = true}));
}

TEST(Diff, ARequestToStopEndsIt) {
  const Build a(2);
  Cancel cancel;
  cancel.request();
  expect_error(diff(a.folder().path(), a.folder().path(), {}, {.cancel = &cancel}),
               ErrorKind::interrupted);
}

TEST(Diff, KernelsOfEveryClassAndByteOrder) {
  const Folder folder;
  for (const unsigned bits : {32U, 64U}) {
    for (const std::endian order : {std::endian::little, std::endian::big}) {
      const ByteVector one = kernel_with(ByteVector(36), bits, order).bytes();
      ByteVector root(36);
      root[order == std::endian::big ? 3 : 0] = 1;
      root[9] = 7;
      const ByteVector two = kernel_with(root, bits, order).bytes();
      const DiffReport report = diff_of(folder.write("one", one), folder.write("two", two));
      ASSERT_TRUE(report.kernel.has_value());
      ASSERT_EQ(report.kernel->sections.size(), 1U);
      EXPECT_EQ(report.kernel->sections[0].name, ".module_hashes");
      ASSERT_EQ(report.kernel->guesses.size(), 1U);
      EXPECT_EQ(report.kernel->guesses[0].cause, DiffCause::root);
    }
  }
}

TEST(DiffCause, NamesAreDifferent) {
  std::set<std::string_view> names;
  for (int cause = 0; cause <= static_cast<int>(DiffCause::root); ++cause) {
    EXPECT_TRUE(names.insert(name_of(static_cast<DiffCause>(cause))).second);
  }
}

}  // namespace
}  // namespace modproof::test
