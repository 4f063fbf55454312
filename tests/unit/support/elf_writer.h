// SPDX-License-Identifier: LGPL-2.1-or-later
// Small ELF files of both classes and both byte orders, right ones and wrong ones. Written from the
// System V ABI, without libelf, which the code under test reads them with.
//
//     header | contents of the sections | section names | section table
#pragma once

#include <bit>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <elf.h>

#include "modproof/base/bytes.h"

namespace modproof::test {

struct TestSection {
  std::string name;
  ByteVector contents;
  std::uint32_t type = SHT_PROGBITS;
  std::uint64_t flags = 0;
  std::optional<std::uint64_t> size = {};    ///< that the table claims; else the true one
  std::optional<std::uint64_t> offset = {};  ///< likewise
};

struct TestElf {
  unsigned bits = 64;
  std::endian order = std::endian::little;
  std::uint16_t type = ET_EXEC;
  std::uint16_t machine = EM_X86_64;
  std::vector<TestSection> sections = {};
  /// Bytes between the header and the first section, to move sections about.
  std::size_t gap = 0;
  std::optional<std::uint64_t> table_offset = {};  ///< that the header claims; else the true one
  std::optional<std::uint16_t> table_entries = {};
  std::optional<std::uint16_t> names_index = {};

  [[nodiscard]] std::size_t header_size() const { return bits == 64 ? 64 : 52; }

  /// Where the contents of section `index` of `sections` start.
  [[nodiscard]] std::uint64_t offset_of(std::size_t index) const {
    std::uint64_t offset = header_size() + gap;
    for (std::size_t i = 0; i < index; ++i) {
      offset += sections[i].contents.size();
    }
    return offset;
  }

  [[nodiscard]] ByteVector bytes() const {
    const std::size_t word = bits / 8;
    ByteVector out;
    const auto put = [&](std::uint64_t value, std::size_t width) {
      for (std::size_t i = 0; i < width; ++i) {
        const std::size_t shift = 8 * (order == std::endian::big ? width - 1 - i : i);
        out.push_back(static_cast<std::uint8_t>(value >> shift));
      }
    };
    std::string names(1, '\0');
    std::vector<std::uint32_t> name_at;
    for (const TestSection& section : sections) {
      name_at.push_back(static_cast<std::uint32_t>(names.size()));
      names += section.name + '\0';
    }
    const auto names_name = static_cast<std::uint32_t>(names.size());
    names += std::string(".shstrtab") + '\0';
    const std::uint64_t names_offset = offset_of(sections.size());
    const std::uint64_t table = (names_offset + names.size() + 7) / 8 * 8;

    for (const int byte : {0x7F, int{'E'}, int{'L'}, int{'F'}, bits == 64 ? 2 : 1,
                           order == std::endian::big ? 2 : 1, EV_CURRENT}) {
      put(static_cast<std::uint64_t>(byte), 1);
    }
    out.resize(EI_NIDENT);
    put(type, 2);
    put(machine, 2);
    put(EV_CURRENT, 4);
    put(0, word);                             // e_entry
    put(0, word);                             // e_phoff
    put(table_offset.value_or(table), word);  // e_shoff
    put(0, 4);                                // e_flags
    put(header_size(), 2);
    put(0, 2);                     // e_phentsize
    put(0, 2);                     // e_phnum
    put(bits == 64 ? 64 : 40, 2);  // e_shentsize
    put(table_entries.value_or(static_cast<std::uint16_t>(sections.size() + 2)), 2);
    put(names_index.value_or(static_cast<std::uint16_t>(sections.size() + 1)), 2);

    out.resize(out.size() + gap);
    for (const TestSection& section : sections) {
      out.insert(out.end(), section.contents.begin(), section.contents.end());
    }
    out.insert(out.end(), names.begin(), names.end());
    out.resize(table);

    const auto put_header = [&](std::uint32_t name, std::uint32_t kind, std::uint64_t flags,
                                std::uint64_t offset, std::uint64_t size) {
      put(name, 4);
      put(kind, 4);
      put(flags, word);
      put(0, word);  // sh_addr
      put(offset, word);
      put(size, word);
      put(0, 4);     // sh_link
      put(0, 4);     // sh_info
      put(1, word);  // sh_addralign
      put(0, word);  // sh_entsize
    };
    put_header(0, SHT_NULL, 0, 0, 0);
    for (std::size_t i = 0; i < sections.size(); ++i) {
      put_header(name_at[i], sections[i].type, sections[i].flags,
                 sections[i].offset.value_or(offset_of(i)),
                 sections[i].size.value_or(sections[i].contents.size()));
    }
    put_header(names_name, SHT_STRTAB, 0, names_offset, names.size());
    return out;
  }
};

/// A relocatable file as modules are, with `contents` as its only section.
inline ByteVector module_with(ByteVector contents) {
  TestElf elf;
  elf.type = ET_REL;
  elf.sections.push_back({.name = ".text", .contents = std::move(contents)});
  return elf.bytes();
}

/// A linked kernel whose `.module_hashes` holds `contents`; the root of a tree without modules, if
/// nothing is said.
inline TestElf kernel_with(ByteVector contents = ByteVector(36), unsigned bits = 64,
                           std::endian order = std::endian::little) {
  TestElf elf;
  elf.bits = bits;
  elf.order = order;
  elf.machine = bits == 64 ? (order == std::endian::big ? EM_PPC64 : EM_X86_64)
                           : (order == std::endian::big ? EM_PPC : EM_386);
  elf.sections.push_back({.name = ".text", .contents = ByteVector(40, 0x90)});
  elf.sections.push_back({.name = ".module_hashes", .contents = std::move(contents)});
  return elf;
}

}  // namespace modproof::test
