// SPDX-License-Identifier: LGPL-2.1-or-later
// The client of make's jobserver: both forms, descriptors that are not what they should be, and
// every token given back.
#include "base/jobserver.h"

#include <array>
#include <string>
#include <vector>

#include <fcntl.h>
#include <fmt/core.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/folder.h"
#include "support/make_slots.h"

namespace modproof::test {
namespace {

TEST(Jobserver, WithoutMakeThereIsNone) {
  for (const char* flags :
       {"", " ", "k", "-j4", "rR --warn-undefined-variables", "--", "jobserver-auth=3,4",
        "-- X=--jobserver-auth=3,4", "-- --jobserver-auth=3,4"}) {
    EXPECT_FALSE(Jobserver::from_makeflags(flags).present()) << flags;
  }
}

TEST(Jobserver, TokensOfThePipeAreTakenAndGivenBack) {
  const MakeSlots slots("ab");
  Jobserver server = Jobserver::from_makeflags(slots.makeflags());
  ASSERT_TRUE(server.present());
  const auto first = server.acquire();
  const auto second = server.acquire();
  ASSERT_TRUE(first && second);
  EXPECT_FALSE(server.acquire().has_value()) << "acquire() never waits";
  server.release(*second);
  server.release(*first);
  EXPECT_EQ(slots.tokens(), "ba") << "the same bytes that were taken";
}

TEST(Jobserver, MakesOwnEndsOfThePipeStayBlocking) {
  const MakeSlots slots("a");
  const Jobserver server = Jobserver::from_makeflags(slots.makeflags());
  EXPECT_EQ(::fcntl(slots.read_end(), F_GETFL) & O_NONBLOCK, 0);
  EXPECT_EQ(::fcntl(slots.write_end(), F_GETFL) & O_NONBLOCK, 0);
}

TEST(Jobserver, MakesOwnEndsOfThePipeStayOpen) {
  const MakeSlots slots("a");
  {
    const Jobserver server = Jobserver::from_makeflags(slots.makeflags());
  }
  EXPECT_GE(::fcntl(slots.read_end(), F_GETFD), 0);
  EXPECT_EQ(slots.tokens(), "a");
}

TEST(Jobserver, TheFormOfOldMakeIsUnderstood) {
  const MakeSlots slots("a");
  Jobserver server = Jobserver::from_makeflags(
      fmt::format("w -j --jobserver-fds={},{}", slots.read_end(), slots.write_end()));
  EXPECT_TRUE(server.acquire().has_value());
}

TEST(Jobserver, TheLastOptionCounts) {
  const MakeSlots slots("a");
  Jobserver server = Jobserver::from_makeflags("--jobserver-auth=98,99 " + slots.makeflags());
  EXPECT_TRUE(server.acquire().has_value());
}

TEST(Jobserver, TokensOfTheFifoAreTakenAndGivenBack) {
  const Folder folder;
  const std::string path = folder / "fifo";
  ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
  const int make = ::open(path.c_str(), O_RDWR | O_NONBLOCK);
  ASSERT_EQ(::write(make, "xy", 2), 2);
  {
    Jobserver server = Jobserver::from_makeflags(" -j3 --jobserver-auth=fifo:" + path + " -- A=1");
    ASSERT_TRUE(server.present());
    const auto first = server.acquire();
    const auto second = server.acquire();
    ASSERT_TRUE(first && second);
    EXPECT_FALSE(server.acquire().has_value());
    server.release(*first);
    server.release(*second);
  }
  std::array<char, 4> left{};
  EXPECT_EQ(::read(make, left.data(), left.size()), 2);
  EXPECT_EQ(std::string(left.data()), "xy");
  ::close(make);
}

TEST(Jobserver, WhatIsNoFifoGivesNoTokens) {
  const Folder folder;
  const std::string file = folder.write("file", {});
  for (const std::string& path :
       {folder / "none", file, folder.path(), std::string("/dev/null"), std::string()}) {
    Jobserver server = Jobserver::from_makeflags("--jobserver-auth=fifo:" + path);
    EXPECT_TRUE(server.present()) << path;
    EXPECT_FALSE(server.acquire().has_value()) << path;
  }
  EXPECT_TRUE(read_bytes(file).empty());
}

TEST(Jobserver, ClosedDescriptorsGiveNoTokens) {
  std::string flags;
  {
    const MakeSlots slots("ab");
    flags = slots.makeflags();
  }
  Jobserver server = Jobserver::from_makeflags(flags);
  EXPECT_TRUE(server.present()) << "make is there and allows this process one job";
  EXPECT_FALSE(server.acquire().has_value());
}

TEST(Jobserver, DescriptorsOfAnotherKindGiveNoTokensAndAreLeftAlone) {
  const Folder folder;
  const std::string path = folder.write("file", {});
  const int file = ::open(path.c_str(), O_RDWR);
  ASSERT_GE(file, 0);
  Jobserver server = Jobserver::from_makeflags(fmt::format("--jobserver-auth={0},{0}", file));
  EXPECT_FALSE(server.acquire().has_value());
  ::close(file);
  EXPECT_TRUE(read_bytes(path).empty());
}

TEST(Jobserver, EndsTheWrongWayRoundGiveNoTokens) {
  const MakeSlots slots("ab");
  Jobserver server = Jobserver::from_makeflags(
      fmt::format("--jobserver-auth={},{}", slots.write_end(), slots.read_end()));
  EXPECT_TRUE(server.present());
  EXPECT_FALSE(server.acquire().has_value());
}

TEST(Jobserver, NonsenseGivesNoTokens) {
  for (const char* value : {"", ",", "3", "3,", ",4", "-2,-2", "a,b", "3,4,5", "3;4", "99999,99998",
                            "99999999999999999999,1", " 3,4", "+3,+4", "0x3,4"}) {
    Jobserver server = Jobserver::from_makeflags(std::string("--jobserver-auth=") + value);
    EXPECT_TRUE(server.present()) << value;
    EXPECT_FALSE(server.acquire().has_value()) << value;
  }
}

TEST(Jobserver, MovingLeavesOneOwner) {
  const MakeSlots slots("a");
  Jobserver a = Jobserver::from_makeflags(slots.makeflags());
  Jobserver b = std::move(a);
  Jobserver c;
  c = std::move(b);
  const auto token = c.acquire();
  ASSERT_TRUE(token.has_value());
  c.release(*token);
  EXPECT_EQ(slots.tokens(), "a");
}

}  // namespace
}  // namespace modproof::test
