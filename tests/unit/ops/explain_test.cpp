// SPDX-License-Identifier: LGPL-2.1-or-later
// explain: each cause, made the way it comes about.
#include "modproof/ops/explain.h"

#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "support/build.h"

namespace modproof::test {
namespace {

Explanation explain_one(const Build& build, std::size_t i, std::optional<Root> kernel = {},
                        bool with_tree = true) {
  auto report = value_of(explain(
      build.only(i), {.kernel_root = kernel, .tree = with_tree ? build.tree_path() : ""}, {}));
  if (!report.errors.empty()) {
    throw std::runtime_error(describe(report.errors.front()));
  }
  return report.modules.at(0);
}

ByteVector with_signature(const ByteVector& module) {
  ByteVector descriptor(12);
  descriptor[2] = 2;
  store_be32(descriptor.data() + 8, 256);
  return concat({module, noise(256, 9), descriptor, bytes_of(kTrailerMarker)});
}

/// A module with a section that strip would remove.
ByteVector with_debug(const ByteVector& text) {
  TestElf elf;
  elf.type = ET_REL;
  elf.sections.push_back({.name = ".text", .contents = text});
  elf.sections.push_back({.name = ".debug_info", .contents = noise(500, 4)});
  return elf.bytes();
}

TEST(Explain, NothingIsWrong) {
  const Build build(4);
  build.seal();
  const Explanation result = explain_one(build, 1);
  EXPECT_EQ(result.cause, Cause::none);
  EXPECT_TRUE(result.advice.empty());
}

TEST(Explain, NotAttached) {
  const Build build(4);
  build.make();
  const Explanation result = explain_one(build, 2);
  EXPECT_EQ(result.cause, Cause::not_attached);
  EXPECT_EQ(result.tree_position, 2U);
  EXPECT_EQ(result.variant, Variant::linked);
  EXPECT_FALSE(result.advice.empty());
}

TEST(Explain, Stripped) {
  const Build build(2);
  const ByteVector text = noise(40, 8);
  build.write(0, with_debug(text));
  build.make();
  build.write(0, module_with(text));
  EXPECT_EQ(explain_one(build, 0).cause, Cause::stripped);
}

TEST(Explain, SignedAfterwards) {
  const Build build(2);
  build.make();
  build.write(0, with_signature(build.original(0)));
  EXPECT_EQ(explain_one(build, 0).cause, Cause::signed_after);
}

TEST(Explain, PayloadChanged) {
  const Build build(4);
  build.seal();
  ByteVector bytes = build.contents(2);
  bytes[70] ^= 1;
  build.write(2, bytes);
  EXPECT_EQ(explain_one(build, 2).cause, Cause::payload_changed);
  // The same without a proof, so that sizes are all there is to tell.
  build.write(2, module_with(noise(3000, 1)));
  EXPECT_EQ(explain_one(build, 2).cause, Cause::payload_changed);
  build.write(2, with_signature(module_with(noise(3000, 1))));
  EXPECT_EQ(explain_one(build, 2).cause, Cause::payload_changed);
}

TEST(Explain, ProofAltered) {
  const Build build(4);
  build.seal();
  ByteVector bytes = build.contents(2);
  bytes[bytes.size() - 41] ^= 1;
  build.write(2, bytes);
  const Explanation result = explain_one(build, 2);
  EXPECT_EQ(result.cause, Cause::proof_altered);
  EXPECT_EQ(result.tree_position, 2U);
}

TEST(Explain, ProofOfAnotherModule) {
  const Build build(4);
  build.seal();
  const ByteVector other = build.contents(0);
  const std::size_t trailer = other.size() - build.original(0).size();
  build.write(2, concat({module_with(noise(4, 4)), Bytes(other).last(trailer)}));
  EXPECT_EQ(explain_one(build, 2).cause, Cause::proof_of_other);
}

TEST(Explain, StaleModuleAndTheRootOfItsBuild) {
  const Build build(4);
  const Build other(4, 2);
  build.make();
  const Root other_root = other.seal();
  for (std::size_t i = 0; i < 4; ++i) {
    build.write(i, other.contents(i));
  }
  const auto report =
      value_of(explain(build.modules(), {.kernel_root = {}, .tree = build.tree_path()}, {}));
  for (const Explanation& result : report.modules) {
    EXPECT_EQ(result.cause, Cause::stale_module);
    EXPECT_EQ(result.verdict.leads_to, other_root);
    ASSERT_FALSE(result.evidence.empty());
    EXPECT_NE(result.evidence.back().find(to_hex(other_root.hash)), std::string::npos)
        << "four modules agree on the root of the other build";
  }
}

TEST(Explain, StaleProofsOnPayloadsOfThisBuild) {
  const Build build(4);
  const Root old_root = build.seal();
  std::vector<ByteVector> old;
  for (std::size_t i = 0; i < 4; ++i) {
    old.push_back(build.contents(i));
  }
  build.write(0, module_with(noise(5, 99)));
  build.make();
  for (std::size_t i = 1; i < 4; ++i) {
    build.write(i, old[i]);
  }
  // Nobody damages three proofs so that they lead to one root.
  const std::vector<ModuleFile> modules(build.modules().begin() + 1, build.modules().end());
  const auto report =
      value_of(explain(modules, {.kernel_root = {}, .tree = build.tree_path()}, {}));
  for (const Explanation& result : report.modules) {
    EXPECT_EQ(result.cause, Cause::stale_module);
    EXPECT_TRUE(result.tree_position.has_value());
    EXPECT_NE(result.evidence.back().find(to_hex(old_root.hash)), std::string::npos);
    EXPECT_NE(result.advice.find("attach"), std::string::npos);
  }
}

TEST(Explain, TwoCopiesOfOneDamagedModuleAreNotTwoThatAgree) {
  const Build build(4);
  build.seal();
  ByteVector damaged = build.contents(2);
  damaged[damaged.size() - 60] ^= 1U;  // in the proof
  const std::vector<ModuleFile> modules{{build.folder().write("a-m2.ko", damaged), "m2"},
                                        {build.folder().write("b-m2.ko", damaged), "m2"}};
  const auto report =
      value_of(explain(modules, {.kernel_root = {}, .tree = build.tree_path()}, {}));
  for (const Explanation& result : report.modules) {
    EXPECT_EQ(result.cause, Cause::proof_altered);
  }
}

TEST(Explain, StaleKernel) {
  const Build build(4);
  build.seal();
  EXPECT_EQ(explain_one(build, 2, Build(4, 2).make().root).cause, Cause::stale_kernel);
}

TEST(Explain, StaleKernelOfAnotherNumberOfLevels) {
  const Build build(4);
  build.seal();
  EXPECT_EQ(explain_one(build, 2, Build(9, 2).make().root).cause, Cause::stale_kernel);
}

TEST(Explain, StaleTree) {
  const Build build(4);
  const Root root = build.seal();
  const ByteVector sealed = build.contents(2);
  build.write(0, module_with(noise(5, 99)));
  build.make();
  build.write(2, sealed);
  EXPECT_EQ(explain_one(build, 2, root).cause, Cause::stale_tree);
}

TEST(Explain, Foreign) {
  const Build build(4);
  const Build other(4, 2);
  build.seal();
  other.seal();
  for (const ByteVector& bytes : {other.original(1), other.contents(1)}) {
    const std::vector<ModuleFile> foreign{{build.folder().write("foreign.ko", bytes), "foreign"}};
    const auto report =
        value_of(explain(foreign, {.kernel_root = {}, .tree = build.tree_path()}, {}));
    EXPECT_EQ(report.modules.at(0).cause, Cause::foreign);
  }
}

TEST(Explain, Malformed) {
  const Build build(4);
  build.seal();
  ByteVector bytes = build.contents(2);
  bytes[bytes.size() - 40] = 7;
  build.write(2, bytes);
  const Explanation result = explain_one(build, 2);
  EXPECT_EQ(result.cause, Cause::malformed);
  EXPECT_EQ(result.verdict.offset, bytes.size() - 40);
}

TEST(Explain, WithoutATreeLittleIsKnown) {
  const Build build(4);
  const Root root = build.seal();
  EXPECT_EQ(explain_one(build, 1, root, false).cause, Cause::none);
  EXPECT_EQ(explain_one(build, 1, Build(4, 2).make().root, false).cause, Cause::unknown);
  build.write(1, build.original(1));
  EXPECT_EQ(explain_one(build, 1, root, false).cause, Cause::unknown);
}

TEST(Explain, WithNeitherTreeNorKernelItCannotBeAsked) {
  const Build build(1);
  expect_error(explain(build.modules(), {}, {}), ErrorKind::usage);
}

TEST(Explain, WhatCannotBeReadIsAnErrorWithItsPath) {
  const Build build(3);
  build.seal();
  std::filesystem::remove(build.path(0));
  build.write(1, bytes_of("\x1f\x8b\x08 compressed"));
  const auto report =
      value_of(explain(build.modules(), {.kernel_root = {}, .tree = build.tree_path()}, {}));
  ASSERT_EQ(report.errors.size(), 2U);
  EXPECT_EQ(report.errors[0].path, build.path(0));
  EXPECT_EQ(report.errors[1].path, build.path(1));
  EXPECT_EQ(report.modules.size(), 1U);
}

TEST(Explain, ARequestToStopEndsIt) {
  const Build build(2);
  build.seal();
  Cancel cancel;
  cancel.request();
  expect_error(
      explain(build.modules(), {.kernel_root = {}, .tree = build.tree_path()}, {.cancel = &cancel}),
      ErrorKind::interrupted);
}

TEST(Explain, EveryBitFlipHasACauseAndAnAdvice) {
  const Build build(2);
  build.seal();
  const ByteVector sealed = build.contents(1);
  for (std::size_t i = 0; i < sealed.size(); ++i) {
    ByteVector changed = sealed;
    changed[i] ^= static_cast<std::uint8_t>(1U << (i % 8));
    build.write(1, changed);
    const Explanation result = explain_one(build, 1);
    ASSERT_NE(result.cause, Cause::none) << i;
    ASSERT_NE(result.cause, Cause::unknown) << i;
    ASSERT_FALSE(result.advice.empty()) << i;
  }
}

TEST(Cause, NamesAreDifferent) {
  std::set<std::string_view> names;
  for (int cause = 0; cause <= static_cast<int>(Cause::unknown); ++cause) {
    EXPECT_TRUE(names.insert(name_of(static_cast<Cause>(cause))).second);
  }
}

}  // namespace
}  // namespace modproof::test
