// SPDX-License-Identifier: LGPL-2.1-or-later
#include "base/temporary_file.h"

#include <cerrno>
#include <cstdlib>
#include <utility>

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

namespace modproof {
namespace {

/// A descriptor of a file without a name in `directory`, or -1 with errno set.
int open_unnamed(const std::string& directory) {
  const int descriptor = ::open(directory.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC | O_EXCL, 0600);
  // EISDIR: kernels, EOPNOTSUPP: file systems that do not know O_TMPFILE.
  if (descriptor >= 0 || (errno != EISDIR && errno != EOPNOTSUPP)) {
    return descriptor;
  }
  std::string path = directory + "/modproof-XXXXXX";
  const int named = ::mkostemp(path.data(), O_CLOEXEC);
  if (named >= 0) {
    ::unlink(path.c_str());
  }
  return named;
}

}  // namespace

Result<TemporaryFile> TemporaryFile::create() {
  const char* parent = std::getenv("TMPDIR");
  TemporaryFile file;
  file.directory_ = parent != nullptr && *parent != '\0' ? parent : "/tmp";
  file.descriptor_ = open_unnamed(file.directory_);
  if (file.descriptor_ < 0) {
    return fail_errno(file.directory_, "cannot create a temporary file", errno);
  }
  return file;
}

Result<TemporaryFile> TemporaryFile::create_in_memory() {
  TemporaryFile file;
  file.directory_ = "memory";
  file.descriptor_ = ::memfd_create("modproof", MFD_CLOEXEC);
  if (file.descriptor_ < 0) {
    return fail_errno(file.directory_, "cannot create a file", errno);
  }
  return file;
}

TemporaryFile::~TemporaryFile() {
  if (descriptor_ >= 0) {
    ::close(descriptor_);
  }
}

TemporaryFile::TemporaryFile(TemporaryFile&& other) noexcept
    : directory_(std::move(other.directory_)),
      descriptor_(std::exchange(other.descriptor_, -1)),
      size_(other.size_) {}

TemporaryFile& TemporaryFile::operator=(TemporaryFile&& other) noexcept {
  std::swap(directory_, other.directory_);
  std::swap(descriptor_, other.descriptor_);
  std::swap(size_, other.size_);
  return *this;
}

Status TemporaryFile::append(Bytes bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(descriptor_, bytes.data(), bytes.size());
    if (written < 0) {
      if (errno == EINTR) {
        continue;
      }
      return fail_errno(directory_,
                        "cannot write to a temporary file (TMPDIR chooses another place)", errno);
    }
    bytes = bytes.subspan(static_cast<std::size_t>(written));
    size_ += static_cast<std::uint64_t>(written);
  }
  return {};
}

Status TemporaryFile::append_range(const FileRange& range) {
  constexpr std::size_t kPiece = 1U << 20U;
  return range.each_piece(kPiece, [this](Bytes piece) { return append(piece); });
}

Result<File> TemporaryFile::finish(std::string path) && {
  return File::adopt(std::exchange(descriptor_, -1), std::move(path));
}

}  // namespace modproof
