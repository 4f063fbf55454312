// SPDX-License-Identifier: LGPL-2.1-or-later
// Work spread over threads: each piece once, never more threads than allowed, nothing lost when a
// piece throws.
#include "base/crew.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <set>
#include <stdexcept>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "support/make_slots.h"

namespace modproof::test {
namespace {

/// Counts how many threads are inside at once.
class Gate {
 public:
  void enter() {
    const int now = ++inside_;
    int most = most_.load();
    while (now > most && !most_.compare_exchange_weak(most, now)) {
    }
  }
  void leave() { --inside_; }
  [[nodiscard]] int most() const { return most_.load(); }

  /// Waits until `count` threads have been inside at once; gives up after some seconds.
  void wait_for(int count) const {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (most_.load() < count && std::chrono::steady_clock::now() < end) {
      std::this_thread::yield();
    }
  }

 private:
  std::atomic<int> inside_{0};
  std::atomic<int> most_{0};
};

TEST(Crew, EachPieceIsDoneOnce) {
  for (const unsigned limit : {0U, 1U, 2U, 7U}) {
    for (const std::size_t count : {0U, 1U, 2U, 1000U}) {
      std::vector<std::atomic<int>> done(count);
      Crew(limit, nullptr).for_each(count, [&](std::size_t i) { ++done[i]; });
      EXPECT_TRUE(std::all_of(done.begin(), done.end(), [](const auto& n) { return n == 1; }))
          << limit << " threads, " << count << " pieces";
    }
  }
}

TEST(Crew, AsManyThreadsAsAllowedWorkAtOnce) {
  Gate gate;
  Crew(3, nullptr).for_each(3, [&](std::size_t) {
    gate.enter();
    gate.wait_for(3);
    gate.leave();
  });
  EXPECT_EQ(gate.most(), 3);
}

TEST(Crew, ThreadsThatEndAtOnceAreNotStartedAgain) {
  for (int round = 0; round < 200; ++round) {
    std::atomic<int> bodies{0};
    Crew(3, nullptr).run([&](Crew&) { ++bodies; });
    ASSERT_EQ(bodies, 3);
  }
}

TEST(Crew, AnExceptionPassesAndTheOthersEnd) {
  for (const unsigned limit : {1U, 4U}) {
    std::atomic<int> done{0};
    const auto run = [&] {
      Crew(limit, nullptr).for_each(100, [&](std::size_t i) {
        ++done;
        if (i == 5) {
          throw std::runtime_error("five");
        }
      });
    };
    EXPECT_THROW(run(), std::runtime_error);
    EXPECT_GE(done, 6);
  }
}

TEST(Crew, OfManyExceptionsOnePasses) {
  EXPECT_THROW(Crew(4, nullptr).for_each(50, [](std::size_t) { throw std::runtime_error("all"); }),
               std::runtime_error);
}

TEST(Crew, ItWorksAgainAfterAnException) {
  Crew crew(2, nullptr);
  EXPECT_THROW(crew.for_each(5, [](std::size_t) { throw std::runtime_error("once"); }),
               std::runtime_error);
  std::atomic<int> done{0};
  crew.for_each(5, [&](std::size_t) { ++done; });
  EXPECT_EQ(done, 5);
}

TEST(CrewUnderMake, WithoutATokenTheCallerWorksAlone) {
  const MakeSlots slots("");
  Jobserver server = Jobserver::from_makeflags(slots.makeflags());
  std::set<std::thread::id> threads;
  Crew(8, &server).for_each(100, [&](std::size_t) { threads.insert(std::this_thread::get_id()); });
  EXPECT_EQ(threads, std::set{std::this_thread::get_id()});
}

TEST(CrewUnderMake, ATokenIsAThreadAndGoesBack) {
  const MakeSlots slots("ab");
  Jobserver server = Jobserver::from_makeflags(slots.makeflags());
  Gate gate;
  Crew(8, &server).for_each(200, [&](std::size_t i) {
    gate.enter();
    if (i >= 2) {  // each piece of work lets one more thread join
      gate.wait_for(3);
    }
    gate.leave();
  });
  EXPECT_EQ(gate.most(), 3) << "this thread, and one for each token";
  std::string tokens = slots.tokens();
  std::sort(tokens.begin(), tokens.end());
  EXPECT_EQ(tokens, "ab");
}

TEST(CrewUnderMake, TheLimitHoldsWhateverMakeGrants) {
  const MakeSlots slots("abcdefgh");
  Jobserver server = Jobserver::from_makeflags(slots.makeflags());
  Gate gate;
  Crew(2, &server).for_each(300, [&](std::size_t) {
    gate.enter();
    std::this_thread::yield();
    gate.leave();
  });
  EXPECT_LE(gate.most(), 2);
  EXPECT_EQ(slots.tokens().size(), 8U);
}

TEST(CrewUnderMake, ATokenThatGetsFreeLaterIsUsed) {
  const MakeSlots slots("");
  Jobserver server = Jobserver::from_makeflags(slots.makeflags());
  Gate gate;
  Crew(8, &server).for_each(50, [&](std::size_t i) {
    if (i == 20) {
      slots.add("+");
    }
    gate.enter();
    if (i > 20) {
      gate.wait_for(2);
    }
    gate.leave();
  });
  EXPECT_EQ(gate.most(), 2);
  EXPECT_EQ(slots.tokens(), "+");
}

TEST(CrewUnderMake, TokensGoBackAfterExceptions) {
  const MakeSlots slots("abcd");
  Jobserver server = Jobserver::from_makeflags(slots.makeflags());
  for (int round = 0; round < 20; ++round) {
    EXPECT_THROW(Crew(8, &server)
                     .for_each(40, [](std::size_t) { throw std::runtime_error("in every piece"); }),
                 std::runtime_error);
  }
  EXPECT_EQ(slots.tokens().size(), 4U);
}

TEST(Crew, ThereIsAProcessor) { EXPECT_GE(available_processors(), 1U); }

}  // namespace
}  // namespace modproof::test
