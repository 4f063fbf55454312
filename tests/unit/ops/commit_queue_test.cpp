// SPDX-License-Identifier: LGPL-2.1-or-later
// Without waiting for the disk each replacement is in place at once; with it, whole batches are,
// that end with a number of files or of bytes, and the rest when the queue is finished.
#include "ops/commit_queue.h"

#include <map>
#include <string>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "support/bytes.h"
#include "support/expect.h"
#include "support/folder.h"

namespace modproof::test {
namespace {

class CommitQueueTest : public testing::Test {
 protected:
  /// A complete replacement of `name`, which need not exist, with `size` bytes.
  [[nodiscard]] Replacement replacement(const std::string& name, std::size_t size = 1) const {
    Replacement made = value_of(Replacement::create(folder_ / name));
    value_of(made.append(ByteVector(size)));
    value_of(made.close());
    return made;
  }

  [[nodiscard]] CommitQueue queue(bool sync) {
    return {sync, [this](std::size_t index, Status status) { done_[index] = bool{status}; }};
  }

  Folder folder_;
  std::map<std::size_t, bool> done_;  // what the queue told: index, in place or not
};

TEST_F(CommitQueueTest, WithoutSyncEachIsInPlaceAtOnce) {
  CommitQueue queue = this->queue(false);
  queue.add(7, replacement("f"));
  EXPECT_EQ(done_, (std::map<std::size_t, bool>{{7, true}}));
  EXPECT_EQ(folder_.names(), std::set<std::string>{"f"});
  value_of(queue.finish());
}

TEST_F(CommitQueueTest, WithSyncTheLastOnesWaitForTheEnd) {
  CommitQueue queue = this->queue(true);
  queue.add(0, replacement("a"));
  queue.add(1, replacement("b"));
  EXPECT_TRUE(done_.empty());
  EXPECT_FALSE(folder_.names().contains("a"));
  value_of(queue.finish());
  EXPECT_EQ(done_, (std::map<std::size_t, bool>{{0, true}, {1, true}}));
  EXPECT_EQ(folder_.names(), (std::set<std::string>{"a", "b"}));
}

TEST_F(CommitQueueTest, ABatchEndsWithItsNumberOfFiles) {
  CommitQueue queue = this->queue(true);
  std::size_t count = 0;
  while (done_.empty() && count < 5000) {
    queue.add(count, replacement(fmt::format("f{}", count)));
    ++count;
  }
  EXPECT_EQ(done_.size(), 512U);
  EXPECT_EQ(count, 512U);
}

TEST_F(CommitQueueTest, ABatchEndsWithItsNumberOfBytes) {
  CommitQueue queue = this->queue(true);
  queue.add(0, replacement("small"));
  queue.add(1, replacement("large", std::size_t{64} << 20U));
  EXPECT_EQ(done_.size(), 2U);
  queue.add(2, replacement("next"));
  EXPECT_EQ(done_.size(), 2U) << "the bytes of the last batch do not count again";
  value_of(queue.finish());
  EXPECT_EQ(done_.size(), 3U);
}

TEST_F(CommitQueueTest, WhatCannotBePutInPlaceIsToldAndTheOthersAre) {
  for (const bool sync : {false, true}) {
    done_.clear();
    CommitQueue queue = this->queue(sync);
    const std::string name = sync ? "gone-synced" : "gone";
    Replacement gone = replacement(name);
    ASSERT_EQ(::unlink(gone.temporary_path().c_str()), 0);
    queue.add(0, std::move(gone));
    queue.add(1, replacement(name + "-other"));
    value_of(queue.finish());
    EXPECT_EQ(done_, (std::map<std::size_t, bool>{{0, false}, {1, true}}));
    EXPECT_FALSE(folder_.names().contains(name));
    EXPECT_TRUE(folder_.names().contains(name + "-other"));
  }
}

}  // namespace
}  // namespace modproof::test
