// SPDX-License-Identifier: LGPL-2.1-or-later
#include "base/resolve_target.h"

#include <cerrno>
#include <climits>
#include <cstdlib>
#include <memory>
#include <utility>

#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/try.h"

namespace modproof {
namespace {

/// As many links as Linux follows (path_resolution(7)).
constexpr int kMostLinks = 40;

/// Errors: io, if somebody else may have laid the link `link`, whose status is `status`.
Status check_link(const std::string& path, const std::string& link, const struct stat& status) {
  struct stat directory{};
  if (::stat(directory_of(link).c_str(), &directory) != 0) {
    return fail_errno(path, "cannot follow the symbolic link", errno);
  }
  constexpr mode_t kForAll = S_ISVTX | S_IWOTH;
  if ((directory.st_mode & kForAll) == kForAll && status.st_uid != ::geteuid() &&
      status.st_uid != directory.st_uid) {
    return fail(ErrorKind::io, path,
                fmt::format("{} is a symbolic link of another user in a directory where everybody "
                            "can make one; name the file itself",
                            printable(link)));
  }
  return {};
}

Result<std::string> target_of(const std::string& path, const std::string& link) {
  std::string text(PATH_MAX, '\0');
  const ssize_t length = ::readlink(link.c_str(), text.data(), text.size());
  if (length < 0 || static_cast<std::size_t>(length) == text.size()) {
    return fail_errno(path, "cannot follow the symbolic link", length < 0 ? errno : ENAMETOOLONG);
  }
  text.resize(static_cast<std::size_t>(length));
  const bool from_here = text.starts_with('/') || link.find('/') == std::string::npos;
  return from_here ? text : directory_of(link) + "/" + text;
}

/// `path`, which is no link, by a directory that stays the same if links above it change.
std::string by_real_directory(const std::string& path) {
  const std::unique_ptr<char, decltype(&std::free)> directory(
      ::realpath(directory_of(path).c_str(), nullptr), &std::free);
  const auto slash = path.rfind('/');
  const std::string name = slash == std::string::npos ? path : path.substr(slash + 1);
  return directory ? std::string(directory.get()) + "/" + name : path;
}

}  // namespace

std::string directory_of(const std::string& path) {
  const auto slash = path.rfind('/');
  if (slash == std::string::npos) {
    return ".";
  }
  return slash == 0 ? "/" : path.substr(0, slash);
}

Result<std::string> resolve_target(const std::string& path) {
  std::string at = path;
  for (int links = 0; links <= kMostLinks; ++links) {
    struct stat status{};
    if (::lstat(at.c_str(), &status) != 0) {
      if (errno == ENOENT && links == 0) {
        return path;
      }
      return fail_errno(path, links == 0 ? "cannot stat" : "cannot follow the symbolic link",
                        errno);
    }
    if (S_ISLNK(status.st_mode)) {
      MODPROOF_TRY(check_link(path, at, status));
      MODPROOF_ASSIGN(next, target_of(path, at));
      at = std::move(next);
      continue;
    }
    // A rename would put a file in the place of a device or a FIFO, and never write to it.
    if (!S_ISREG(status.st_mode)) {
      return fail(ErrorKind::malformed, path,
                  fmt::format("is {}, not a regular file", kind_of_file(status.st_mode)));
    }
    return by_real_directory(at);
  }
  return fail_errno(path, "cannot follow the symbolic link", ELOOP);
}

}  // namespace modproof
