// SPDX-License-Identifier: LGPL-2.1-or-later
#include "format/elf_contents.h"

#include <algorithm>

#include <fmt/core.h>
#include <gelf.h>
#include <libelf.h>

#include "base/try.h"

namespace modproof {
namespace {

std::unexpected<Error> malformed(const File& file, const ElfSection& section,
                                 std::string_view what) {
  return fail(ErrorKind::malformed, file.path(),
              fmt::format("section {}: {}", printable(section.name), what), section.offset);
}

/// How often the bytes of a file may count as names of symbols.
constexpr std::uint64_t kMostShared = 4;

/// A section with its header and its contents in the byte order of this machine.
struct Loaded {
  GElf_Shdr header{};
  Elf_Data* data = nullptr;
  std::size_t entries = 0;
};

/// `index` counts as ElfImage does, without the null section that the file starts with.
Result<Loaded> load_section(Elf* elf, const File& file, const ElfImage& image, std::size_t index) {
  const ElfSection& section = image.sections.at(index);
  Loaded loaded;
  Elf_Scn* scn = ::elf_getscn(elf, index + 1);
  if (scn == nullptr || ::gelf_getshdr(scn, &loaded.header) == nullptr) {
    return malformed(file, section, "its header cannot be read");
  }
  loaded.data = ::elf_getdata(scn, nullptr);
  if (loaded.data == nullptr) {
    return malformed(file, section, "its contents cannot be read");
  }
  // By the size that libelf gives an entry: sh_entsize is whatever the file claims.
  const std::size_t entry = ::gelf_fsize(elf, loaded.data->d_type, 1, EV_CURRENT);
  loaded.entries = entry == 0 ? 0 : loaded.data->d_size / entry;
  return loaded;
}

}  // namespace

void ElfContents::Close::operator()(Elf* elf) const noexcept { ::elf_end(elf); }

ElfContents::~ElfContents() = default;
ElfContents::ElfContents(ElfContents&&) noexcept = default;
ElfContents& ElfContents::operator=(ElfContents&&) noexcept = default;

Result<ElfContents> ElfContents::open(const File& file) {
  MODPROOF_ASSIGN(image, read_elf(file));
  ElfContents contents;
  contents.file_ = &file;
  contents.image_ = std::move(image);
  contents.elf_.reset(::elf_begin(file.descriptor(), ELF_C_READ, nullptr));
  if (!contents.elf_) {
    return fail(ErrorKind::malformed, file.path(), "not an ELF file", 0);
  }
  return contents;
}

const ElfSection* ElfContents::find(std::string_view name) const noexcept {
  const auto found = std::find_if(image_.sections.begin(), image_.sections.end(),
                                  [&](const ElfSection& section) { return section.name == name; });
  return found == image_.sections.end() ? nullptr : &*found;
}

Result<ByteVector> ElfContents::bytes(const ElfSection& section, std::uint64_t limit) const {
  if (!section.in_file) {
    return ByteVector{};
  }
  if (section.size > limit) {
    return fail(ErrorKind::unsupported, file_->path(),
                fmt::format("section {} has {} bytes, more than {}", printable(section.name),
                            section.size, limit),
                section.offset);
  }
  ByteVector bytes(static_cast<std::size_t>(section.size));
  MODPROOF_TRY(file_->read_at(section.offset, bytes));
  return bytes;
}

Result<std::vector<ElfNote>> ElfContents::notes(std::size_t index) const {
  MODPROOF_ASSIGN(loaded, load_section(elf_.get(), *file_, image_, index));
  std::vector<ElfNote> notes;
  std::size_t at = 0;
  while (at < loaded.data->d_size) {
    GElf_Nhdr header{};
    std::size_t name_at = 0;
    std::size_t contents_at = 0;
    const std::size_t next = ::gelf_getnote(loaded.data, at, &header, &name_at, &contents_at);
    if (next == 0) {
      return malformed(*file_, image_.sections[index], "a note does not fit into it");
    }
    const auto* start = static_cast<const std::uint8_t*>(loaded.data->d_buf);
    ElfNote note{
        .owner = std::string(reinterpret_cast<const char*>(start) + name_at,
                             header.n_namesz == 0 ? 0 : header.n_namesz - 1),
        .type = header.n_type,
        .contents = ByteVector(start + contents_at, start + contents_at + header.n_descsz)};
    notes.push_back(std::move(note));
    at = next;
  }
  return notes;
}

Result<std::vector<ElfSymbol>> ElfContents::symbols(std::size_t index) const {
  MODPROOF_ASSIGN(loaded, load_section(elf_.get(), *file_, image_, index));
  std::vector<ElfSymbol> symbols;
  symbols.reserve(loaded.entries);
  std::uint64_t texts = 0;
  for (std::size_t i = 1; i < loaded.entries; ++i) {
    GElf_Sym symbol{};
    if (::gelf_getsym(loaded.data, static_cast<int>(i), &symbol) == nullptr) {
      return malformed(*file_, image_.sections[index], fmt::format("symbol {} cannot be read", i));
    }
    const char* name = ::elf_strptr(elf_.get(), loaded.header.sh_link, symbol.st_name);
    if (name == nullptr) {
      return malformed(*file_, image_.sections[index], fmt::format("symbol {} has no name", i));
    }
    // Names share their ends, but not so many that they get much larger than the file.
    texts += std::string_view(name).size();
    if (texts > kMostShared * file_->size()) {
      return malformed(*file_, image_.sections[index],
                       fmt::format("the names of symbols up to {} are longer than the file", i));
    }
    symbols.push_back({.name = name,
                       .value = symbol.st_value,
                       .size = symbol.st_size,
                       .section = symbol.st_shndx,
                       .info = symbol.st_info});
  }
  return symbols;
}

Result<std::vector<ElfRelocation>> ElfContents::relocations(std::size_t index) const {
  MODPROOF_ASSIGN(loaded, load_section(elf_.get(), *file_, image_, index));
  std::vector<ElfRelocation> relocations;
  relocations.reserve(loaded.entries);
  for (std::size_t i = 0; i < loaded.entries; ++i) {
    GElf_Rela rela{};
    if (loaded.header.sh_type == SHT_RELA) {
      if (::gelf_getrela(loaded.data, static_cast<int>(i), &rela) == nullptr) {
        return malformed(*file_, image_.sections[index],
                         fmt::format("relocation {} cannot be read", i));
      }
    } else {
      GElf_Rel rel{};
      if (::gelf_getrel(loaded.data, static_cast<int>(i), &rel) == nullptr) {
        return malformed(*file_, image_.sections[index],
                         fmt::format("relocation {} cannot be read", i));
      }
      rela = {.r_offset = rel.r_offset, .r_info = rel.r_info, .r_addend = 0};
    }
    relocations.push_back({.offset = rela.r_offset,
                           .type = static_cast<std::uint32_t>(GELF_R_TYPE(rela.r_info)),
                           .symbol = static_cast<std::uint32_t>(GELF_R_SYM(rela.r_info)),
                           .addend = rela.r_addend});
  }
  return relocations;
}

}  // namespace modproof
