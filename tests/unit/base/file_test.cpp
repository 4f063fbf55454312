// SPDX-License-Identifier: LGPL-2.1-or-later
// Only regular files are read, and a file that changes meanwhile is an error value.
#include "base/file.h"

#include <chrono>
#include <filesystem>
#include <string>
#include <thread>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "support/as_nobody.h"
#include "support/bytes.h"
#include "support/expect.h"
#include "support/folder.h"

namespace modproof::test {
namespace {

/// Longer than the steps in which file systems count time.
void wait_for_the_clock() { std::this_thread::sleep_for(std::chrono::milliseconds(30)); }

class FileTest : public testing::Test {
 protected:
  Folder folder_;
};

TEST_F(FileTest, GivesTheBytesAtAnOffset) {
  const File file = value_of(File::open(folder_.write("f", bytes_of("0123456789"))));
  ByteVector part(4);
  ASSERT_TRUE(file.read_at(3, part).has_value());
  EXPECT_EQ(part, bytes_of("3456"));
  EXPECT_EQ(file.size(), 10U);
}

TEST_F(FileTest, ReadingNothingIsWellEvenBehindTheEnd) {
  const File file = value_of(File::open(folder_.write("f", {})));
  EXPECT_TRUE(file.read_at(0, {}).has_value());
  EXPECT_TRUE(file.read_at(100, {}).has_value());
}

TEST_F(FileTest, FollowsSymbolicLinks) {
  folder_.write("f", bytes_of("x"));
  std::filesystem::create_symlink("f", folder_ / "link");
  EXPECT_EQ(value_of(File::open(folder_ / "link")).size(), 1U);
}

TEST_F(FileTest, WhatIsNotThereIsAnIoError) {
  EXPECT_EQ(describe(error_of(File::open(folder_ / "none"))),
            folder_ / "none" + ": cannot open: No such file or directory");
  std::filesystem::create_symlink("none", folder_ / "dangling");
  expect_error(File::open(folder_ / "dangling"), ErrorKind::io);
  std::filesystem::create_symlink("loop", folder_ / "loop");
  expect_error(File::open(folder_ / "loop"), ErrorKind::io);
  expect_error(File::open(""), ErrorKind::io);
}

TEST_F(FileTest, UnreadableIsAnIoError) {
  const std::string path = folder_.write("f", bytes_of("x"));
  ASSERT_EQ(::chmod(path.c_str(), 0), 0);
  const AsNobody nobody;
  expect_error(File::open(path), ErrorKind::io);
}

TEST_F(FileTest, ADirectoryIsRefusedForReadingAndForWriting) {
  EXPECT_EQ(error_of(File::open(folder_.path())).message, "is a directory, not a regular file");
  EXPECT_EQ(error_of(File::open_writable(folder_.path())).message,
            "is a directory, not a regular file");
  expect_error(File::open(folder_.path()), ErrorKind::malformed);
  expect_error(File::open_writable(folder_.path()), ErrorKind::malformed);
}

TEST_F(FileTest, AFifoIsRefusedWithoutWaitingForAWriter) {
  ASSERT_EQ(::mkfifo((folder_ / "fifo").c_str(), 0600), 0);
  EXPECT_EQ(error_of(File::open(folder_ / "fifo")).message, "is a FIFO, not a regular file");
  expect_error(File::open(folder_ / "fifo"), ErrorKind::malformed);
  expect_error(File::open_writable(folder_ / "fifo"), ErrorKind::malformed);
}

TEST_F(FileTest, ADeviceIsRefused) {
  EXPECT_EQ(error_of(File::open("/dev/zero")).message, "is a device, not a regular file");
  expect_error(File::open("/dev/null"), ErrorKind::malformed);
}

TEST_F(FileTest, ASocketIsRefused) {
  const int fd = ::socket(AF_UNIX, SOCK_STREAM, 0);
  ASSERT_GE(fd, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string path = folder_ / "socket";
  ASSERT_LT(path.size(), sizeof address.sun_path);
  path.copy(address.sun_path, path.size());
  ASSERT_EQ(::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  EXPECT_EQ(error_of(File::open(path)).message, "is a socket, not a regular file");
  ::close(fd);
}

TEST_F(FileTest, AFileThatShrinksIsNoticedWhileReading) {
  const std::string path = folder_.write("f", noise(1000, 1));
  const File file = value_of(File::open(path));
  ASSERT_EQ(::truncate(path.c_str(), 500), 0);
  ByteVector all(1000);
  expect_error_at(file.read_at(0, all), ErrorKind::changed, 500);
}

TEST_F(FileTest, AFileThatGrewOrWasOverwrittenIsNoticedAfterwards) {
  const std::string path = folder_.write("f", noise(1000, 1));
  const File file = value_of(File::open(path));
  EXPECT_TRUE(file.check_unchanged().has_value());
  wait_for_the_clock();
  write_bytes(path, noise(1000, 2));
  expect_error(file.check_unchanged(), ErrorKind::changed);
  write_bytes(path, noise(1001, 1));
  expect_error(file.check_unchanged(), ErrorKind::changed);
}

TEST_F(FileTest, AnotherLinkToTheFileIsNoChange) {
  const std::string path = folder_.write("f", noise(1000, 1));
  const File file = value_of(File::open(path));
  wait_for_the_clock();
  std::filesystem::create_hard_link(path, folder_ / "other");
  EXPECT_TRUE(file.check_unchanged().has_value());
  std::filesystem::remove(path);
  EXPECT_TRUE(file.check_unchanged().has_value());
}

TEST(SameContents, EverythingButTheTimeOfChangeCounts) {
  const FileStamp stamp{1, 2, 3, 4, 5, 6, 7};
  EXPECT_TRUE(same_contents(stamp, {1, 2, 3, 4, 5, 60, 70}));
  EXPECT_FALSE(same_contents(stamp, {9, 2, 3, 4, 5, 6, 7}));
  EXPECT_FALSE(same_contents(stamp, {1, 9, 3, 4, 5, 6, 7}));
  EXPECT_FALSE(same_contents(stamp, {1, 2, 9, 4, 5, 6, 7}));
  EXPECT_FALSE(same_contents(stamp, {1, 2, 3, 9, 5, 6, 7}));
  EXPECT_FALSE(same_contents(stamp, {1, 2, 3, 4, 9, 6, 7}));
}

TEST_F(FileTest, ReplacingTheNameDoesNotChangeTheOpenFile) {
  const std::string path = folder_.write("f", bytes_of("old"));
  const File file = value_of(File::open(path));
  std::filesystem::rename(folder_.write("g", bytes_of("new")), path);
  ByteVector all(3);
  ASSERT_TRUE(file.read_at(0, all).has_value());
  EXPECT_EQ(all, bytes_of("old"));
}

TEST_F(FileTest, MovingLeavesOneOwner) {
  File a = value_of(File::open(folder_.write("f", bytes_of("x"))));
  const int descriptor = a.descriptor();
  File b = std::move(a);
  EXPECT_EQ(b.descriptor(), descriptor);
  File c;
  EXPECT_FALSE(c.is_open());
  c = std::move(b);
  EXPECT_EQ(c.descriptor(), descriptor);
}

TEST_F(FileTest, ReadFileGivesAllOfIt) {
  const ByteVector bytes = noise(5000, 3);
  EXPECT_EQ(value_of(read_file(folder_.write("f", bytes), 5000)), bytes);
  EXPECT_EQ(value_of(read_file(folder_.write("empty", {}), 0)), ByteVector());
}

TEST_F(FileTest, ReadFileRefusesMoreThanItsLimit) {
  expect_error(read_file(folder_.write("f", noise(11, 1)), 10), ErrorKind::unsupported);
  // A file that claims a terabyte costs no memory.
  const std::string sparse = folder_.write("sparse", {});
  ASSERT_EQ(::truncate(sparse.c_str(), off_t{1} << 40), 0);
  expect_error(read_file(sparse, 1000), ErrorKind::unsupported);
}

}  // namespace
}  // namespace modproof::test
