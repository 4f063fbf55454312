// SPDX-License-Identifier: LGPL-2.1-or-later
// Kernel images that are no more than the bytes to be put into memory: arm64 and riscv Image, arm
// zImage, the image of s390.
//
// Such an image has a short header and no section table, so nothing says where `.module_hashes` is.
// Its 36 bytes have no mark of their own, either; a search for what looks like them could take
// other bytes for the root, and whoever wrote those bytes would decide what gets accepted. So these
// images are recognised to be named, and the root is never taken from them.
//
//     arm64   56 "ARM\x64"              (Documentation/arch/arm64/booting.rst)
//     riscv   56 "RSC\x05"              (Documentation/arch/riscv/boot-image-header.rst)
//     arm     36 u32 0x016F2818         (arch/arm/boot/compressed/head.S)
//     s390    65544 "S390EP"            (arch/s390/boot/head.S)
//     others   0 "MZ", 56 u32 0x818223CD (an EFI stub; include/linux/pe.h, LINUX_PE_MAGIC)
#pragma once

#include <optional>
#include <string_view>

#include "modproof/base/result.h"

#include "base/file_range.h"

namespace modproof {

/// What kind of raw image this is (`arm64 Image`, ...); nothing if it is none. Errors: io.
[[nodiscard]] Result<std::optional<std::string_view>> raw_image_kind(const FileRange& image);

}  // namespace modproof
