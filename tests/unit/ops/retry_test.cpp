// SPDX-License-Identifier: LGPL-2.1-or-later
// What changed meanwhile is tried three times; what the system refused as long as others succeed.
#include "ops/retry.h"

#include <functional>

#include <gtest/gtest.h>

#include "support/expect.h"

namespace modproof::test {
namespace {

using Outcome = std::function<ModuleChange(const ModuleFile& module, int pass)>;

class RetryTest : public testing::Test {
 protected:
  static ModuleChange attached() { return {.change = Change::attached}; }
  static ModuleChange failed(ErrorKind kind) {
    return {.change = Change::failed,
            .error = Error{.kind = kind, .message = "no", .path = {}, .offset = {}}};
  }

  /// Runs retry() on modules of these names; `outcome` says what becomes of each.
  std::vector<ModuleChange> run(const std::vector<std::string>& names, const Outcome& outcome) {
    std::vector<ModuleFile> modules;
    for (const std::string& name : names) {
      modules.push_back({.path = name, .name = name});
    }
    return value_of(retry(modules, [&](const auto& pass) -> Result<std::vector<ModuleChange>> {
      std::vector<ModuleChange> changes;
      for (const ModuleFile& module : pass) {
        changes.push_back(outcome(module, passes_));
      }
      sizes_.push_back(pass.size());
      ++passes_;
      return changes;
    }));
  }

  int passes_ = 0;
  std::vector<std::size_t> sizes_;  // of the passes
};

TEST_F(RetryTest, WhatSucceedsIsDoneOnce) {
  run({"a", "b"}, [](const ModuleFile&, int) { return attached(); });
  EXPECT_EQ(sizes_, (std::vector<std::size_t>{2}));
}

TEST_F(RetryTest, WhatAlwaysChangesIsTriedThreeTimes) {
  const auto changes = run({"a", "b"}, [](const ModuleFile& module, int) {
    return module.name == "a" ? failed(ErrorKind::changed) : attached();
  });
  EXPECT_EQ(sizes_, (std::vector<std::size_t>{2, 1, 1}));
  EXPECT_EQ(changes[0].change, Change::failed);
  EXPECT_EQ(changes[1].change, Change::attached);
}

TEST_F(RetryTest, AFullDiskIsTriedAsLongAsSomethingSucceeds) {
  // One more module finds space in each pass.
  const auto changes = run({"0", "1", "2", "3", "4"}, [](const ModuleFile& module, int pass) {
    return module.name[0] - '0' <= pass ? attached() : failed(ErrorKind::io);
  });
  EXPECT_EQ(sizes_, (std::vector<std::size_t>{5, 4, 3, 2, 1}));
  for (const ModuleChange& change : changes) {
    EXPECT_EQ(change.change, Change::attached);
  }
}

TEST_F(RetryTest, WhatTheSystemRefusesForGoodIsTriedOnceMore) {
  run({"a", "b"}, [](const ModuleFile& module, int) {
    return module.name == "a" ? failed(ErrorKind::io) : attached();
  });
  EXPECT_EQ(sizes_, (std::vector<std::size_t>{2, 1}));
  sizes_.clear();
  run({"a", "b"}, [](const ModuleFile&, int) { return failed(ErrorKind::io); });
  EXPECT_EQ(sizes_, (std::vector<std::size_t>{2}));
}

TEST_F(RetryTest, WhatIsMalformedIsNotTriedAgain) {
  run({"a", "b"}, [](const ModuleFile& module, int) {
    return module.name == "a" ? failed(ErrorKind::malformed) : attached();
  });
  EXPECT_EQ(sizes_, (std::vector<std::size_t>{2}));
}

}  // namespace
}  // namespace modproof::test
