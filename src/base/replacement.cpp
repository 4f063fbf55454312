// SPDX-License-Identifier: LGPL-2.1-or-later
#include "base/replacement.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <memory>
#include <utility>

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/random.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/try.h"

namespace modproof {
namespace {

/// `path` with every symbolic link followed; the path itself where nothing stands there yet.
Result<std::string> resolve(const std::string& path) {
  struct stat status{};
  if (::lstat(path.c_str(), &status) != 0) {
    if (errno == ENOENT) {
      return path;
    }
    return fail_errno(path, "cannot stat", errno);
  }
  const std::unique_ptr<char, decltype(&std::free)> real(::realpath(path.c_str(), nullptr),
                                                         &std::free);
  if (!real) {
    return fail_errno(path, "cannot follow the symbolic link", errno);
  }
  // A rename would put a file in the place of a device or a FIFO, and never write to it.
  if (::stat(real.get(), &status) == 0 && !S_ISREG(status.st_mode)) {
    return fail(ErrorKind::malformed, path,
                fmt::format("is {}, not a regular file", kind_of_file(status.st_mode)));
  }
  return std::string(real.get());
}

std::string directory_of(const std::string& path) {
  const auto slash = path.rfind('/');
  if (slash == std::string::npos) {
    return ".";
  }
  return slash == 0 ? "/" : path.substr(0, slash);
}

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

Status write_all(int descriptor, const std::string& path, Bytes bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(descriptor, bytes.data(), bytes.size());
    if (written < 0) {
      if (errno == EINTR) {
        continue;
      }
      return fail_errno(path, "cannot write", errno);
    }
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
  return {};
}

/// Attributes that are a statement on the bytes of the file, so not true of new bytes.
bool describes_content(std::string_view attribute) noexcept {
  return attribute == "security.ima" || attribute == "security.evm";
}

Status copy_attributes(int from, int to, const std::string& path) {
  const ssize_t size = ::flistxattr(from, nullptr, 0);
  if (size <= 0) {
    // A file system without extended attributes has none to keep.
    return size == 0 || errno == ENOTSUP
               ? Status{}
               : fail_errno(path, "cannot list extended attributes", errno);
  }
  std::string names(static_cast<std::size_t>(size), '\0');
  const ssize_t got = ::flistxattr(from, names.data(), names.size());
  if (got < 0) {
    return fail_errno(path, "cannot list extended attributes", errno);
  }
  names.resize(static_cast<std::size_t>(got));
  std::vector<char> value;
  for (std::size_t at = 0; at < names.size();) {
    const std::string name = names.c_str() + at;
    at += name.size() + 1;
    if (describes_content(name)) {
      continue;
    }
    const ssize_t length = ::fgetxattr(from, name.c_str(), nullptr, 0);
    if (length < 0) {
      return fail_errno(path, fmt::format("cannot read extended attribute {}", name), errno);
    }
    value.resize(static_cast<std::size_t>(length));
    const ssize_t read = ::fgetxattr(from, name.c_str(), value.data(), value.size());
    if (read != length) {
      return fail_errno(path, fmt::format("cannot read extended attribute {}", name),
                        read < 0 ? errno : EAGAIN);
    }
    if (::fsetxattr(to, name.c_str(), value.data(), value.size(), 0) != 0) {
      return fail_errno(path, fmt::format("cannot keep extended attribute {}", name), errno);
    }
  }
  return {};
}

}  // namespace

Result<Replacement> Replacement::create(const std::string& target) {
  Replacement replacement;
  replacement.target_ = target;
  MODPROOF_ASSIGN(resolved, resolve(target));
  replacement.resolved_ = std::move(resolved);
  const std::string directory = directory_of(replacement.resolved_);
  for (;;) {
    std::string path = directory + "/" + temporary_name();
    // Not mkostemp(3): a new file shall have the mode that the umask gives.
    const int descriptor =
        ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0666);
    if (descriptor >= 0) {
      replacement.descriptor_ = descriptor;
      replacement.temporary_ = std::move(path);
      return replacement;
    }
    if (errno != EEXIST) {
      return fail_errno(target, "cannot create a new file beside it", errno);
    }
  }
}

Replacement::~Replacement() { discard(); }

Replacement::Replacement(Replacement&& other) noexcept
    : target_(std::move(other.target_)),
      resolved_(std::move(other.resolved_)),
      temporary_(std::exchange(other.temporary_, {})),
      descriptor_(std::exchange(other.descriptor_, -1)),
      original_(other.original_) {}

Replacement& Replacement::operator=(Replacement&& other) noexcept {
  std::swap(target_, other.target_);
  std::swap(resolved_, other.resolved_);
  std::swap(temporary_, other.temporary_);
  std::swap(descriptor_, other.descriptor_);
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

Status Replacement::append(Bytes bytes) {
  MODPROOF_TRY(reopen());
  return write_all(descriptor_, target_, bytes);
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

Status Replacement::keep_metadata(const File& original, Times times) {
  const struct stat& old = original.status();
  // The owner first: changing it clears set-user-ID bits.
  if (::fchown(descriptor_, old.st_uid, old.st_gid) != 0) {
    return fail_errno(target_, "cannot keep the owner", errno);
  }
  if (::fchmod(descriptor_, old.st_mode & 07777U) != 0) {
    return fail_errno(target_, "cannot keep the mode", errno);
  }
  MODPROOF_TRY(copy_attributes(original.descriptor(), descriptor_, target_));
  if (times == Times::keep) {
    const std::array<struct timespec, 2> stamps{old.st_atim, old.st_mtim};
    if (::futimens(descriptor_, stamps.data()) != 0) {
      return fail_errno(target_, "cannot keep the times", errno);
    }
  }
  original_ = original.stamp();
  return {};
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
    if (!same_contents(stamp_of(now), *original_)) {
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
  if (sync) {
    MODPROOF_TRY(replacement.sync());
  }
  MODPROOF_TRY(replacement.commit());
  return sync ? replacement.sync_directory() : Status{};
}

}  // namespace modproof
