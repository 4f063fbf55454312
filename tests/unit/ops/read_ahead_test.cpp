// SPDX-License-Identifier: LGPL-2.1-or-later
// Asking for files ahead changes nothing that can be seen, whatever the files are.
#include "ops/read_ahead.h"

#include <filesystem>
#include <iterator>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "support/folder.h"

namespace modproof::test {
namespace {

/// What blocks() never gives: as if this thread had waited for a disk.
constexpr long kOther = -1;

std::ptrdiff_t open_files() {
  const std::filesystem::directory_iterator files("/proc/self/fd");
  return std::distance(begin(files), end(files));
}

TEST(ReadAhead, AnyFilesCanBeAskedForByAnyThreads) {
  const Folder folder;
  std::vector<ModuleFile> modules;
  for (int i = 0; i < 200; ++i) {
    const std::string path = folder / std::to_string(i);
    if (i % 3 == 0) {
      folder.write(std::to_string(i), ByteVector(4096));
    } else if (i % 3 == 1) {
      ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
    }
    modules.push_back({.path = path, .name = "a"});
  }
  const std::ptrdiff_t before = open_files();
  ReadAhead ahead(modules);
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([&, t] {
        long blocks = kOther;
        for (std::size_t i = static_cast<std::size_t>(t); i < modules.size(); i += 3) {
          ahead.after(i, blocks);
        }
      });
    }
  }
  EXPECT_EQ(open_files(), before);
}

TEST(ReadAhead, NothingIsAskedForBehindTheEnd) {
  ReadAhead none({});
  long blocks = kOther;
  none.after(0, blocks);
  EXPECT_EQ(blocks, ReadAhead::blocks());
}

}  // namespace
}  // namespace modproof::test
