// SPDX-License-Identifier: LGPL-2.1-or-later
// A temporary file has no name, and holds what was put into it.
#include "base/temporary_file.h"

#include <cstdlib>

#include <gtest/gtest.h>

#include "support/bytes.h"
#include "support/expect.h"
#include "support/folder.h"

namespace modproof::test {
namespace {

class TemporaryFileTest : public testing::Test {
 protected:
  TemporaryFileTest() {
    const char* before = std::getenv("TMPDIR");
    before_ = before != nullptr ? before : "";
    ::setenv("TMPDIR", folder_.path().c_str(), 1);
  }
  ~TemporaryFileTest() override {
    if (before_.empty()) {
      ::unsetenv("TMPDIR");
    } else {
      ::setenv("TMPDIR", before_.c_str(), 1);
    }
  }

  Folder folder_;
  std::string before_;
};

TEST_F(TemporaryFileTest, HoldsWhatWasAppendedAndLeavesNoName) {
  const ByteVector large = noise(3'000'000, 1);
  const File original = value_of(File::open(folder_.write("original", large)));
  TemporaryFile temporary = value_of(TemporaryFile::create());
  value_of(temporary.append(bytes_of("head")));
  value_of(temporary.append_range(*FileRange(original).part(1, large.size() - 1)));
  EXPECT_EQ(temporary.size(), 4 + large.size() - 1);
  const File file = value_of(std::move(temporary).finish("called this"));
  EXPECT_EQ(file.path(), "called this");
  ByteVector read(static_cast<std::size_t>(file.size()));
  value_of(file.read_at(0, read));
  EXPECT_EQ(read, concat({bytes_of("head"), Bytes(large).subspan(1)}));
  EXPECT_EQ(folder_.names(), std::set<std::string>{"original"});
}

TEST_F(TemporaryFileTest, InMemoryNeedsNoDirectory) {
  ::setenv("TMPDIR", (folder_ / "none").c_str(), 1);
  TemporaryFile temporary = value_of(TemporaryFile::create_in_memory());
  value_of(temporary.append(bytes_of("contents")));
  const File file = value_of(std::move(temporary).finish("called this"));
  EXPECT_EQ(file.path(), "called this");
  ByteVector read(static_cast<std::size_t>(file.size()));
  value_of(file.read_at(0, read));
  EXPECT_EQ(text_of(read), "contents");
}

TEST_F(TemporaryFileTest, NeedsADirectory) {
  ::setenv("TMPDIR", (folder_ / "none").c_str(), 1);
  const Error error = error_of(TemporaryFile::create());
  EXPECT_EQ(error.kind, ErrorKind::io);
  EXPECT_EQ(error.path, folder_ / "none");
}

}  // namespace
}  // namespace modproof::test
