// SPDX-License-Identifier: LGPL-2.1-or-later
#include "base/metadata.h"

#include <cerrno>
#include <string_view>
#include <vector>

#include <fmt/core.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/try.h"

namespace modproof {
namespace {

constexpr const char* kAccessAcl = "system.posix_acl_access";

/// Attributes that are a statement on the bytes of the file, so not true of new bytes.
bool describes_content(std::string_view attribute) noexcept {
  return attribute == "security.ima" || attribute == "security.evm";
}

/// True if fsetxattr(2) says with `code` that only root may, or that the file system cannot.
bool is_not_possible(int code) noexcept {
  return code == EPERM || code == EACCES || code == ENOTSUP;
}

/// Copies one attribute. False if it was left out.
Result<bool> copy_attribute(int from, int to, const std::string& name, Keep keep,
                            const std::string& path) {
  const ssize_t length = ::fgetxattr(from, name.c_str(), nullptr, 0);
  if (length < 0) {
    return fail_errno(path, fmt::format("cannot read extended attribute {}", name), errno);
  }
  std::vector<char> value(static_cast<std::size_t>(length));
  const ssize_t read = ::fgetxattr(from, name.c_str(), value.data(), value.size());
  if (read != length) {
    return fail_errno(path, fmt::format("cannot read extended attribute {}", name),
                      read < 0 ? errno : EAGAIN);
  }
  if (::fsetxattr(to, name.c_str(), value.data(), value.size(), 0) == 0) {
    return true;
  }
  if (keep == Keep::possible && is_not_possible(errno)) {
    return false;
  }
  return fail_errno(path, fmt::format("cannot keep extended attribute {}", name), errno);
}

/// Copies all attributes. False if the access ACL was left out; without `group` it is.
Result<bool> copy_attributes(int from, int to, bool group, Keep keep, const std::string& path) {
  const ssize_t size = ::flistxattr(from, nullptr, 0);
  if (size == 0 || (size < 0 && errno == ENOTSUP)) {
    return true;  // a file system without extended attributes has none to keep
  }
  std::string names(static_cast<std::size_t>(size < 0 ? 0 : size), '\0');
  const ssize_t got = size < 0 ? size : ::flistxattr(from, names.data(), names.size());
  if (got < 0) {
    return fail_errno(path, "cannot list extended attributes", errno);
  }
  names.resize(static_cast<std::size_t>(got));
  bool acl_kept = true;
  for (std::size_t at = 0; at < names.size();) {
    const std::string name = names.c_str() + at;
    at += name.size() + 1;
    if (describes_content(name)) {
      continue;
    }
    bool copied = false;
    if (group || name != kAccessAcl) {
      MODPROOF_ASSIGN(done, copy_attribute(from, to, name, keep, path));
      copied = done;
    }
    acl_kept = acl_kept && (copied || name != kAccessAcl);
  }
  return acl_kept;
}

}  // namespace

Status copy_metadata(const struct stat& old, int from, int to, Keep keep, const std::string& path) {
  mode_t mode = old.st_mode & 07777U;
  struct stat now{};
  if (::fstat(to, &now) != 0) {
    return fail_errno(path, "cannot stat the new file beside it", errno);
  }
  // What would change nothing is left out, as the file system would write it to its journal.
  //
  // Before the mode, whose bits for the group would become the mask of that ACL.
  if (::flistxattr(to, nullptr, 0) != 0 && ::fremovexattr(to, kAccessAcl) != 0 &&
      errno != ENODATA && errno != ENOTSUP) {
    return fail_errno(path, "cannot remove the access ACL of the directory", errno);
  }
  // The owner before the mode: changing it clears set-ID bits.
  bool group = true;
  if ((now.st_uid != old.st_uid || now.st_gid != old.st_gid) &&
      ::fchown(to, old.st_uid, old.st_gid) != 0) {
    // EINVAL: an owner that this user namespace does not know.
    if (keep == Keep::all || (errno != EPERM && errno != EINVAL)) {
      return fail_errno(path, "cannot keep the owner", errno);
    }
    mode &= ~static_cast<mode_t>(S_ISUID | S_ISGID);
    group = ::fchown(to, static_cast<uid_t>(-1), old.st_gid) == 0;
  }
  // The attributes before the mode: of a read-only file only root may set them.
  if (from >= 0) {
    MODPROOF_ASSIGN(acl_kept, copy_attributes(from, to, group, keep, path));
    group = group && acl_kept;
  }
  if (!group) {
    mode &= ~static_cast<mode_t>(S_IRWXG) | ((mode & S_IRWXO) << 3U);
  }
  // EPERM, though the file is ours: FAT has no modes. What the file has is no more than 0600 was.
  if (::fchmod(to, mode) != 0 && (keep == Keep::all || errno != EPERM)) {
    return fail_errno(path, "cannot keep the mode", errno);
  }
  return {};
}

}  // namespace modproof
