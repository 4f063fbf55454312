// SPDX-License-Identifier: LGPL-2.1-or-later
// The frame of an .rpm, around a compressed cpio archive:
//
//     | lead, 96 bytes | header: signatures | zeros to a multiple of 8 | header: tags | payload ...
//     | ED AB EE DB    |
//
//     a header: | 8E AD E8 01 | reserved | entries | size | 16 bytes an entry | size bytes |
//               | u32         | u32      | u32     | u32  |
//
// Integers are big-endian (rpm, docs/manual/format_v4.md). The payload goes up to the end.
#pragma once

#include "modproof/base/result.h"

#include "base/file_range.h"

namespace modproof {

/// True if what starts with `head` is an .rpm.
[[nodiscard]] bool is_rpm(Bytes head) noexcept;

/// The payload of `package`, for which is_rpm() is true.
/// Errors: malformed (cut off; not a header where one must start); io; changed.
[[nodiscard]] Result<FileRange> rpm_payload(const FileRange& package);

}  // namespace modproof
