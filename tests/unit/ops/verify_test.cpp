// SPDX-License-Identifier: LGPL-2.1-or-later
// verify: every reason for a refusal, and that not one bit of a module can change unnoticed.
#include "modproof/ops/verify.h"

#include <filesystem>
#include <set>
#include <string>

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "modproof/merkle/tree.h"

#include "support/build.h"

namespace modproof::test {
namespace {

/// Module `i` as it is without its trailer, with `proof` behind it.
void give_proof(const Build& build, std::size_t i, const Proof& proof) {
  build.write(i, concat({build.original(i), encode_trailer(proof)}));
}

Proof proof_of(const Build& build, std::size_t i) {
  const ByteVector bytes = build.contents(i);
  return value_of(parse_trailer(bytes, bytes.size())).proof;
}

TEST(Verify, SealedModulesAreAccepted) {
  for (const std::size_t count : {1U, 2U, 3U, 9U}) {
    const Build build(count);
    const Root root = build.seal();
    for (const std::string& tree : {std::string(), build.tree_path()}) {
      const auto report =
          value_of(verify(build.modules(), {.root = root, .tree = tree}, {.jobs = 2}));
      ASSERT_EQ(report.verdicts.size(), count);
      EXPECT_TRUE(report.errors.empty());
      for (std::size_t i = 0; i < count; ++i) {
        EXPECT_EQ(report.verdicts[i].reason, Reason::accepted);
        EXPECT_EQ(report.verdicts[i].name, build.modules()[i].name);
        EXPECT_EQ(report.verdicts[i].position, i);
        EXPECT_EQ(report.verdicts[i].leads_to, root);
        EXPECT_TRUE(report.verdicts[i].detail.empty());
      }
    }
  }
}

TEST(Verify, WithoutATrailer) {
  const Build build(2);
  const Root root = build.seal();
  build.write(0, build.original(0));
  EXPECT_EQ(build.verdict(0, root).reason, Reason::no_trailer);
  build.write(0, {});
  EXPECT_EQ(build.verdict(0, root).reason, Reason::no_trailer);
}

TEST(Verify, WithAnotherSignature) {
  const Build build(2);
  const Root root = build.seal();
  for (const int type : {0, 1, 2, 4, 255}) {
    ByteVector descriptor(12);
    descriptor[2] = static_cast<std::uint8_t>(type);
    build.write(0, concat({build.original(0), descriptor, bytes_of(kTrailerMarker)}));
    EXPECT_EQ(build.verdict(0, root).reason, Reason::other_signature) << type;
  }
}

TEST(Verify, WithAMalformedTrailer) {
  const Build build(2);
  const Root root = build.seal();
  ByteVector bytes = build.contents(0);
  bytes[bytes.size() - 40 + 5] = 1;
  build.write(0, bytes);
  const Verdict verdict = build.verdict(0, root);
  EXPECT_EQ(verdict.reason, Reason::malformed_trailer);
  EXPECT_EQ(verdict.offset, bytes.size() - 40 + 5);
  EXPECT_FALSE(verdict.detail.empty());
}

TEST(Verify, WithTwoProofs) {
  const Build build(2);
  const Root root = build.seal();
  build.write(0, concat({build.contents(0), encode_trailer(proof_of(build, 0))}));
  EXPECT_EQ(build.verdict(0, root).reason, Reason::malformed_trailer);
}

TEST(Verify, WithBytesBehindTheProof) {
  const Build build(2);
  const Root root = build.seal();
  build.write(0, concat({build.contents(0), ByteVector{'\n'}}));
  EXPECT_EQ(build.verdict(0, root).reason, Reason::no_trailer);
}

TEST(Verify, WithAProofOfAnotherLength) {
  const Build build(5);
  const Root root = build.seal();
  Proof proof = proof_of(build, 0);
  proof.siblings.pop_back();
  give_proof(build, 0, proof);
  EXPECT_EQ(build.verdict(0, root).reason, Reason::proof_length);
  proof.siblings.resize(4);
  give_proof(build, 0, proof);
  EXPECT_EQ(build.verdict(0, root).reason, Reason::proof_length);
}

TEST(Verify, WithAPositionOutsideTheTree) {
  const Build build(5);
  const Root root = build.seal();
  Proof proof = proof_of(build, 0);
  for (const std::uint32_t position : {8U, 0x80000000U, 0xFFFFFFFFU}) {
    proof.position = position;
    give_proof(build, 0, proof);
    EXPECT_EQ(build.verdict(0, root, true).reason, Reason::position_outside);
    EXPECT_EQ(build.verdict(0, root, false).reason, Reason::position_outside);
  }
  // Between the last leaf and the width of the tree only the tree file tells.
  for (const std::uint32_t position : {5U, 6U, 7U}) {
    proof.position = position;
    give_proof(build, 0, proof);
    EXPECT_EQ(build.verdict(0, root, true).reason, Reason::position_outside);
    EXPECT_EQ(build.verdict(0, root, false).reason, Reason::other_root);
  }
}

TEST(Verify, WithAnotherPayload) {
  const Build build(5);
  const Root root = build.seal();
  ByteVector bytes = build.contents(3);
  bytes[70] ^= 1;
  build.write(3, bytes);
  const Verdict verdict = build.verdict(3, root);
  EXPECT_EQ(verdict.reason, Reason::payload_changed);
  EXPECT_EQ(verdict.position, 3U);
  ASSERT_TRUE(verdict.leads_to.has_value());
  EXPECT_NE(verdict.leads_to, root);
  EXPECT_EQ(build.verdict(3, root, false).reason, Reason::other_root);
}

TEST(Verify, WithTheProofOfAnotherModule) {
  const Build build(5);
  const Root root = build.seal();
  give_proof(build, 3, proof_of(build, 1));
  const Verdict verdict = build.verdict(3, root);
  EXPECT_EQ(verdict.reason, Reason::payload_changed);
  EXPECT_NE(verdict.detail.find("m1"), std::string::npos) << verdict.detail;
}

TEST(Verify, WithAnAlteredProofTheLevelIsNamed) {
  const Build build(5);
  const Root root = build.seal();
  const Proof right = proof_of(build, 2);
  for (std::uint32_t level = 0; level < 3; ++level) {
    Proof proof = right;
    proof.siblings[level][31] ^= 0x80;
    give_proof(build, 2, proof);
    const Verdict verdict = build.verdict(2, root);
    EXPECT_EQ(verdict.reason, Reason::proof_altered);
    EXPECT_EQ(verdict.level, level);
  }
}

TEST(Verify, WithAnAlteredPosition) {
  const Build build(5);
  const Root root = build.seal();
  Proof proof = proof_of(build, 2);
  proof.position = 3;
  give_proof(build, 2, proof);
  EXPECT_EQ(build.verdict(2, root).reason, Reason::proof_altered);
}

TEST(Verify, OfAnotherBuild) {
  const Build build(5);
  const Build other(5, 2);
  const Root root = build.seal();
  const Root other_root = other.seal();
  build.write(1, other.contents(1));
  const Verdict verdict = build.verdict(1, root);
  EXPECT_EQ(verdict.reason, Reason::other_root);
  EXPECT_EQ(verdict.leads_to, other_root);
}

TEST(Verify, AgainstAnotherKernel) {
  const Build build(5);
  const Build other(5, 2);
  const Root root = build.seal();
  const Root other_root = other.seal();
  const Verdict verdict = build.verdict(1, other_root);
  EXPECT_EQ(verdict.reason, Reason::other_root);
  EXPECT_EQ(verdict.leads_to, root);
  EXPECT_NE(verdict.detail.find("root of the tree file"), std::string::npos) << verdict.detail;
}

TEST(Verify, AgainstAKernelWithoutModules) {
  const Build build(2);
  build.seal();
  EXPECT_EQ(build.verdict(0, Root{}).reason, Reason::proof_length);
}

TEST(Verify, WhatIsNotInTheTree) {
  const Build build(5);
  const Build other(5, 2);
  const Root root = build.seal();
  other.seal();
  const std::vector<ModuleFile> foreign{
      {build.folder().write("foreign.ko", other.contents(0)), "foreign"}};
  const auto report =
      value_of(verify(foreign, {.root = root, .tree = build.tree_path()}, {.jobs = 1}));
  EXPECT_EQ(report.verdicts.at(0).reason, Reason::not_in_tree);
}

TEST(Verify, WhatIsNotInTheTreeWhateverItsPosition) {
  const Build build(5);
  const Build other(8, 2);
  const Root root = build.seal();
  other.seal();  // of as many levels, but with leaves where the first has none
  const std::vector<ModuleFile> foreign{
      {build.folder().write("foreign.ko", other.contents(7)), "foreign"}};
  const auto report =
      value_of(verify(foreign, {.root = root, .tree = build.tree_path()}, {.jobs = 1}));
  EXPECT_EQ(report.verdicts.at(0).reason, Reason::not_in_tree);
}

TEST(Verify, WhatIsMissingComesLastInTheOrderOfTheTree) {
  const Build build(5);
  const Root root = build.seal();
  const std::vector<ModuleFile> some{build.modules()[3], build.modules()[1]};
  const auto report =
      value_of(verify(some, {.root = root, .tree = build.tree_path(), .report_missing = true}, {}));
  ASSERT_EQ(report.verdicts.size(), 5U);
  EXPECT_EQ(report.verdicts[0].name, "m3");
  EXPECT_EQ(report.verdicts[1].name, "m1");
  const char* missing[] = {"m0", "m2", "m4"};
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(report.verdicts[2 + i].name, missing[i]);
    EXPECT_EQ(report.verdicts[2 + i].reason, Reason::missing);
    EXPECT_TRUE(report.verdicts[2 + i].path.empty());
  }
  EXPECT_EQ(value_of(verify(some, {.root = root, .tree = build.tree_path()}, {})).verdicts.size(),
            2U);
}

TEST(Verify, WhatCannotBeReadIsAnErrorAndNoVerdict) {
  const Build build(6);
  const Root root = build.seal();
  std::filesystem::remove(build.path(0));
  std::filesystem::remove(build.path(2));
  std::filesystem::create_directory(build.path(2));
  std::filesystem::remove(build.path(3));
  ASSERT_EQ(::mkfifo(build.path(3).c_str(), 0600), 0);
  build.write(4, bytes_of("\x1f\x8b\x08 compressed"));
  for (const unsigned jobs : {1U, 4U}) {
    const auto report = value_of(verify(build.modules(), {.root = root}, {.jobs = jobs}));
    ASSERT_EQ(report.errors.size(), 4U);
    const std::size_t broken[] = {0, 2, 3, 4};
    for (std::size_t i = 0; i < 4; ++i) {
      EXPECT_EQ(report.errors[i].path, build.path(broken[i]));
    }
    ASSERT_EQ(report.verdicts.size(), 2U);
    EXPECT_EQ(report.verdicts[0].name, "m1");
    EXPECT_EQ(report.verdicts[1].name, "m5");
  }
}

TEST(Verify, TheOrderOfVerdictsDoesNotDependOnThreads) {
  const Build build(90);
  const Root root = build.seal();
  for (std::size_t i = 0; i < 90; i += 7) {
    build.write(i, build.original(i));
  }
  const auto names_with = [&](unsigned jobs) {
    std::string all;
    for (const Verdict& verdict :
         value_of(verify(build.modules(), {.root = root}, {.jobs = jobs})).verdicts) {
      all += verdict.name + " " + std::string(name_of(verdict.reason)) + "\n";
    }
    return all;
  };
  const std::string one = names_with(1);
  EXPECT_EQ(names_with(2), one);
  EXPECT_EQ(names_with(16), one);
}

TEST(Verify, ATreeFileThatIsBrokenIsAnError) {
  const Build build(2);
  const Root root = build.seal();
  write_bytes(build.tree_path(), bytes_of("MODPROOF"));
  expect_error(verify(build.modules(), {.root = root, .tree = build.tree_path()}, {}),
               ErrorKind::malformed);
}

TEST(Verify, WithoutARootThatOfTheTreeFileCounts) {
  const Build build(3);
  const Root root = build.seal();
  const auto report =
      value_of(verify(build.modules(), {.root = {}, .tree = build.tree_path()}, {}));
  EXPECT_EQ(report.root, root);
  EXPECT_EQ(report.verdicts.at(2).reason, Reason::accepted);
  expect_error(verify(build.modules(), {}, {}), ErrorKind::usage);
}

TEST(Verify, ARequestToStopEndsIt) {
  const Build build(2);
  const Root root = build.seal();
  Cancel cancel;
  cancel.request();
  expect_error(verify(build.modules(), {.root = root}, {.cancel = &cancel}),
               ErrorKind::interrupted);
}

TEST(Verify, EverySingleBitFlipIsRefused) {
  const Build build(3);
  const Root root = build.seal();
  const ByteVector sealed = build.contents(1);
  for (std::size_t i = 0; i < sealed.size(); ++i) {
    for (unsigned bit = 0; bit < 8; ++bit) {
      ByteVector changed = sealed;
      changed[i] ^= static_cast<std::uint8_t>(1U << bit);
      build.write(1, changed);
      const Verdict verdict = build.verdict(1, root, false);
      ASSERT_NE(verdict.reason, Reason::accepted) << "byte " << i << " bit " << bit;
      ASSERT_FALSE(verdict.detail.empty());
    }
  }
  build.write(1, sealed);
  EXPECT_EQ(build.verdict(1, root).reason, Reason::accepted);
}

TEST(Verify, CutOffAtAnyLengthItIsRefused) {
  const Build build(3);
  const Root root = build.seal();
  const ByteVector sealed = build.contents(1);
  for (std::size_t size = 0; size < sealed.size(); ++size) {
    build.write(1, Bytes(sealed).first(size));
    ASSERT_NE(build.verdict(1, root, false).reason, Reason::accepted) << size;
  }
}

TEST(Verify, WithAnyByteLessItIsRefused) {
  const Build build(3);
  const Root root = build.seal();
  const ByteVector sealed = build.contents(1);
  for (std::size_t i = 0; i < sealed.size(); ++i) {
    ByteVector changed = sealed;
    changed.erase(changed.begin() + static_cast<std::ptrdiff_t>(i));
    if (changed != sealed) {
      build.write(1, changed);
      ASSERT_NE(build.verdict(1, root, false).reason, Reason::accepted) << i;
    }
  }
}

TEST(Reason, NamesAreDifferent) {
  std::set<std::string_view> names;
  for (int reason = 0; reason <= static_cast<int>(Reason::missing); ++reason) {
    EXPECT_TRUE(names.insert(name_of(static_cast<Reason>(reason))).second);
  }
  EXPECT_FALSE(names.contains("unknown"));
}

}  // namespace
}  // namespace modproof::test
