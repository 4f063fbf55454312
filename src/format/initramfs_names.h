// SPDX-License-Identifier: LGPL-2.1-or-later
// Which contents the kernel puts under a name, where that is not just what stands behind it.
//
// Regular files with two links or more and one inode and device are one file, until the trailer of
// their archive: contents that come under any of the names are those of all of them, and contents
// that come a second time are written over the first (init/initramfs.c, maybe_link() and
// do_copy()). A symbolic link takes the place of what had its name.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <utility>

#include "modproof/base/result.h"

#include "base/file_range.h"
#include "format/cpio.h"

namespace modproof {

/// Watches over the entries of an initramfs for whoever looks at the contents of some of them only.
class InitramfsNames {
 public:
  /// `wants` says of which names the contents are looked at.
  explicit InitramfsNames(std::function<bool(const std::string& name)> wants)
      : wants_(std::move(wants)) {}

  /// Takes note of the next entry, trailers included.
  /// Errors: malformed (one file has contents twice); unsupported (a name that is wanted gets its
  /// contents from one that is not, by a hard or a symbolic link; more files with several names
  /// than any initramfs has); each with the offset of the entry in the file; io; changed.
  [[nodiscard]] Status entry(const FileRange& range, const CpioEntry& entry);

 private:
  /// The names of one file, as far as they are known.
  struct Names {
    std::string wanted;    ///< one that is wanted; empty if there is none
    std::string contents;  ///< the one with the contents; empty before they come
    bool checked = false;  ///< that one is wanted
  };

  [[nodiscard]] Status file(const FileRange& range, const CpioEntry& entry);
  [[nodiscard]] Status symbolic_link(const FileRange& range, const CpioEntry& entry) const;

  std::function<bool(const std::string& name)> wants_;
  std::map<std::array<std::uint32_t, 3>, Names> files_;
};

}  // namespace modproof
