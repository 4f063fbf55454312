// SPDX-License-Identifier: LGPL-2.1-or-later
// GoogleTest's main with one option more: --layer=NAME runs the tests in tests/unit/NAME only.
// Which test is in which file GoogleTest knows, so that no list has to be kept.
#include <csignal>
#include <cstdio>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

namespace {

/// A filter with the name of every test in tests/unit/`layer`; empty if there is none.
std::string filter_for(const std::string& layer) {
  const std::string folder = "tests/unit/" + layer + "/";
  std::string filter;
  const testing::UnitTest& all = *testing::UnitTest::GetInstance();
  for (int i = 0; i < all.total_test_suite_count(); ++i) {
    const testing::TestSuite& suite = *all.GetTestSuite(i);
    for (int j = 0; j < suite.total_test_count(); ++j) {
      const testing::TestInfo& test = *suite.GetTestInfo(j);
      if (std::string_view(test.file()).find(folder) != std::string_view::npos) {
        filter += (filter.empty() ? "" : ":") + std::string(suite.name()) + "." + test.name();
      }
    }
  }
  return filter;
}

}  // namespace

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  std::signal(SIGPIPE, SIG_IGN);  // as the tool does
  for (int i = 1; i < argc; ++i) {
    constexpr std::string_view kLayer = "--layer=";
    const std::string_view argument = argv[i];
    if (!argument.starts_with(kLayer)) {
      std::fprintf(stderr, "unit_tests: unknown argument %s\n", argv[i]);
      return 2;
    }
    const std::string filter = filter_for(std::string(argument.substr(kLayer.size())));
    if (filter.empty()) {
      std::fprintf(stderr, "unit_tests: no tests in this layer: %s\n", argv[i]);
      return 2;
    }
    testing::GTEST_FLAG(filter) = filter;
  }
  return RUN_ALL_TESTS();
}
