// SPDX-License-Identifier: LGPL-2.1-or-later
#include "format/elf.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <memory>

#include <elf.h>
#include <fmt/core.h>
#include <gelf.h>
#include <libelf.h>

#include "base/try.h"
#include "format/compression.h"
#include "format/root_section.h"

namespace modproof {
namespace {

using ElfHandle = std::unique_ptr<Elf, decltype(&::elf_end)>;

/// libelf wants to be told the version that its caller was compiled for, once (elf_version(3)).
void initialise_libelf() {
  static const unsigned version = ::elf_version(EV_CURRENT);
  static_cast<void>(version);
}

std::string libelf_message() {
  const char* message = ::elf_errmsg(-1);
  return message != nullptr ? message : "no reason given";
}

std::unexpected<Error> malformed(const std::string& path, std::string message,
                                 std::uint64_t offset = 0) {
  return fail(ErrorKind::malformed, path, std::move(message), offset);
}

/// The header of `elf`, and proof that the section table which it names lies within `size` bytes.
Result<GElf_Ehdr> checked_header(Elf* elf, std::uint64_t size, const std::string& path) {
  GElf_Ehdr header{};
  if (::elf_kind(elf) != ELF_K_ELF || ::gelf_getehdr(elf, &header) == nullptr) {
    return malformed(path, "not an ELF file");
  }
  const std::uint64_t table = std::uint64_t{header.e_shnum} * header.e_shentsize;
  if (header.e_shoff > size || table > size - header.e_shoff) {
    return malformed(path,
                     fmt::format("the section table of {} bytes at offset {} reaches past the end "
                                 "of the file ({} bytes); it seems to be cut off",
                                 table, header.e_shoff, size),
                     header.e_shoff);
  }
  return header;
}

/// How often the bytes of a file may count, as contents of sections and in names: names share their
/// ends, but whoever reads section after section shall not read much more than the file.
constexpr std::uint64_t kMostShared = 4;

Result<ElfSection> read_section(Elf* elf, std::size_t names, std::size_t index,
                                std::uint64_t file_size, const std::string& path) {
  GElf_Shdr header{};
  Elf_Scn* section = ::elf_getscn(elf, index);
  if (section == nullptr || ::gelf_getshdr(section, &header) == nullptr) {
    return malformed(path,
                     fmt::format("cannot read section header {}: {}", index, libelf_message()));
  }
  const char* name = ::elf_strptr(elf, names, header.sh_name);
  if (name == nullptr) {
    return malformed(path,
                     fmt::format("section {} has no readable name: {}", index, libelf_message()));
  }
  const bool in_file = header.sh_type != SHT_NOBITS;
  if (in_file && (header.sh_offset > file_size || header.sh_size > file_size - header.sh_offset)) {
    return malformed(path,
                     fmt::format("section {} of {} bytes reaches past the end of the file; it "
                                 "seems to be cut off",
                                 printable(name), header.sh_size),
                     header.sh_offset);
  }
  return ElfSection{.name = name,
                    .offset = header.sh_offset,
                    .size = header.sh_size,
                    .in_file = in_file,
                    .compressed = (header.sh_flags & SHF_COMPRESSED) != 0,
                    .type = header.sh_type};
}

}  // namespace

Result<ElfImage> read_elf(const File& file) {
  initialise_libelf();
  const std::string& path = file.path();
  const ElfHandle elf(::elf_begin(file.descriptor(), ELF_C_READ, nullptr), &::elf_end);
  if (!elf) {
    return malformed(path, fmt::format("not an ELF file ({})", libelf_message()));
  }
  MODPROOF_ASSIGN(header, checked_header(elf.get(), file.size(), path));
  ElfImage image{
      .type = header.e_type,
      .machine = header.e_machine,
      .bits = ::gelf_getclass(elf.get()) == ELFCLASS32 ? 32U : 64U,
      .order = header.e_ident[EI_DATA] == ELFDATA2MSB ? std::endian::big : std::endian::little,
      .sections = {}};
  std::size_t count = 0;
  std::size_t names = 0;
  if (::elf_getshdrnum(elf.get(), &count) != 0 || count < header.e_shnum) {
    return malformed(path, "cannot read the section table: " + libelf_message(), header.e_shoff);
  }
  if (count == 0) {
    return image;
  }
  if (::elf_getshdrstrndx(elf.get(), &names) != 0) {
    return malformed(path, "cannot find the section names: " + libelf_message(), header.e_shoff);
  }
  std::uint64_t contents = 0;
  std::uint64_t texts = 0;
  for (std::size_t index = 1; index < count; ++index) {
    MODPROOF_ASSIGN(section, read_section(elf.get(), names, index, file.size(), path));
    // Neither sum can overflow: what is added is no larger than the file.
    contents += section.in_file ? section.size : 0;
    texts += section.name.size();
    if (contents > kMostShared * file.size() || texts > kMostShared * file.size()) {
      return malformed(path,
                       fmt::format("the sections up to {} have more contents or longer names than "
                                   "the file has bytes",
                                   index),
                       header.e_shoff);
    }
    image.sections.push_back(std::move(section));
  }
  return image;
}

Status check_module_head(Bytes head, std::uint64_t size) {
  if (size == 0) {
    return fail(ErrorKind::malformed, {}, "the file is empty, not a module", 0);
  }
  MODPROOF_TRY(check_not_compressed(head));
  initialise_libelf();
  // libelf takes no pointer to const, though it only reads what it is given this way.
  std::array<char, kElfHead> copy{};
  const std::size_t length = std::min(head.size(), copy.size());
  std::copy_n(head.begin(), length, copy.begin());
  const ElfHandle elf(::elf_memory(copy.data(), length), &::elf_end);
  if (!elf) {
    return malformed({}, "not an ELF file");
  }
  MODPROOF_ASSIGN(header, checked_header(elf.get(), size, {}));
  if (header.e_type != ET_REL) {
    return malformed({}, "an ELF file, but not a relocatable one as modules are",
                     offsetof(Elf64_Ehdr, e_type));
  }
  return {};
}

bool is_kernel(const ElfImage& image) {
  return std::any_of(image.sections.begin(), image.sections.end(), [](const ElfSection& section) {
    return section.name == "__ksymtab" || section.name == ".init.text" ||
           section.name == kRootSectionName;
  });
}

bool is_debug_section(std::string_view name) noexcept {
  for (const std::string_view prefix : {".rela", ".rel"}) {
    if (name.starts_with(prefix) && name.substr(prefix.size()).starts_with('.')) {
      name.remove_prefix(prefix.size());
      break;
    }
  }
  return name.starts_with(".debug_") || name.starts_with(".zdebug_");
}

bool has_debug_sections(const ElfImage& image) {
  return std::any_of(image.sections.begin(), image.sections.end(),
                     [](const ElfSection& section) { return is_debug_section(section.name); });
}

std::string machine_name(std::uint16_t machine) {
  switch (machine) {
    case EM_386:
      return "i386";
    case EM_X86_64:
      return "x86_64";
    case EM_ARM:
      return "arm";
    case EM_AARCH64:
      return "aarch64";
    case EM_RISCV:
      return "riscv";
    case EM_PPC:
      return "ppc";
    case EM_PPC64:
      return "ppc64";
    case EM_S390:
      return "s390";
    case EM_MIPS:
      return "mips";
    case EM_LOONGARCH:
      return "loongarch";
    default:
      return fmt::format("machine {}", machine);
  }
}

}  // namespace modproof
