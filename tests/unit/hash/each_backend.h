// SPDX-License-Identifier: LGPL-2.1-or-later
// Runs a test suite once for each SHA-256 backend of this build on this machine.
#pragma once

#include <string>

#include <gtest/gtest.h>

#include "modproof/hash/sha256.h"

namespace modproof::test {

/// Makes each backend of this machine in turn the default, and puts the old one back.
class EachBackend : public testing::TestWithParam<const Sha256Backend*> {
 protected:
  void SetUp() override { ASSERT_TRUE(set_default_sha256_backend(name_of(backend())).has_value()); }
  void TearDown() override { ASSERT_TRUE(set_default_sha256_backend(before_).has_value()); }

  static const Sha256Backend& backend() { return *GetParam(); }

 private:
  std::string before_{name_of(default_sha256_backend())};
};

/// `sha-ni` as a part of a test's name, where GoogleTest allows letters, digits and `_` only.
inline std::string test_name(const testing::TestParamInfo<const Sha256Backend*>& info) {
  std::string name(name_of(*info.param));
  for (char& c : name) {
    c = c == '-' ? '_' : c;
  }
  return name;
}

}  // namespace modproof::test

/// Runs a test suite derived from EachBackend once for every backend.
#define MODPROOF_FOR_EACH_BACKEND(suite)                                            \
  INSTANTIATE_TEST_SUITE_P(Sha256, suite,                                           \
                           testing::ValuesIn(::modproof::sha256_backends().begin(), \
                                             ::modproof::sha256_backends().end()),  \
                           ::modproof::test::test_name)
