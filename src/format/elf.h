// SPDX-License-Identifier: LGPL-2.1-or-later
// What modproof needs to know of an ELF file, read with libelf: header and section table, never the
// contents of a section, so that a kernel of 1 GB costs no more than a small one.
#pragma once

#include <bit>
#include <cstdint>
#include <string>
#include <vector>

#include "modproof/base/bytes.h"
#include "modproof/base/result.h"

#include "base/file.h"

namespace modproof {

struct ElfSection {
  std::string name;
  std::uint64_t offset = 0;  ///< of the contents in the file
  std::uint64_t size = 0;    ///< in bytes
  bool in_file = true;       ///< false for SHT_NOBITS, which has a size but no contents
  bool compressed = false;   ///< SHF_COMPRESSED
  std::uint32_t type = 0;    ///< sh_type
};

struct ElfImage {
  std::uint16_t type = 0;     ///< e_type: ET_REL for a module, ET_EXEC or ET_DYN for vmlinux
  std::uint16_t machine = 0;  ///< e_machine
  unsigned bits = 0;          ///< 32 or 64
  std::endian order = std::endian::little;
  std::vector<ElfSection> sections;  ///< in the order of the section table, without the null entry
};

/// Reads header and section table of `file`.
/// Errors: malformed (not ELF; the section table or a section reaches past the end of the file; a
/// section without a readable name; sections that share so many bytes that together they are larger
/// than several files like this); io.
[[nodiscard]] Result<ElfImage> read_elf(const File& file);

/// Checks that the file of `size` bytes which starts with `head` (its first 64 bytes, or all of a
/// shorter one) is a module: an ELF file of type ET_REL whose section table lies within the file.
/// Errors (path empty): malformed (empty, not ELF, cut off, another type); unsupported
/// (compressed).
[[nodiscard]] Status check_module_head(Bytes head, std::uint64_t size);

/// How many bytes check_module_head() wants to see.
inline constexpr std::size_t kElfHead = 64;

/// True if the linked file `image` is a kernel and not just any program: it has sections that only
/// the linker script of a kernel makes (`__ksymtab`, `.init.text`, `.module_hashes`).
[[nodiscard]] bool is_kernel(const ElfImage& image);

/// True if `name` is a section of debug information, compressed or not, or of its relocations.
[[nodiscard]] bool is_debug_section(std::string_view name) noexcept;

/// True if `image` has sections that `strip --strip-debug` would remove.
[[nodiscard]] bool has_debug_sections(const ElfImage& image);

/// The name of an e_machine value as `uname -m` would spell it, or `machine N`.
[[nodiscard]] std::string machine_name(std::uint16_t machine);

}  // namespace modproof
