// SPDX-License-Identifier: LGPL-2.1-or-later
// What a file is that a user names and that is not called like a module: its contents tell.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "modproof/base/result.h"

#include "base/file.h"

namespace modproof {

/// The name of the module in `file`, which is as the kernel sees it: what its section .modinfo
/// says, else how the file is called, without the suffix of a compression. Nothing if it is no
/// module: no relocatable ELF file, or without the section in which the kernel looks for it
/// (.gnu.linkonce.this_module), as object files are.
[[nodiscard]] std::optional<std::string> name_inside(const File& file);

/// The same of the file `path`, plain or compressed as modules are; `limit` is the most bytes that
/// it may decompress to. Nothing, too, if it cannot be read.
[[nodiscard]] std::optional<std::string> name_of_module_at(const std::string& path,
                                                           std::uint64_t limit);

/// Why `path`, neither a directory nor a module, is not taken, and what to do with it.
[[nodiscard]] Error no_module(const std::string& path);

}  // namespace modproof
