// SPDX-License-Identifier: LGPL-2.1-or-later
// The unified kernel image: an EFI program (PE) whose section `.linux` is a kernel image of any
// other kind, beside `.initrd`, `.cmdline`, `.osrel` and others. An entry of the section table
// (pe.h):
//
//     0 name, 8 bytes | 8 u32 size in memory | 16 u32 size in file | 20 u32 offset | ... 40
//
// Integers are little-endian (PE format; Unified Kernel Image specification of the UAPI group). The
// size in memory is the true one; the file is padded.
#pragma once

#include <cstdint>
#include <optional>

#include "modproof/base/result.h"

#include "base/file_range.h"

namespace modproof {

/// The section `.linux` of `image`; nothing if it is no PE file, or one without such a section.
/// Errors: malformed (a PE file whose section table or section `.linux` lies outside);
/// unsupported (several sections `.linux`: profiles with a kernel each); io.
[[nodiscard]] Result<std::optional<FileRange>> find_linux_section(const FileRange& image);

}  // namespace modproof
