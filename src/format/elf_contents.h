// SPDX-License-Identifier: LGPL-2.1-or-later
// What stands in the sections of an ELF file: bytes, notes, symbols and relocations, read with
// libelf one section at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "modproof/base/bytes.h"
#include "modproof/base/result.h"

#include "base/file.h"
#include "format/elf.h"

// libelf's handle; its header stays out of this one.
struct Elf;

namespace modproof {

/// One note of a section of type SHT_NOTE.
struct ElfNote {
  std::string owner;
  std::uint32_t type = 0;
  ByteVector contents;
};

struct ElfSymbol {
  std::string name;
  std::uint64_t value = 0;
  std::uint64_t size = 0;
  std::uint16_t section = 0;  ///< st_shndx
  unsigned char info = 0;     ///< st_info

  friend bool operator==(const ElfSymbol&, const ElfSymbol&) = default;
};

/// One relocation, its symbol by its place in the symbol table.
struct ElfRelocation {
  std::uint64_t offset = 0;
  std::uint32_t type = 0;
  std::uint32_t symbol = 0;
  std::int64_t addend = 0;
};

class ElfContents {
 public:
  /// `file` has to outlive the result. Errors: those of read_elf().
  [[nodiscard]] static Result<ElfContents> open(const File& file);

  ~ElfContents();
  ElfContents(ElfContents&&) noexcept;
  ElfContents& operator=(ElfContents&&) noexcept;

  [[nodiscard]] const ElfImage& image() const noexcept { return image_; }
  [[nodiscard]] const File& file() const noexcept { return *file_; }

  /// The section called `name`, or null; the first of several.
  [[nodiscard]] const ElfSection* find(std::string_view name) const noexcept;

  /// The contents of `section` as they stand in the file; empty if they do not.
  /// Errors: unsupported (more than `limit` bytes); io; changed.
  [[nodiscard]] Result<ByteVector> bytes(const ElfSection& section, std::uint64_t limit) const;

  /// The notes of section `index` (in image().sections). Errors: malformed.
  [[nodiscard]] Result<std::vector<ElfNote>> notes(std::size_t index) const;

  /// The symbols of section `index`, without the first, which is empty. Errors: malformed.
  [[nodiscard]] Result<std::vector<ElfSymbol>> symbols(std::size_t index) const;

  /// The relocations of section `index`, of either type. Errors: malformed.
  [[nodiscard]] Result<std::vector<ElfRelocation>> relocations(std::size_t index) const;

 private:
  ElfContents() = default;

  struct Close {
    void operator()(Elf* elf) const noexcept;
  };

  const File* file_ = nullptr;
  ElfImage image_;
  std::unique_ptr<Elf, Close> elf_;
};

}  // namespace modproof
