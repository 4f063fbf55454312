// SPDX-License-Identifier: LGPL-2.1-or-later
// What a file in a package is to modproof, by where the package puts it:
//
//     [usr/]lib/modules/VERSION/.../NAME.ko[.gz|.xz|.zst]      a module
//     [usr/]lib/modules/VERSION/modules.order                  the order of the modules
//     boot/vmlinuz-VERSION, [usr/]lib/modules/VERSION/vmlinuz  a kernel image; also vmlinux, Image
//     usr/lib/debug/boot/vmlinux-VERSION,                      a kernel image with debug
//     usr/lib/debug/[usr/]lib/modules/VERSION/vmlinux          information
//
// Other files below usr/lib/debug are no modules, whatever they are called: they hold what was
// stripped from them. A module elsewhere is one of which nobody knows the version.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "modproof/base/result.h"

namespace modproof {

enum class PackageFile : std::uint8_t { other, module, kernel, order };

struct PackagePlace {
  PackageFile kind = PackageFile::other;
  std::string version;  ///< of the kernel; empty where the place does not say
};

/// `name` of an entry without `.` and empty components: `./boot//vmlinuz-1` is `boot/vmlinuz-1`;
/// empty for the root itself.
/// Errors: malformed, without a path (absolute, or with a component `..`: such a name leads out of
/// where the package is unpacked).
[[nodiscard]] Result<std::string> entry_path(std::string_view name);

/// What stands at `path`, which is from entry_path().
[[nodiscard]] PackagePlace place_of(std::string_view path);

/// `path` as it is called where /lib and /usr/lib are one directory.
[[nodiscard]] std::string_view without_usr(std::string_view path) noexcept;

}  // namespace modproof
