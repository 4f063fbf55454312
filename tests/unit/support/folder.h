// SPDX-License-Identifier: LGPL-2.1-or-later
// A folder for the files of one test, gone when the test ends, and plain functions on files that
// use nothing of the code under test.
#pragma once

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <stdexcept>
#include <string>
#include <system_error>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "modproof/base/bytes.h"

namespace modproof::test {

class Folder {
 public:
  Folder() : path_((std::filesystem::temp_directory_path() / "modproof-test-XXXXXX").string()) {
    if (::mkdtemp(path_.data()) == nullptr) {
      throw std::system_error(errno, std::generic_category(), path_);
    }
  }
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] std::string operator/(const std::string& name) const { return path_ + "/" + name; }

  /// Writes a file in it and gives its path; folders on the way are made.
  std::string write(const std::string& name, Bytes bytes) const;

  /// The names of everything directly in it, hidden files, too.
  [[nodiscard]] std::set<std::string> names() const {
    std::set<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(path_)) {
      names.insert(entry.path().filename().string());
    }
    return names;
  }

 private:
  std::string path_;
};

/// Overwrites `path` in place, or creates it. Not by truncating it first: ext4 then waits for the
/// disk, which makes tests that write a file thousands of times slow.
inline void write_bytes(const std::string& path, Bytes bytes) {
  const int descriptor = ::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
  if (descriptor < 0 ||
      ::write(descriptor, bytes.data(), bytes.size()) != static_cast<ssize_t>(bytes.size()) ||
      ::ftruncate(descriptor, static_cast<off_t>(bytes.size())) != 0 || ::close(descriptor) != 0) {
    throw std::system_error(errno, std::generic_category(), path);
  }
}

inline ByteVector read_bytes(const std::string& path) {
  std::ifstream stream(path, std::ios::binary);
  if (!stream) {
    throw std::runtime_error("cannot read " + path);
  }
  return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
}

inline std::string Folder::write(const std::string& name, Bytes bytes) const {
  const std::filesystem::path path = std::filesystem::path(path_) / name;
  std::filesystem::create_directories(path.parent_path());
  write_bytes(path.string(), bytes);
  return path.string();
}

inline struct stat status_of(const std::string& path) {
  struct stat status{};
  if (::lstat(path.c_str(), &status) != 0) {
    throw std::system_error(errno, std::generic_category(), path);
  }
  return status;
}

}  // namespace modproof::test
