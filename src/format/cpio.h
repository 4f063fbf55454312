// SPDX-License-Identifier: LGPL-2.1-or-later
// The entries of a cpio archive as the kernel takes them in an initramfs (newc, init/initramfs.c):
//
//     0        6                                          110
//     | 070701 | 13 fields of 8 hexadecimal digits        | name, NUL | pad | contents | pad | next
//       or       inode mode uid gid links time SIZE                   ^ of 4           ^ of 4
//       070702   device (4 fields) LENGTH OF NAME checksum
//
// An entry called TRAILER!!! ends an archive. It is read here and not by a library because what is
// checked has to be what the kernel unpacks: a reader that steps over rubbish, or that takes other
// lengths, sees other files. And one that loads a library would cost each start of the tool.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "modproof/base/bytes.h"
#include "modproof/base/result.h"

#include "base/file_range.h"

namespace modproof {

/// Where entries and archives stand: at multiples of this.
inline constexpr std::uint64_t kCpioAlignment = 4;

/// One entry. Offsets are in the range that it was read from.
struct CpioEntry {
  std::string name;  ///< up to the first NUL, as the kernel takes it
  std::uint32_t mode = 0;
  std::uint32_t links = 0;
  /// What tells one file from another: inode, and the device as two numbers.
  std::array<std::uint32_t, 3> file{};
  std::optional<std::uint32_t> checksum;  ///< of the contents, in an archive that has them
  std::uint64_t at = 0;                   ///< where its header starts
  std::uint64_t contents_at = 0;          ///< where its contents start
  std::uint64_t size = 0;                 ///< of its contents, which lie in the range
  std::uint64_t next = 0;  ///< behind it and its padding; at most the size of the range

  [[nodiscard]] bool is_regular() const noexcept;
  /// True for the entry that ends an archive.
  [[nodiscard]] bool is_trailer() const noexcept { return name == "TRAILER!!!"; }
};

/// True if `head` starts like an entry.
[[nodiscard]] bool is_cpio(Bytes head) noexcept;

/// The entry at `offset` of `range`, which starts like one. `after` is the name of the entry before
/// it, for messages; empty at the start of an archive.
/// Errors: malformed (cut off; a field that is no number; a name that does not end in a NUL, or is
/// longer than the kernel takes; contents past the end; with the offset in the file of the range);
/// io; changed.
[[nodiscard]] Result<CpioEntry> read_cpio_entry(const FileRange& range, std::uint64_t offset,
                                                std::string_view after);

/// The checksum that an entry with these contents has where it has one: the sum of all bytes,
/// modulo 2^32.
[[nodiscard]] std::uint32_t cpio_checksum(Bytes contents) noexcept;

/// Compares the contents of `entry` of `range` with its checksum, if it has one, as the kernel
/// does. Errors: malformed (another checksum); io; changed.
[[nodiscard]] Status check_cpio_checksum(const FileRange& range, const CpioEntry& entry);

/// Adds to size and checksum in `head`, the header of an entry whose contents change; both modulo
/// 2^32, so that they can get smaller. The caller has checked that the size stays below 2^32.
void change_cpio_entry(MutableBytes head, std::uint32_t size, std::uint32_t checksum);

}  // namespace modproof
