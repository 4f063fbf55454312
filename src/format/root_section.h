// SPDX-License-Identifier: LGPL-2.1-or-later
// The section `.module_hashes` of a linked kernel: where the root stands in vmlinux.
//
//     0        4                                  36
//     | levels | hash                              |
//     | u32    | 32 bytes                          |
//
// `levels` has the byte order of the kernel, because the kernel reads it as an integer of its own.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "modproof/base/digest.h"
#include "modproof/base/result.h"

#include "base/file.h"

namespace modproof {

inline constexpr std::string_view kRootSectionName = ".module_hashes";
inline constexpr std::size_t kRootSectionSize = 4 + kDigestSize;

struct RootSection {
  std::uint64_t offset = 0;  ///< of the 36 bytes in the file
  std::endian order = std::endian::little;
  unsigned bits = 64;         ///< 32 or 64, of the kernel
  std::uint16_t machine = 0;  ///< e_machine of the kernel
  Root root;
};

/// The 36 bytes of `root` for a kernel of byte order `order`.
[[nodiscard]] std::array<std::uint8_t, kRootSectionSize> encode_root_section(const Root& root,
                                                                             std::endian order);

/// Finds and reads the section in `file`.
/// Errors: malformed (not ELF, not a linked kernel, section table broken, two such sections, one of
/// another size, without contents or compressed, more than 32 levels, a hash without levels);
/// missing (a kernel without the section); io.
[[nodiscard]] Result<RootSection> read_root_section(const File& file);

}  // namespace modproof
