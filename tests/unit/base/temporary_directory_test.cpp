// SPDX-License-Identifier: LGPL-2.1-or-later
// A directory that lives as long as the object.
#include "base/temporary_directory.h"

#include <cstdlib>
#include <filesystem>
#include <string>
#include <utility>

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "support/bytes.h"
#include "support/expect.h"
#include "support/folder.h"

namespace modproof::test {
namespace {

/// Sets TMPDIR while it lives.
class TmpDir {
 public:
  explicit TmpDir(const std::string& path) { ::setenv("TMPDIR", path.c_str(), 1); }
  ~TmpDir() {
    if (old_.empty()) {
      ::unsetenv("TMPDIR");
    } else {
      ::setenv("TMPDIR", old_.c_str(), 1);
    }
  }
  TmpDir(const TmpDir&) = delete;
  TmpDir& operator=(const TmpDir&) = delete;

 private:
  std::string old_ = std::getenv("TMPDIR") != nullptr ? std::getenv("TMPDIR") : "";
};

TEST(TemporaryDirectory, ItStandsInTmpdirForThisUserOnlyAndGoesWithAllItHolds) {
  const Folder folder;
  const TmpDir tmpdir(folder.path());
  {
    const TemporaryDirectory directory = value_of(TemporaryDirectory::create());
    EXPECT_TRUE(directory.path().starts_with(folder.path() + "/"));
    EXPECT_EQ(status_of(directory.path()).st_mode & 07777U, 0700U);
    std::filesystem::create_directory(directory.path() + "/inside");
    write_bytes(directory.path() + "/inside/file", bytes_of("x"));
  }
  EXPECT_TRUE(folder.names().empty());
}

TEST(TemporaryDirectory, WithoutTmpdirItStandsInTmp) {
  const TmpDir tmpdir("");
  EXPECT_TRUE(value_of(TemporaryDirectory::create()).path().starts_with("/tmp/"));
}

// Programs get paths in it as arguments, and one that starts with `-` would be an option.
TEST(TemporaryDirectory, ThePathIsAbsolute) {
  const Folder folder;
  const std::filesystem::path before = std::filesystem::current_path();
  std::filesystem::create_directory(folder / "-tmp");
  std::filesystem::current_path(folder.path());
  const TmpDir tmpdir("-tmp");
  EXPECT_TRUE(
      value_of(TemporaryDirectory::create()).path().starts_with(folder.path() + "/-tmp/modproof-"));
  std::filesystem::current_path(before);
}

TEST(TemporaryDirectory, MovingLeavesOneOwner) {
  const Folder folder;
  const TmpDir tmpdir(folder.path());
  TemporaryDirectory a = value_of(TemporaryDirectory::create());
  const std::string path = a.path();
  {
    TemporaryDirectory b = std::move(a);
    EXPECT_EQ(b.path(), path);
    TemporaryDirectory c = value_of(TemporaryDirectory::create());
    c = std::move(b);
    EXPECT_TRUE(std::filesystem::exists(path));
  }
  EXPECT_TRUE(folder.names().empty());
}

TEST(TemporaryDirectory, NowhereToPutItIsAnError) {
  const Folder folder;
  const TmpDir tmpdir(folder / "none");
  expect_error(TemporaryDirectory::create(), ErrorKind::io);
}

}  // namespace
}  // namespace modproof::test
