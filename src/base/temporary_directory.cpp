// SPDX-License-Identifier: LGPL-2.1-or-later
#include "base/temporary_directory.h"

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <system_error>
#include <utility>

namespace modproof {

Result<TemporaryDirectory> TemporaryDirectory::create() {
  const char* parent = std::getenv("TMPDIR");
  // Absolute, because programs get it as an argument: `-tmp` would be an option.
  std::error_code code;
  std::string path =
      std::filesystem::absolute(parent != nullptr && *parent != '\0' ? parent : "/tmp", code);
  if (code) {
    return fail(ErrorKind::io, {}, "cannot tell the current directory: " + code.message());
  }
  path += "/modproof-XXXXXX";
  if (::mkdtemp(path.data()) == nullptr) {
    return fail_errno(path, "cannot create a temporary directory", errno);
  }
  TemporaryDirectory directory;
  directory.path_ = std::move(path);
  return directory;
}

TemporaryDirectory::~TemporaryDirectory() {
  if (!path_.empty()) {
    std::error_code ignored;  // nobody is left to tell
    std::filesystem::remove_all(path_, ignored);
  }
}

TemporaryDirectory::TemporaryDirectory(TemporaryDirectory&& other) noexcept
    : path_(std::exchange(other.path_, {})) {}

TemporaryDirectory& TemporaryDirectory::operator=(TemporaryDirectory&& other) noexcept {
  std::swap(path_, other.path_);
  return *this;
}

}  // namespace modproof
