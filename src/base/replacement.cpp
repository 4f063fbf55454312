// SPDX-License-Identifier: LGPL-2.1-or-later
#include "base/replacement.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <utility>

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/random.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/resolve_target.h"
#include "base/try.h"

namespace modproof {
namespace {

/// A name that nobody else has: `.modproof-` and twelve hexadecimal digits.
std::string temporary_name() {
  std::array<std::uint8_t, 6> random{};
  if (::getrandom(random.data(), random.size(), 0) != static_cast<ssize_t>(random.size())) {
    std::abort();  // getrandom(2): cannot fail for so few bytes once the system is up
  }
  std::string name = ".modproof-";
  for (const auto byte : random) {
    name += fmt::format("{:02x}", byte);
  }
  return name;
}

/// Writes `bytes`, and `more` behind them, with one system call if that writes all.
Status write_all(int descriptor, const std::string& path, Bytes bytes, Bytes more) {
  while (!bytes.empty() || !more.empty()) {
    // writev(2) reads what iov_base points to, whatever its type says.
    const std::array<struct iovec, 2> parts{
        {{const_cast<std::uint8_t*>(bytes.data()), bytes.size()},
         {const_cast<std::uint8_t*>(more.data()), more.size()}}};
    const ssize_t done = ::writev(descriptor, parts.data(), static_cast<int>(parts.size()));
    if (done < 0) {
      if (errno == EINTR) {
        continue;
      }
      return fail_errno(path, "cannot write", errno);
    }
    const auto written = static_cast<std::size_t>(done);
    const std::size_t of_first = std::min(written, bytes.size());
    bytes = bytes.subspan(of_first);
    more = more.subspan(written - of_first);
  }
  return {};
}

/// A new file in `directory` that nobody else has, whose path comes into `path`; -1, and errno set,
/// if there can be none.
int create_in(const std::string& directory, mode_t mode, std::string& path) {
  for (;;) {
    path = directory + "/" + temporary_name();
    const int descriptor =
        ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode);
    if (descriptor >= 0 || errno != EEXIST) {
      return descriptor;
    }
  }
}

}  // namespace

Result<Replacement> Replacement::create(const std::string& target) {
  Replacement replacement;
  replacement.target_ = target;
  MODPROOF_ASSIGN(resolved, resolve_target(target));
  replacement.resolved_ = std::move(resolved);
  // What may be read by nobody else must not be while it is written either.
  replacement.descriptor_ = create_in(replacement.directory(), 0600, replacement.temporary_);
  if (replacement.descriptor_ < 0) {
    replacement.temporary_.clear();
    return fail_errno(target, "cannot create a new file beside it", errno);
  }
  return replacement;
}

Replacement::~Replacement() { discard(); }

Replacement::Replacement(Replacement&& other) noexcept
    : target_(std::move(other.target_)),
      resolved_(std::move(other.resolved_)),
      temporary_(std::exchange(other.temporary_, {})),
      descriptor_(std::exchange(other.descriptor_, -1)),
      size_(other.size_),
      has_mode_(other.has_mode_),
      original_(other.original_) {}

Replacement& Replacement::operator=(Replacement&& other) noexcept {
  std::swap(target_, other.target_);
  std::swap(resolved_, other.resolved_);
  std::swap(temporary_, other.temporary_);
  std::swap(descriptor_, other.descriptor_);
  std::swap(size_, other.size_);
  std::swap(has_mode_, other.has_mode_);
  std::swap(original_, other.original_);
  return *this;
}

void Replacement::discard() noexcept {
  if (descriptor_ >= 0) {
    ::close(std::exchange(descriptor_, -1));
  }
  if (!temporary_.empty()) {
    ::unlink(temporary_.c_str());
    temporary_.clear();
  }
}

Status Replacement::reopen() {
  if (descriptor_ >= 0) {
    return {};
  }
  // Not O_APPEND: Linux would then append what pwrite(2) is to put elsewhere.
  descriptor_ = ::open(temporary_.c_str(), O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
  if (descriptor_ < 0 || ::lseek(descriptor_, 0, SEEK_END) < 0) {
    return fail_errno(target_, "cannot open the new file beside it", errno);
  }
  return {};
}

Status Replacement::append(Bytes bytes, Bytes more) {
  MODPROOF_TRY(reopen());
  size_ += bytes.size() + more.size();
  return write_all(descriptor_, target_, bytes, more);
}

Status Replacement::write_at(std::uint64_t offset, Bytes bytes) {
  MODPROOF_TRY(reopen());
  while (!bytes.empty()) {
    const ssize_t written =
        ::pwrite(descriptor_, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (written < 0) {
      if (errno == EINTR) {
        continue;
      }
      return fail_errno(target_, "cannot write", errno);
    }
    bytes = bytes.subspan(static_cast<std::size_t>(written));
    offset += static_cast<std::uint64_t>(written);
  }
  return {};
}

Status Replacement::append_from(const File& source, std::uint64_t offset, std::uint64_t length) {
  constexpr std::uint64_t kStep = std::uint64_t{1} << 30U;
  auto from = static_cast<off_t>(offset);
  bool in_kernel = true;
  ByteVector buffer;
  while (length > 0) {
    if (in_kernel) {
      const ssize_t copied = ::copy_file_range(source.descriptor(), &from, descriptor_, nullptr,
                                               std::min(length, kStep), 0);
      if (copied > 0) {
        length -= static_cast<std::uint64_t>(copied);
        size_ += static_cast<std::uint64_t>(copied);
        continue;
      }
      if (copied < 0 && errno == EINTR) {
        continue;
      }
      // Other file system, or an end that is not expected: the plain way copies or says why not.
      in_kernel = false;
      buffer.resize(std::size_t{1} << 17U);
    }
    const MutableBytes part(buffer.data(), std::min<std::uint64_t>(buffer.size(), length));
    MODPROOF_TRY(source.read_at(static_cast<std::uint64_t>(from), part));
    MODPROOF_TRY(append(part));
    from += static_cast<off_t>(part.size());
    length -= part.size();
  }
  return {};
}

Status Replacement::keep_metadata(const File& original, Times times, Keep keep) {
  const struct stat& old = original.status();
  MODPROOF_TRY(copy_metadata(old, original.descriptor(), descriptor_, keep, target_));
  has_mode_ = true;
  if (times == Times::keep) {
    const std::array<struct timespec, 2> stamps{old.st_atim, old.st_mtim};
    if (::futimens(descriptor_, stamps.data()) != 0) {
      return fail_errno(target_, "cannot keep the times", errno);
    }
  }
  original_ = Original{original.stamp(), old.st_mode, old.st_uid, old.st_gid};
  return {};
}

Status Replacement::keep_metadata_of_target() {
  struct stat old{};
  if (::stat(resolved_.c_str(), &old) != 0) {
    return errno == ENOENT ? take_usual_mode() : fail_errno(target_, "cannot stat", errno);
  }
  // Who may not read it may still replace it.
  const auto file = File::open(resolved_);
  MODPROOF_TRY(copy_metadata(file ? file->status() : old, file ? file->descriptor() : -1,
                             descriptor_, Keep::possible, target_));
  has_mode_ = true;
  return {};
}

Status Replacement::take_usual_mode() {
  // What umask and the default ACL of the directory make of 0666 an empty file shows best.
  std::string path;
  const int probe = create_in(directory(), 0666, path);
  if (probe < 0) {
    return fail_errno(target_, "cannot create a new file beside it", errno);
  }
  struct stat usual{};
  const int code = ::fstat(probe, &usual) == 0 ? 0 : errno;
  ::close(probe);
  ::unlink(path.c_str());
  if (code != 0) {
    return fail_errno(target_, "cannot stat a new file beside it", code);
  }
  has_mode_ = true;
  return with_descriptor([&](int descriptor) {
    return ::fchmod(descriptor, usual.st_mode & 07777U) == 0
               ? Status{}
               : fail_errno(target_, "cannot set the mode", errno);
  });
}

bool Replacement::replaces(const File& original) const noexcept {
  struct stat now{};
  return ::stat(resolved_.c_str(), &now) == 0 && now.st_dev == original.status().st_dev &&
         now.st_ino == original.status().st_ino;
}

Status Replacement::close() {
  if (descriptor_ >= 0 && ::close(std::exchange(descriptor_, -1)) != 0) {
    return fail_errno(target_, "cannot write", errno);
  }
  return {};
}

template <typename Use>
Status Replacement::with_descriptor(Use use) const {
  if (descriptor_ >= 0) {
    return use(descriptor_);
  }
  const int descriptor = ::open(temporary_.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  if (descriptor < 0) {
    return fail_errno(target_, "cannot open the new file beside it", errno);
  }
  Status status = use(descriptor);
  ::close(descriptor);
  return status;
}

void Replacement::start_writing() const noexcept {
  const Status hint = with_descriptor([](int descriptor) {
    ::sync_file_range(descriptor, 0, 0, SYNC_FILE_RANGE_WRITE);
    return Status{};
  });
  static_cast<void>(hint);  // what goes wrong here, sync() reports
}

Status Replacement::finish_writing() const {
  return with_descriptor([this](int descriptor) {
    constexpr unsigned kWait =
        SYNC_FILE_RANGE_WAIT_BEFORE | SYNC_FILE_RANGE_WRITE | SYNC_FILE_RANGE_WAIT_AFTER;
    if (::sync_file_range(descriptor, 0, 0, kWait) == 0) {
      return Status{};
    }
    // Not every file system has this call.
    const bool absent = errno == ESPIPE || errno == EINVAL || errno == ENOSYS;
    return absent && ::fsync(descriptor) == 0
               ? Status{}
               : fail_errno(target_, "cannot write to the disk", errno);
  });
}

Status Replacement::sync() const {
  return with_descriptor([this](int descriptor) {
    return ::fsync(descriptor) == 0 ? Status{}
                                    : fail_errno(target_, "cannot write to the disk", errno);
  });
}

Status Replacement::commit() {
  if (!has_mode_) {
    MODPROOF_TRY(take_usual_mode());
  }
  MODPROOF_TRY(close());
  if (original_) {
    struct stat now{};
    if (::stat(resolved_.c_str(), &now) != 0) {
      if (errno == ENOENT) {
        return fail(ErrorKind::missing, target_,
                    "somebody else removed the file meanwhile; try again");
      }
      return fail_errno(target_, "cannot stat", errno);
    }
    if (!same_contents(stamp_of(now), original_->stamp) || now.st_mode != original_->mode ||
        now.st_uid != original_->owner || now.st_gid != original_->group) {
      return fail(ErrorKind::changed, target_,
                  "somebody else changed the file meanwhile; try again");
    }
  }
  if (::rename(temporary_.c_str(), resolved_.c_str()) != 0) {
    return fail_errno(target_, "cannot rename the new file over it", errno);
  }
  temporary_.clear();
  return {};
}

std::string Replacement::directory() const { return directory_of(resolved_); }

Status Replacement::sync_directory() const { return modproof::sync_directory(directory()); }

namespace {

/// What `sync` (fsync or syncfs) of `directory` sets errno to; 0 if it went well.
/// Errors: io, if it cannot be opened.
Result<int> sync_through(const std::string& directory, int (*sync)(int)) {
  const int descriptor = ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) {
    return fail_errno(directory, "cannot open", errno);
  }
  const int code = sync(descriptor) == 0 ? 0 : errno;
  ::close(descriptor);
  return code;
}

}  // namespace

Status sync_file_system(const std::string& directory) {
  MODPROOF_ASSIGN(code, sync_through(directory, &::syncfs));
  return code == 0 ? Status{}
                   : fail_errno(directory, "cannot write its file system to the disk", code);
}

Status sync_directory(const std::string& directory) {
  MODPROOF_ASSIGN(code, sync_through(directory, &::fsync));
  // Some file systems cannot sync a directory, and say so with EINVAL (fsync(2)).
  return code == 0 || code == EINVAL ? Status{}
                                     : fail_errno(directory, "cannot write to the disk", code);
}

Status write_file(const std::string& target, Bytes bytes, bool sync) {
  MODPROOF_ASSIGN(replacement, Replacement::create(target));
  MODPROOF_TRY(replacement.append(bytes));
  MODPROOF_TRY(replacement.keep_metadata_of_target());
  if (sync) {
    MODPROOF_TRY(replacement.sync());
  }
  MODPROOF_TRY(replacement.commit());
  return sync ? replacement.sync_directory() : Status{};
}

}  // namespace modproof
