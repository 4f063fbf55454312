// SPDX-License-Identifier: LGPL-2.1-or-later
// lint: for each rule a configuration in which it finds something, and one beside it in which not.
#include "modproof/ops/lint.h"

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "ops/lint/input.h"
#include "support/bytes.h"
#include "support/expect.h"
#include "support/folder.h"

namespace modproof::test {
namespace {

/// A configuration in which nothing is found.
const std::string kGood =
    "CONFIG_MODULES=y\n"
    "CONFIG_MODULE_HASHES=y\n"
    "CONFIG_MODULE_HASHES_STRIPPED=y\n"
    "CONFIG_MODULE_SIG_FORCE=y\n";

/// `id:severity:line` of what is found in `text`.
std::vector<std::string> found(const std::string& text) {
  const Folder folder;
  std::vector<std::string> found;
  for (const LintFinding& finding :
       value_of(lint(folder.write("config", bytes_of(text)))).findings) {
    EXPECT_FALSE(finding.reason.empty() || finding.fix.empty()) << finding.id;
    found.push_back(std::string(finding.id) + ":" + name_of(finding.severity) + ":" +
                    std::to_string(finding.line));
  }
  return found;
}

using Found = std::vector<std::string>;

TEST(Lint, NothingIsFoundInAGoodConfiguration) {
  EXPECT_EQ(found(kGood), Found{});
  // What depends on nothing but source and configuration.
  EXPECT_EQ(found(kGood + "CONFIG_BUILD_SALT=\"7.3-1\"\nCONFIG_IKCONFIG=y\nCONFIG_MODVERSIONS=y\n"
                          "CONFIG_MODULE_SRCVERSION_ALL=y\nCONFIG_MODULE_COMPRESS=y\n"),
            Found{});
}

TEST(Lint, EachRuleAboutTheConfiguration) {
  const struct {
    std::string lines;
    Found found;
  } cases[] = {
      {"CONFIG_MODULE_SIG_ALL=y\n", {"sign-all-with-hashes:error:5"}},
      {"CONFIG_MODULE_SIG=y\nCONFIG_MODULE_SIG_KEY=\"certs/signing_key.pem\"\n",
       {"throw-away-key:error:6"}},
      {"CONFIG_IMA_APPRAISE_MODSIG=y\nCONFIG_MODULE_SIG_KEY=\"certs/signing_key.pem\"\n",
       {"throw-away-key:error:6"}},
      {"CONFIG_MODULE_SIG_KEY=\"certs/signing_key.pem\"\n", {}},
      {"CONFIG_MODULE_SIG=y\nCONFIG_MODULE_SIG_KEY=\"\"\n", {}},
      {"CONFIG_MODULE_SIG=y\nCONFIG_MODULE_SIG_KEY=\"pkcs11:token=a\"\n",
       {"signing-key-token:error:6"}},
      {"CONFIG_MODULE_SIG=y\nCONFIG_MODULE_SIG_KEY=\"/etc/key.pem\"\n",
       {"signing-key-file:warning:6"}},
      {"CONFIG_SYSTEM_TRUSTED_KEYS=\"a.pem\"\nCONFIG_SYSTEM_REVOCATION_KEYS=\"b.pem\"\n",
       {"trusted-files:warning:5", "trusted-files:warning:6"}},
      {"CONFIG_SYSTEM_TRUSTED_KEYS=\"\"\nCONFIG_SYSTEM_REVOCATION_KEYS=\"\"\n", {}},
      {"CONFIG_LOCALVERSION_AUTO=y\n", {"release-from-git:warning:5"}},
      {"# CONFIG_LOCALVERSION_AUTO is not set\n", {}},
      {"CONFIG_RANDSTRUCT=y\nCONFIG_RANDSTRUCT_FULL=y\n", {"randstruct-seed:error:6"}},
      {"CONFIG_RANDSTRUCT_PERFORMANCE=y\n", {"randstruct-seed:error:5"}},
      {"CONFIG_GCC_PLUGIN_RANDSTRUCT=y\n", {"randstruct-seed:error:5"}},
      {"CONFIG_RANDSTRUCT_NONE=y\n", {}},
      {"CONFIG_GCC_PLUGIN_LATENT_ENTROPY=y\n", {"latent-entropy:error:5"}},
      {"CONFIG_DEBUG_INFO=y\n", {"debug-info-paths:warning:5"}},
      {"CONFIG_DEBUG_INFO_NONE=y\n", {}},
      {"CONFIG_DEBUG_EFI=y\n", {"debug-efi-path:error:5"}},
      {"# CONFIG_DEBUG_EFI is not set\n", {}},
      {"CONFIG_DEBUG_INFO_BTF=y\nCONFIG_PAHOLE_VERSION=121\n", {}},
      {"CONFIG_DEBUG_INFO_BTF=y\nCONFIG_PAHOLE_VERSION=122\n", {"btf-order:warning:6"}},
      {"CONFIG_DEBUG_INFO_BTF=y\nCONFIG_PAHOLE_VERSION=128\n", {"btf-order:warning:6"}},
      {"CONFIG_DEBUG_INFO_BTF=y\nCONFIG_PAHOLE_VERSION=129\n", {}},
      {"CONFIG_PAHOLE_VERSION=125\n", {}},
      {"CONFIG_IKHEADERS=y\n", {"kheaders-times:warning:5"}},
      {"CONFIG_IKHEADERS=m\n", {"kheaders-times:warning:5"}},
      {"CONFIG_GCOV_KERNEL=y\n", {"gcov-paths:warning:5"}},
      {"CONFIG_INITRAMFS_SOURCE=\"root\"\n", {"initramfs-source:warning:5"}},
      {"CONFIG_INITRAMFS_SOURCE=\"\"\n", {}},
      {"CONFIG_A=y\nCONFIG_A=y\n", {"set-twice:warning:6"}},
  };
  for (const auto& one : cases) {
    EXPECT_EQ(found(kGood + one.lines), one.found) << one.lines;
  }
}

TEST(Lint, TheAdviceIsWhatTheKernelBuildHeeds) {
  const Folder folder;
  const auto fix_of = [&](const std::string& lines) {
    return value_of(lint(folder.write("config", bytes_of(kGood + lines)))).findings.at(0).fix;
  };
  // kbuild overwrites a seed that is there before the first make (scripts/basic/Makefile of 7.3),
  // and did not do so as long as the plugin made it.
  EXPECT_NE(fix_of("CONFIG_RANDSTRUCT_FULL=y\n").find("scripts/gen-randstruct-seed.sh"),
            std::string::npos);
  EXPECT_NE(fix_of("CONFIG_GCC_PLUGIN_RANDSTRUCT=y\n").find("randomize_layout_seed.h"),
            std::string::npos);
}

TEST(Lint, AKernelWithoutHashes) {
  EXPECT_EQ(found("CONFIG_MODULES=y\n"), Found{"no-module-hashes:error:0"});
  EXPECT_EQ(found("CONFIG_MODULES=y\n# CONFIG_MODULE_HASHES is not set\n"),
            Found{"no-module-hashes:error:2"});
  EXPECT_EQ(found("# CONFIG_MODULES is not set\n"), Found{});
}

// With hashes the defaults are no key and no signatures (kernel/series); without them a key that
// the build makes, and signatures by it. Debian's /boot/config mentions neither symbol.
TEST(Lint, ASymbolThatIsNotMentionedHasItsDefault) {
  EXPECT_EQ(found(kGood + "CONFIG_MODULE_SIG=y\n"), Found{});
  EXPECT_EQ(found(kGood + "CONFIG_IMA_APPRAISE_MODSIG=y\n"), Found{});
  const std::string none = "CONFIG_MODULES=y\n# CONFIG_MODULE_HASHES is not set\n";
  EXPECT_EQ(found(none), Found{"no-module-hashes:error:2"});
  EXPECT_EQ(found(none + "CONFIG_MODULE_SIG=y\n"),
            (Found{"no-module-hashes:error:2", "throw-away-key:error:3"}));
  EXPECT_EQ(found(none + "# CONFIG_MODULE_SIG is not set\nCONFIG_IMA_APPRAISE_MODSIG=y\n"),
            (Found{"no-module-hashes:error:2", "throw-away-key:error:4"}));
  EXPECT_EQ(found(none + "CONFIG_MODULE_SIG=y\nCONFIG_MODULE_SIG_KEY=\"\"\n"),
            Found{"no-module-hashes:error:2"});
  EXPECT_EQ(found(none + "CONFIG_MODULE_SIG=y\nCONFIG_MODULE_SIG_KEY=\"key.pem\"\n"),
            (Found{"no-module-hashes:error:2", "signing-key-file:error:4"}));
  EXPECT_EQ(found(none + "CONFIG_MODULE_SIG=y\nCONFIG_MODULE_SIG_KEY=\"key.pem\"\n"
                         "# CONFIG_MODULE_SIG_ALL is not set\n"),
            (Found{"no-module-hashes:error:2", "signing-key-file:warning:4"}));
}

TEST(Lint, AKeyForAllModulesIsAnError) {
  EXPECT_EQ(found("CONFIG_MODULES=y\nCONFIG_MODULE_SIG=y\nCONFIG_MODULE_SIG_ALL=y\n"
                  "CONFIG_MODULE_SIG_KEY=\"key.pem\"\n"),
            (Found{"no-module-hashes:error:0", "signing-key-file:error:4"}));
}

TEST(Lint, HashesAreEnforcedByForceOrByLockdown) {
  const std::string open =
      "CONFIG_MODULES=y\nCONFIG_MODULE_HASHES=y\nCONFIG_MODULE_HASHES_STRIPPED=y\n";
  EXPECT_EQ(found(open), Found{"hashes-not-enforced:warning:2"});
  EXPECT_EQ(found(open + "# CONFIG_MODULE_SIG_FORCE is not set\n"),
            Found{"hashes-not-enforced:warning:4"});
  EXPECT_EQ(found(open + "CONFIG_LOCK_DOWN_KERNEL_FORCE_INTEGRITY=y\n"), Found{});
  EXPECT_EQ(found(open + "CONFIG_LOCK_DOWN_KERNEL_FORCE_CONFIDENTIALITY=y\n"), Found{});
}

TEST(Lint, TheStrippedFormIsPartOfTheTree) {
  EXPECT_EQ(found("CONFIG_MODULES=y\nCONFIG_MODULE_HASHES=y\nCONFIG_MODULE_SIG_FORCE=y\n"),
            Found{"stripped-form-missing:warning:2"});
}

TEST(Lint, FindingsAreInTheOrderOfTheFile) {
  EXPECT_EQ(found("CONFIG_DEBUG_INFO=y\nCONFIG_LOCALVERSION_AUTO=y\n" + kGood),
            (Found{"debug-info-paths:warning:1", "release-from-git:warning:2"}));
}

TEST(Lint, RulesHaveNamesOfTheirOwn) {
  std::set<std::string_view> ids;
  for (const LintRule& rule : lint_rules()) {
    EXPECT_TRUE(ids.insert(rule.id).second) << rule.id;
    EXPECT_FALSE(rule.summary.empty());
    EXPECT_EQ(rule.id.find_first_not_of("abcdefghijklmnopqrstuvwxyz-"), std::string_view::npos);
  }
}

TEST(Lint, ARuleCanBeLeftOut) {
  const Folder folder;
  const std::string config = folder.write("config", bytes_of(kGood + "CONFIG_DEBUG_INFO=y\n"));
  EXPECT_TRUE(value_of(lint(config, {.allow = {"debug-info-paths"}})).findings.empty());
  expect_error(lint(config, {.allow = {"no-such-rule"}}), ErrorKind::usage);
}

TEST(Lint, Errors) {
  const Folder folder;
  expect_error(lint(folder / "missing"), ErrorKind::io);
  const std::string bad = folder.write("bad", bytes_of("CONFIG_A=y\nB\n"));
  const Error error = error_of(lint(bad));
  EXPECT_EQ(error.kind, ErrorKind::malformed);
  EXPECT_EQ(error.path, bad);
  EXPECT_EQ(error.offset, 11U);
  const std::string good = folder.write("good", bytes_of(kGood));
  expect_error(lint(good, {.build_tree = folder / "missing"}), ErrorKind::missing);
  expect_error(lint(good, {.build_tree = folder.path()}), ErrorKind::missing);
}

/// A build tree with kGood in it.
class Tree {
 public:
  Tree() { add(".config", kGood); }
  void add(const std::string& name, const std::string& text) {
    folder_.write("tree/" + name, bytes_of(text));
  }
  [[nodiscard]] std::string path() const { return folder_ / "tree"; }
  [[nodiscard]] LintReport report(const std::string& more = "") const {
    return value_of(lint(folder_.write("config", bytes_of(kGood + more)), {.build_tree = path()}));
  }

 private:
  Folder folder_;
};

TEST(LintTree, NothingIsFoundBeforeTheFirstBuild) {
  const LintReport report = Tree().report();
  EXPECT_TRUE(report.findings.empty());
  EXPECT_EQ(report.record, BuildRecord{});
}

TEST(LintTree, AConfigurationThatWasBuiltIsNotStale) {
  Tree tree;
  tree.add("include/config/auto.conf",
           kGood + "CONFIG_X=-a\"b\nCONFIG_Y=\"-a\\\"b\"\nCONFIG_Z=7\n");
  EXPECT_TRUE(tree.report("CONFIG_X=\"-a\\\"b\"\nCONFIG_Y=\"-a\\\"b\"\nCONFIG_Z=7\n"
                          "# CONFIG_N is not set\n")
                  .findings.empty());
}

TEST(LintTree, AStaleConfiguration) {
  Tree tree;
  tree.add("include/config/auto.conf", kGood + "CONFIG_X=y\n");
  for (const std::string more :
       {"", "CONFIG_X=m\n", "# CONFIG_X is not set\n", "CONFIG_X=y\nCONFIG_Y=y\n"}) {
    const LintReport report = tree.report(more);
    ASSERT_EQ(report.findings.size(), 1U) << more;
    EXPECT_EQ(report.findings[0].id, "stale-config");
    EXPECT_EQ(report.findings[0].path, tree.path() + "/include/config/auto.conf");
  }
}

TEST(LintTree, TheSeedOfStructures) {
  Tree tree;
  tree.add("scripts/basic/randstruct.seed", "00ff\n");
  const LintReport report = tree.report("CONFIG_RANDSTRUCT_FULL=y\n");
  ASSERT_EQ(report.findings.size(), 1U);
  EXPECT_EQ(report.findings[0].severity, Severity::warning);
  EXPECT_EQ(report.findings[0].path, tree.path() + "/scripts/basic/randstruct.seed");
  EXPECT_EQ(Tree().report("CONFIG_RANDSTRUCT_FULL=y\n").count(Severity::error), 1U);
}

TEST(LintTree, WhatTheKernelSaysOfItsBuild) {
  Tree tree;
  tree.add("include/generated/utsversion.h",
           "#define UTS_VERSION \"#1 SMP PREEMPT_DYNAMIC Thu Jan  1 00:00:00 UTC 1970\"\n");
  tree.add("include/generated/compile.h",
           "#define UTS_MACHINE\t\t\"x86_64\"\n#define LINUX_COMPILE_BY\t\"me\"\n"
           "#define LINUX_COMPILE_HOST \"here\"\n");
  const LintReport report = tree.report();
  EXPECT_TRUE(report.findings.empty());
  EXPECT_EQ(report.record, (BuildRecord{.version = "1",
                                        .timestamp = "Thu Jan  1 00:00:00 UTC 1970",
                                        .user = "me",
                                        .host = "here"}));
}

TEST(LintTree, AKernelThatWasBuiltAgain) {
  Tree tree;
  tree.add("include/generated/compile.h", "#define UTS_VERSION \"#3 Thu Jan  1 1970\"\n");
  const LintReport report = tree.report();
  ASSERT_EQ(report.findings.size(), 1U);
  EXPECT_EQ(report.findings[0].id, "built-again");
  EXPECT_EQ(report.findings[0].path, tree.path() + "/include/generated/compile.h");
  EXPECT_EQ(report.record.timestamp, "Thu Jan  1 1970");
}

TEST(LintTree, VersionsOfAnyForm) {
  const auto read = [](std::string_view text) {
    BuildRecord record;
    read_uts_version(text, record);
    return record;
  };
  EXPECT_EQ(read(""), BuildRecord{});
  EXPECT_EQ(read("1 SMP"), BuildRecord{});
  EXPECT_EQ(read("#"), BuildRecord{});
  EXPECT_EQ(read("#7"), BuildRecord{.version = "7"});
  EXPECT_EQ(read("#7 SMP PREEMPT"), (BuildRecord{.version = "7"}));
  EXPECT_EQ(read("#1 SMP Debian 6.1"), (BuildRecord{.version = "1", .timestamp = "Debian 6.1"}));
  // What was cut off is not what was set.
  EXPECT_EQ(read("#1 SMP " + std::string(57, 'x')), (BuildRecord{.version = "1"}));
}

}  // namespace
}  // namespace modproof::test
