// SPDX-License-Identifier: LGPL-2.1-or-later
// Which backends there are, which is the default, and how it is changed.
#include <algorithm>
#include <set>
#include <string>

#include <gtest/gtest.h>

#include "modproof/hash/sha256.h"

namespace modproof::test {
namespace {

TEST(Sha256Choice, ThereIsAlwaysABackend) {
  ASSERT_FALSE(sha256_backends().empty());
  for (const Sha256Backend* backend : sha256_backends()) {
    EXPECT_GE(lanes_of(*backend), 1U);
    EXPECT_FALSE(name_of(*backend).empty());
  }
}

TEST(Sha256Choice, NamesAreDifferent) {
  std::set<std::string_view> names;
  for (const Sha256Backend* backend : sha256_backends()) {
    EXPECT_TRUE(names.insert(name_of(*backend)).second) << name_of(*backend);
  }
}

TEST(Sha256Choice, TheFirstIsTheDefault) {
  EXPECT_EQ(&default_sha256_backend(), sha256_backends().front());
}

TEST(Sha256Choice, EachCanBeMadeTheDefault) {
  for (const Sha256Backend* backend : sha256_backends()) {
    ASSERT_TRUE(set_default_sha256_backend(name_of(*backend)).has_value());
    EXPECT_EQ(&default_sha256_backend(), backend);
    EXPECT_EQ(Sha256Lanes().count(), lanes_of(*backend));
  }
  ASSERT_TRUE(set_default_sha256_backend(name_of(*sha256_backends().front())).has_value());
}

TEST(Sha256Choice, AnUnknownNameIsRefusedAndChangesNothing) {
  const Sha256Backend& before = default_sha256_backend();
  for (const char* name : {"md5", "", "SHA-NI", "openssl ", "open\nssl"}) {
    const Status status = set_default_sha256_backend(name);
    ASSERT_FALSE(status.has_value()) << name;
    EXPECT_EQ(status.error().kind, ErrorKind::usage);
    EXPECT_EQ(status.error().message.find('\n'), std::string::npos) << "one error is one line";
    for (const Sha256Backend* backend : sha256_backends()) {
      EXPECT_NE(status.error().message.find(name_of(*backend)), std::string::npos)
          << "the message lists what there is: " << status.error().message;
    }
  }
  EXPECT_EQ(&default_sha256_backend(), &before);
}

}  // namespace
}  // namespace modproof::test
