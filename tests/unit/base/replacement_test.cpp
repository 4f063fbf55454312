// SPDX-License-Identifier: LGPL-2.1-or-later
// A replaced file has the new bytes and everything else of the old one; one that is given up leaves
// no trace.
#include "base/replacement.h"

#include <array>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <set>
#include <string>
#include <thread>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "support/as_nobody.h"
#include "support/bytes.h"
#include "support/expect.h"
#include "support/folder.h"

namespace modproof::test {
namespace {

class ReplacementTest : public testing::Test {
 protected:
  /// Replaces `path` by `bytes` as modules are replaced.
  static Status replace(const std::string& path, Bytes bytes, Times times = Times::keep) {
    const File original = value_of(File::open(path));
    Replacement replacement = value_of(Replacement::create(path));
    value_of(replacement.append(bytes));
    value_of(replacement.keep_metadata(original, times));
    value_of(replacement.sync());
    Status done = replacement.commit();
    if (done) {
      value_of(replacement.sync_directory());
    }
    return done;
  }

  Folder folder_;
  const ByteVector old_ = bytes_of("the old bytes");
  const ByteVector new_ = bytes_of("the new ones");
};

TEST_F(ReplacementTest, TheTargetHasTheOldBytesUntilTheCommit) {
  const std::string path = folder_.write("f", old_);
  Replacement replacement = value_of(Replacement::create(path));
  value_of(replacement.append(new_));
  EXPECT_EQ(read_bytes(path), old_);
  value_of(replacement.commit());
  EXPECT_EQ(read_bytes(path), new_);
  EXPECT_EQ(folder_.names(), std::set<std::string>{"f"});
}

TEST_F(ReplacementTest, GivenUpItLeavesNothing) {
  const std::string path = folder_.write("f", old_);
  {
    Replacement replacement = value_of(Replacement::create(path));
    value_of(replacement.append(new_));
    EXPECT_EQ(folder_.names().size(), 2U);
  }
  EXPECT_EQ(folder_.names(), std::set<std::string>{"f"});
  EXPECT_EQ(read_bytes(path), old_);
}

TEST_F(ReplacementTest, MovedItIsGivenUpOnce) {
  {
    Replacement a = value_of(Replacement::create(folder_ / "a"));
    Replacement b = std::move(a);
    Replacement c = value_of(Replacement::create(folder_ / "c"));
    c = std::move(b);
    EXPECT_EQ(c.target(), folder_ / "a");
  }
  EXPECT_TRUE(folder_.names().empty());
}

TEST_F(ReplacementTest, ANewFileHasTheModeThatTheUmaskGives) {
  const mode_t old = ::umask(027);
  const Status status = write_file(folder_ / "f", new_, true);
  ::umask(old);
  value_of(status);
  EXPECT_EQ(status_of(folder_ / "f").st_mode & 07777U, 0640U);
  EXPECT_EQ(read_bytes(folder_ / "f"), new_);
}

TEST_F(ReplacementTest, ModeAndTimesStay) {
  const std::string path = folder_.write("f", old_);
  ASSERT_EQ(::chmod(path.c_str(), 0604), 0);
  const std::array<timespec, 2> times{{{1000000000, 5}, {1200000000, 987654321}}};
  ASSERT_EQ(::utimensat(AT_FDCWD, path.c_str(), times.data(), 0), 0);
  value_of(replace(path, new_));
  const struct stat status = status_of(path);
  EXPECT_EQ(status.st_mode & 07777U, 0604U);
  EXPECT_EQ(status.st_mtim.tv_sec, 1200000000);
  EXPECT_EQ(status.st_mtim.tv_nsec, 987654321);
  EXPECT_EQ(read_bytes(path), new_);
}

TEST_F(ReplacementTest, TimesAreNewWhereWanted) {
  const std::string path = folder_.write("f", old_);
  const std::array<timespec, 2> times{{{1000000000, 0}, {1200000000, 0}}};
  ASSERT_EQ(::utimensat(AT_FDCWD, path.c_str(), times.data(), 0), 0);
  value_of(replace(path, new_, Times::renew));
  EXPECT_GT(status_of(path).st_mtim.tv_sec, 1200000000);
}

TEST_F(ReplacementTest, TheOwnerStays) {
  if (::geteuid() != 0) {
    GTEST_SKIP() << "only root can give files away";
  }
  const std::string path = folder_.write("f", old_);
  ASSERT_EQ(::chown(path.c_str(), 1234, 4321), 0);
  ASSERT_EQ(::chmod(path.c_str(), 04750), 0);
  value_of(replace(path, new_));
  EXPECT_EQ(status_of(path).st_uid, 1234U);
  EXPECT_EQ(status_of(path).st_gid, 4321U);
  EXPECT_EQ(status_of(path).st_mode & 07777U, 04750U) << "chown clears the set-user-ID bit";
}

TEST_F(ReplacementTest, AnOwnerThatCannotBeKeptIsAnErrorAndNothingChanges) {
  if (::geteuid() != 0) {
    GTEST_SKIP() << "only root can give files away";
  }
  const std::string path = folder_.write("f", old_);
  ASSERT_EQ(::chmod(folder_.path().c_str(), 0777), 0);
  {
    const AsNobody nobody;
    const File original = value_of(File::open(path));
    Replacement replacement = value_of(Replacement::create(path));
    expect_error(replacement.keep_metadata(original, Times::keep), ErrorKind::io);
  }
  EXPECT_EQ(folder_.names(), std::set<std::string>{"f"});
  EXPECT_EQ(read_bytes(path), old_);
}

TEST_F(ReplacementTest, ExtendedAttributesStay) {
  const std::string path = folder_.write("f", old_);
  if (::setxattr(path.c_str(), "user.colour", "blue", 4, 0) != 0) {
    GTEST_SKIP() << "this file system has no extended attributes";
  }
  ASSERT_EQ(::setxattr(path.c_str(), "user.empty", "", 0, 0), 0);
  value_of(replace(path, new_));
  std::array<char, 16> value{};
  ASSERT_EQ(::getxattr(path.c_str(), "user.colour", value.data(), value.size()), 4);
  EXPECT_EQ(std::string(value.data(), 4), "blue");
  EXPECT_EQ(::getxattr(path.c_str(), "user.empty", value.data(), value.size()), 0);
}

TEST_F(ReplacementTest, WhileItIsWrittenNobodyElseMayReadIt) {
  const mode_t old = ::umask(0);
  const Replacement replacement = value_of(Replacement::create(folder_ / "f"));
  ::umask(old);
  EXPECT_EQ(status_of(replacement.temporary_path()).st_mode & 07777U, 0600U);
}

TEST_F(ReplacementTest, CommittedWithoutMetadataItHasTheModeOfANewFile) {
  const mode_t old = ::umask(026);
  Replacement replacement = value_of(Replacement::create(folder_ / "f"));
  value_of(replacement.append(new_));
  value_of(replacement.close());
  const Status done = replacement.commit();
  ::umask(old);
  value_of(done);
  EXPECT_EQ(status_of(folder_ / "f").st_mode & 07777U, 0640U);
  EXPECT_EQ(folder_.names(), std::set<std::string>{"f"});
}

TEST_F(ReplacementTest, AFileThatIsWrittenAgainKeepsItsMetadata) {
  const std::string path = folder_.write("f", old_);
  ASSERT_EQ(::chmod(path.c_str(), 0600), 0);
  const bool attributes = ::setxattr(path.c_str(), "user.colour", "blue", 4, 0) == 0;
  if (::geteuid() == 0) {
    ASSERT_EQ(::chown(path.c_str(), 1234, 4321), 0);
  }
  value_of(write_file(path, new_, true));
  EXPECT_EQ(read_bytes(path), new_);
  EXPECT_EQ(status_of(path).st_mode & 07777U, 0600U);
  if (::geteuid() == 0) {
    EXPECT_EQ(status_of(path).st_uid, 1234U);
    EXPECT_EQ(status_of(path).st_gid, 4321U);
  }
  if (attributes) {
    EXPECT_EQ(::getxattr(path.c_str(), "user.colour", nullptr, 0), 4);
  }
}

TEST_F(ReplacementTest, AnAccessAclFromTheDirectoryGoes) {
  // Version 2, then tag, permissions and number of each entry (posix_acl_xattr.h): user, user 1234,
  // group, mask and others.
  constexpr std::array<std::uint8_t, 44> kDefault{2,    0, 0, 0,                          //
                                                  0x01, 0, 7, 0, 0xff, 0xff, 0xff, 0xff,  //
                                                  0x02, 0, 7, 0, 0xd2, 0x04, 0,    0,     //
                                                  0x04, 0, 5, 0, 0xff, 0xff, 0xff, 0xff,  //
                                                  0x10, 0, 7, 0, 0xff, 0xff, 0xff, 0xff,  //
                                                  0x20, 0, 5, 0, 0xff, 0xff, 0xff, 0xff};
  const std::string path = folder_.write("f", old_);
  ASSERT_EQ(::chmod(path.c_str(), 0664), 0);
  if (::setxattr(folder_.path().c_str(), "system.posix_acl_default", kDefault.data(),
                 kDefault.size(), 0) != 0) {
    GTEST_SKIP() << "this file system has no ACLs";
  }
  value_of(replace(path, new_));
  EXPECT_LT(::getxattr(path.c_str(), "system.posix_acl_access", nullptr, 0), 0);
  EXPECT_EQ(status_of(path).st_mode & 07777U, 0664U);
  // A new file gets it, as any other new file there does.
  value_of(write_file(folder_ / "new", new_, false));
  EXPECT_GT(::getxattr((folder_ / "new").c_str(), "system.posix_acl_access", nullptr, 0), 0);
  EXPECT_EQ(status_of(folder_ / "new").st_mode & 07777U, 0664U);
}

TEST_F(ReplacementTest, CommitRefusesATargetWhoseModeSomebodyElseChanged) {
  const std::string path = folder_.write("f", old_);
  const File original = value_of(File::open(path));
  Replacement replacement = value_of(Replacement::create(path));
  value_of(replacement.append(new_));
  value_of(replacement.keep_metadata(original, Times::keep));
  ASSERT_EQ(::chmod(path.c_str(), 0600), 0);
  expect_error(replacement.commit(), ErrorKind::changed);
  EXPECT_EQ(read_bytes(path), old_);
  EXPECT_EQ(status_of(path).st_mode & 07777U, 0600U);
}

TEST_F(ReplacementTest, AnAttributeThatDescribesTheOldBytesGoes) {
  const std::string path = folder_.write("f", old_);
  if (::setxattr(path.c_str(), "security.ima", "\x04\x04", 2, 0) != 0) {
    GTEST_SKIP() << "no permission to set security.ima here";
  }
  value_of(replace(path, new_));
  EXPECT_EQ(::getxattr(path.c_str(), "security.ima", nullptr, 0), -1);
}

TEST_F(ReplacementTest, ASymbolicLinkStaysAndItsFileIsReplaced) {
  folder_.write("folder/f", old_);
  std::filesystem::create_symlink("folder/f", folder_ / "link");
  value_of(replace(folder_ / "link", new_));
  EXPECT_TRUE(std::filesystem::is_symlink(folder_ / "link"));
  EXPECT_EQ(read_bytes(folder_ / "folder/f"), new_);
  EXPECT_EQ(folder_.names(), (std::set<std::string>{"folder", "link"}));
}

TEST_F(ReplacementTest, ADanglingLinkIsAnError) {
  std::filesystem::create_symlink("none", folder_ / "link");
  expect_error(Replacement::create(folder_ / "link"), ErrorKind::io);
  EXPECT_EQ(folder_.names(), std::set<std::string>{"link"});
}

TEST_F(ReplacementTest, OfHardLinksOnlyTheNamedOneIsReplaced) {
  const std::string path = folder_.write("f", old_);
  std::filesystem::create_hard_link(path, folder_ / "other");
  value_of(replace(path, new_));
  EXPECT_EQ(read_bytes(path), new_);
  EXPECT_EQ(read_bytes(folder_ / "other"), old_);
}

TEST_F(ReplacementTest, CommitRefusesATargetThatSomebodyElseChanged) {
  const std::string path = folder_.write("f", old_);
  const File original = value_of(File::open(path));
  Replacement replacement = value_of(Replacement::create(path));
  value_of(replacement.append(new_));
  value_of(replacement.keep_metadata(original, Times::keep));
  std::this_thread::sleep_for(std::chrono::milliseconds(30));
  write_bytes(path, bytes_of("a third text."));
  expect_error(replacement.commit(), ErrorKind::changed);
  EXPECT_EQ(read_bytes(path), bytes_of("a third text."));
}

TEST_F(ReplacementTest, OfTwoAtOnceTheSecondIsRefused) {
  const std::string path = folder_.write("f", old_);
  const File original = value_of(File::open(path));
  Replacement first = value_of(Replacement::create(path));
  Replacement second = value_of(Replacement::create(path));
  EXPECT_NE(first.temporary_path(), second.temporary_path());
  value_of(first.keep_metadata(original, Times::keep));
  value_of(second.keep_metadata(original, Times::keep));
  EXPECT_TRUE(first.commit().has_value());
  expect_error(second.commit(), ErrorKind::changed);
}

TEST_F(ReplacementTest, CommitRefusesATargetThatIsGone) {
  const std::string path = folder_.write("f", old_);
  const File original = value_of(File::open(path));
  Replacement replacement = value_of(Replacement::create(path));
  value_of(replacement.keep_metadata(original, Times::keep));
  ASSERT_EQ(::unlink(path.c_str()), 0);
  expect_error(replacement.commit(), ErrorKind::missing);
}

TEST_F(ReplacementTest, AFolderThatMustNotBeWrittenIsAnError) {
  const std::string path = folder_.write("f", old_);
  ASSERT_EQ(::chmod(folder_.path().c_str(), 0555), 0);
  {
    const AsNobody nobody;
    expect_error(Replacement::create(path), ErrorKind::io);
    expect_error(write_file(folder_ / "g", new_, false), ErrorKind::io);
  }
  EXPECT_EQ(folder_.names(), std::set<std::string>{"f"});
  ASSERT_EQ(::chmod(folder_.path().c_str(), 0755), 0);
}

TEST_F(ReplacementTest, AFolderThatDoesNotExistIsAnError) {
  expect_error(Replacement::create(folder_ / "none/f"), ErrorKind::io);
  expect_error(sync_directory(folder_ / "none"), ErrorKind::io);
}

TEST_F(ReplacementTest, WhatIsNoRegularFileIsNotReplaced) {
  std::filesystem::create_directory(folder_ / "d");
  ASSERT_EQ(::mkfifo((folder_ / "fifo").c_str(), 0600), 0);
  std::filesystem::create_symlink("fifo", folder_ / "link");
  for (const char* name : {"d", "fifo", "link"}) {
    expect_error(write_file(folder_ / name, new_, false), ErrorKind::malformed);
  }
  expect_error(write_file("/dev/null", new_, false), ErrorKind::malformed);
  EXPECT_EQ(folder_.names(), (std::set<std::string>{"d", "fifo", "link"}));
}

TEST_F(ReplacementTest, ACopyUnderAnotherNameReplacesWhatStandsThere) {
  const File original = value_of(File::open(folder_.write("f", old_)));
  for (int i = 0; i < 2; ++i) {
    Replacement copy = value_of(Replacement::create(folder_ / "copy"));
    value_of(copy.append(new_));
    value_of(copy.keep_metadata(original, Times::renew));
    copy.replace_anything();
    value_of(copy.commit());
    EXPECT_EQ(read_bytes(folder_ / "copy"), new_);
  }
}

TEST_F(ReplacementTest, ClosedItTakesMoreBytesAtTheEnd) {
  Replacement replacement = value_of(Replacement::create(folder_ / "f"));
  value_of(replacement.append(bytes_of("abc")));
  value_of(replacement.close());
  value_of(replacement.append(bytes_of("def")));
  value_of(replacement.close());
  replacement.start_writing();
  value_of(replacement.sync());
  value_of(replacement.commit());
  EXPECT_EQ(read_bytes(folder_ / "f"), bytes_of("abcdef"));
}

TEST_F(ReplacementTest, BytesBehindOthersAreWrittenWithThem) {
  const ByteVector large = noise(300000, 2);
  Replacement replacement = value_of(Replacement::create(folder_ / "f"));
  value_of(replacement.append(large, bytes_of("tail")));
  value_of(replacement.append({}, bytes_of(" and")));
  value_of(replacement.append(bytes_of(" more"), {}));
  EXPECT_EQ(replacement.size(), large.size() + 13);
  value_of(replacement.commit());
  ByteVector expected = large;
  for (const char c : std::string("tail and more")) {
    expected.push_back(static_cast<std::uint8_t>(c));
  }
  EXPECT_EQ(read_bytes(folder_ / "f"), expected);
}

TEST_F(ReplacementTest, BytesAreOverwrittenInTheMiddle) {
  Replacement replacement = value_of(Replacement::create(folder_ / "f"));
  value_of(replacement.append(bytes_of("abcdef")));
  value_of(replacement.write_at(2, bytes_of("XY")));
  value_of(replacement.append(bytes_of("g")));
  value_of(replacement.commit());
  EXPECT_EQ(read_bytes(folder_ / "f"), bytes_of("abXYefg"));
}

TEST_F(ReplacementTest, BytesAreOverwrittenInTheMiddleOfOneThatWasClosed) {
  Replacement replacement = value_of(Replacement::create(folder_ / "f"));
  value_of(replacement.append(bytes_of("abc")));
  value_of(replacement.close());
  value_of(replacement.append(bytes_of("def")));
  value_of(replacement.write_at(2, bytes_of("XY")));
  value_of(replacement.commit());
  EXPECT_EQ(read_bytes(folder_ / "f"), bytes_of("abXYef"));
}

TEST_F(ReplacementTest, APartOfAFileIsCopied) {
  const ByteVector bytes = noise(300000, 1);
  const File source = value_of(File::open(folder_.write("source", bytes)));
  Replacement replacement = value_of(Replacement::create(folder_ / "f"));
  value_of(replacement.append(bytes_of("head")));
  value_of(replacement.append_from(source, 1000, 200000));
  value_of(replacement.append_from(source, 0, 0));
  value_of(replacement.close());
  // Opened again it appends, which copy_file_range(2) refuses: the plain way has to do it.
  value_of(replacement.append(bytes_of("more")));
  value_of(replacement.append_from(source, 299000, 1000));
  value_of(replacement.commit());
  EXPECT_EQ(read_bytes(folder_ / "f"), concat({bytes_of("head"), Bytes(bytes).subspan(1000, 200000),
                                               bytes_of("more"), Bytes(bytes).subspan(299000)}));
}

TEST_F(ReplacementTest, AFileOfAnotherFileSystemIsCopied) {
  // copy_file_range(2) does not reach from one kind of file system to another.
  const ByteVector bytes = noise(300000, 1);
  std::string source = "/dev/shm/modproof-test-XXXXXX";
  const int descriptor = ::mkstemp(source.data());
  if (descriptor < 0) {
    GTEST_SKIP() << "no file system in memory here";
  }
  ::close(descriptor);
  write_bytes(source, bytes);
  {
    Replacement replacement = value_of(Replacement::create(folder_ / "f"));
    value_of(replacement.append(bytes_of("head")));
    value_of(replacement.append_from(value_of(File::open(source)), 1, 299999));
    value_of(replacement.commit());
  }
  ::unlink(source.c_str());
  EXPECT_EQ(read_bytes(folder_ / "f"), concat({bytes_of("head"), Bytes(bytes).subspan(1)}));
}

TEST_F(ReplacementTest, ARelativeNameStandsInTheCurrentDirectory) {
  const auto before = std::filesystem::current_path();
  std::filesystem::current_path(folder_.path());
  const Status fresh = write_file("f", old_, true);
  const Status again = write_file("f", new_, true);
  std::filesystem::current_path(before);
  value_of(fresh);
  value_of(again);
  EXPECT_EQ(read_bytes(folder_ / "f"), new_);
}

TEST_F(ReplacementTest, ASourceThatIsTooShortIsAnError) {
  const File source = value_of(File::open(folder_.write("source", noise(1000, 1))));
  Replacement replacement = value_of(Replacement::create(folder_ / "f"));
  expect_error(replacement.append_from(source, 0, 1001), ErrorKind::changed);
}

}  // namespace
}  // namespace modproof::test
