// SPDX-License-Identifier: LGPL-2.1-or-later
#include "base/file.h"

#include <cerrno>
#include <utility>

#include <fcntl.h>
#include <fmt/core.h>
#include <unistd.h>

#include "base/try.h"

namespace modproof {
const char* kind_of_file(mode_t mode) noexcept {
  switch (mode & S_IFMT) {
    case S_IFDIR:
      return "a directory";
    case S_IFIFO:
      return "a FIFO";
    case S_IFSOCK:
      return "a socket";
    case S_IFCHR:
    case S_IFBLK:
      return "a device";
    default:
      return "a special file";
  }
}

bool is_directory(const std::string& path) noexcept {
  struct stat status{};
  return ::stat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode);
}

FileStamp stamp_of(const struct stat& status) noexcept {
  return {.device = status.st_dev,
          .inode = status.st_ino,
          .size = static_cast<std::uint64_t>(status.st_size),
          .modified_seconds = status.st_mtim.tv_sec,
          .modified_nanoseconds = status.st_mtim.tv_nsec,
          .changed_seconds = status.st_ctim.tv_sec,
          .changed_nanoseconds = status.st_ctim.tv_nsec};
}

bool same_contents(const FileStamp& a, const FileStamp& b) noexcept {
  return a.device == b.device && a.inode == b.inode && a.size == b.size &&
         a.modified_seconds == b.modified_seconds &&
         a.modified_nanoseconds == b.modified_nanoseconds;
}

File::~File() {
  if (descriptor_ >= 0) {
    ::close(descriptor_);
  }
}

File::File(File&& other) noexcept
    : path_(std::move(other.path_)),
      descriptor_(std::exchange(other.descriptor_, -1)),
      status_(other.status_) {}

File& File::operator=(File&& other) noexcept {
  std::swap(path_, other.path_);
  std::swap(descriptor_, other.descriptor_);
  std::swap(status_, other.status_);
  return *this;
}

Result<File> File::open(std::string path) { return open_with(std::move(path), O_RDONLY); }

Result<File> File::open_writable(std::string path) { return open_with(std::move(path), O_RDWR); }

Result<File> File::open_with(std::string path, int flags) {
  File file;
  file.path_ = std::move(path);
  // O_NONBLOCK: opening a FIFO nobody writes to, or some devices, would wait for ever.
  file.descriptor_ = ::open(file.path_.c_str(), flags | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
  if (file.descriptor_ < 0) {
    const int code = errno;
    // Opening a directory or a socket fails before its kind can be looked at.
    if ((code == EISDIR || code == ENXIO) && ::stat(file.path_.c_str(), &file.status_) == 0) {
      return fail(ErrorKind::malformed, file.path_,
                  fmt::format("is {}, not a regular file", kind_of_file(file.status_.st_mode)));
    }
    return fail_errno(file.path_, "cannot open", code);
  }
  if (::fstat(file.descriptor_, &file.status_) != 0) {
    return fail_errno(file.path_, "cannot stat", errno);
  }
  if (!S_ISREG(file.status_.st_mode)) {
    return fail(ErrorKind::malformed, file.path_,
                fmt::format("is {}, not a regular file", kind_of_file(file.status_.st_mode)));
  }
  return file;
}

Result<File> File::adopt(int descriptor, std::string path) {
  File file;
  file.path_ = std::move(path);
  file.descriptor_ = descriptor;
  if (::fstat(descriptor, &file.status_) != 0) {
    return fail_errno(file.path_, "cannot stat", errno);
  }
  return file;
}

Result<File> File::duplicate() const {
  File file;
  file.path_ = path_;
  file.status_ = status_;
  file.descriptor_ = ::fcntl(descriptor_, F_DUPFD_CLOEXEC, 0);
  if (file.descriptor_ < 0) {
    return fail_errno(path_, "cannot open once more", errno);
  }
  return file;
}

Status File::read_at(std::uint64_t offset, MutableBytes to) const {
  while (!to.empty()) {
    const ssize_t got = ::pread(descriptor_, to.data(), to.size(), static_cast<off_t>(offset));
    if (got < 0) {
      if (errno == EINTR) {
        continue;
      }
      return fail_errno(path_, fmt::format("cannot read at offset {}", offset), errno);
    }
    if (got == 0) {
      return fail(ErrorKind::changed, path_, "the file became shorter while it was read; try again",
                  offset);
    }
    to = to.subspan(static_cast<std::size_t>(got));
    offset += static_cast<std::uint64_t>(got);
  }
  return {};
}

Status File::check_unchanged() const {
  struct stat now{};
  if (::fstat(descriptor_, &now) != 0) {
    return fail_errno(path_, "cannot stat", errno);
  }
  if (!same_contents(stamp_of(now), stamp())) {
    return fail(ErrorKind::changed, path_, "the file changed while it was read; try again");
  }
  return {};
}

Result<ByteVector> read_file(const std::string& path, std::uint64_t limit) {
  MODPROOF_ASSIGN(file, File::open(path));
  if (file.size() > limit) {
    return fail(
        ErrorKind::unsupported, path,
        fmt::format("{} bytes, more than the {} that such a file may have", file.size(), limit));
  }
  ByteVector bytes(file.size());
  MODPROOF_TRY(file.read_at(0, bytes));
  MODPROOF_TRY(file.check_unchanged());
  return bytes;
}

}  // namespace modproof
