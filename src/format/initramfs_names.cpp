// SPDX-License-Identifier: LGPL-2.1-or-later
#include "format/initramfs_names.h"

#include <algorithm>
#include <string_view>

#include <fmt/core.h>
#include <sys/stat.h>

#include "base/try.h"

namespace modproof {
namespace {

/// Files with several names in one archive; each costs memory for two names.
constexpr std::size_t kMostFiles = std::size_t{1} << 14U;

/// PATH_MAX of the kernel, which steps over longer links.
constexpr std::uint64_t kMostTarget = 4096;

std::unexpected<Error> fault(ErrorKind kind, const FileRange& range, const CpioEntry& entry,
                             std::string message) {
  return fail(kind, range.file().path(), std::move(message), range.offset() + entry.at);
}

}  // namespace

Status InitramfsNames::entry(const FileRange& range, const CpioEntry& entry) {
  if (entry.is_trailer()) {
    files_.clear();
    return {};
  }
  if (entry.is_regular() && entry.links >= 2) {
    return file(range, entry);
  }
  return S_ISLNK(entry.mode) && wants_(entry.name) ? symbolic_link(range, entry) : Status{};
}

Status InitramfsNames::file(const FileRange& range, const CpioEntry& entry) {
  if (files_.size() == kMostFiles && !files_.contains(entry.file)) {
    return fault(
        ErrorKind::unsupported, range, entry,
        fmt::format("more than {} files of this cpio archive have several names", kMostFiles));
  }
  Names& names = files_[entry.file];
  const bool wanted = wants_(entry.name);
  if (wanted && names.wanted.empty()) {
    names.wanted = entry.name;
  }
  if (entry.size > 0) {
    if (!names.contents.empty()) {
      return fault(ErrorKind::malformed, range, entry,
                   fmt::format("this cpio archive is broken: {} and {} are one file, and both have "
                               "contents",
                               printable(names.contents), printable(entry.name)));
    }
    names.contents = entry.name;
    names.checked = wanted;
  }
  if (!names.wanted.empty() && !names.contents.empty() && !names.checked) {
    return fault(ErrorKind::unsupported, range, entry,
                 fmt::format("{} is another name of {}, which is not called like a module, so what "
                             "is in it is not checked",
                             printable(names.wanted), printable(names.contents)));
  }
  return {};
}

Status InitramfsNames::symbolic_link(const FileRange& range, const CpioEntry& entry) const {
  std::string target(static_cast<std::size_t>(std::min(entry.size, kMostTarget)), '\0');
  MODPROOF_TRY(range.read_at(entry.contents_at,
                             {reinterpret_cast<std::uint8_t*>(target.data()), target.size()}));
  target.resize(std::min(target.find('\0'), target.size()));
  if (wants_(target)) {
    return {};
  }
  return fault(
      ErrorKind::unsupported, range, entry,
      fmt::format("{} is a symbolic link to {}, which is not called like a module, so what "
                  "is in it is not checked",
                  printable(entry.name), printable(target)));
}

}  // namespace modproof
