// SPDX-License-Identifier: LGPL-2.1-or-later
#include "format/root_section.h"

#include <algorithm>

#include <elf.h>
#include <fmt/core.h>

#include "base/try.h"
#include "format/elf.h"

namespace modproof {
namespace {

/// The one section of that name, if it is as it must be.
Result<ElfSection> find_section(const ElfImage& image, const std::string& path) {
  const ElfSection* found = nullptr;
  for (const ElfSection& section : image.sections) {
    if (section.name != kRootSectionName) {
      continue;
    }
    if (found != nullptr) {
      return fail(
          ErrorKind::malformed, path,
          fmt::format("a second section {}; the kernel must have exactly one", kRootSectionName),
          section.offset);
    }
    found = &section;
  }
  if (found == nullptr) {
    return fail(ErrorKind::missing, path,
                fmt::format("this kernel has no module hashes (no section {}); build it with "
                            "CONFIG_MODULE_HASHES=y",
                            kRootSectionName));
  }
  if (!found->in_file || found->compressed) {
    return fail(ErrorKind::malformed, path,
                fmt::format("section {} has no plain contents in the file", kRootSectionName),
                found->offset);
  }
  if (found->size != kRootSectionSize) {
    return fail(ErrorKind::malformed, path,
                fmt::format("section {} has {} bytes, not {}", kRootSectionName, found->size,
                            kRootSectionSize),
                found->offset);
  }
  return *found;
}

}  // namespace

std::array<std::uint8_t, kRootSectionSize> encode_root_section(const Root& root,
                                                               std::endian order) {
  std::array<std::uint8_t, kRootSectionSize> bytes{};
  if (order == std::endian::big) {
    store<std::uint32_t, std::endian::big>(bytes.data(), root.levels);
  } else {
    store<std::uint32_t, std::endian::little>(bytes.data(), root.levels);
  }
  std::copy(root.hash.begin(), root.hash.end(), bytes.begin() + 4);
  return bytes;
}

Result<RootSection> read_root_section(const File& file) {
  MODPROOF_ASSIGN(image, read_elf(file));
  if (image.type != ET_EXEC && image.type != ET_DYN) {
    return fail(ErrorKind::malformed, file.path(), "not a linked kernel (vmlinux)",
                offsetof(Elf64_Ehdr, e_type));
  }
  MODPROOF_ASSIGN(section, find_section(image, file.path()));
  std::array<std::uint8_t, kRootSectionSize> bytes{};
  MODPROOF_TRY(file.read_at(section.offset, bytes));
  RootSection result{.offset = section.offset,
                     .order = image.order,
                     .bits = image.bits,
                     .machine = image.machine,
                     .root = {}};
  result.root.levels = image.order == std::endian::big
                           ? load<std::uint32_t, std::endian::big>(bytes.data())
                           : load<std::uint32_t, std::endian::little>(bytes.data());
  std::copy(bytes.begin() + 4, bytes.end(), result.root.hash.begin());
  if (result.root.levels > kMaxLevels) {
    return fail(ErrorKind::malformed, file.path(),
                fmt::format("section {} claims {} levels; at most {} are possible",
                            kRootSectionName, result.root.levels, kMaxLevels),
                section.offset);
  }
  if (result.root.levels == 0 && result.root.hash != Digest{}) {
    return fail(ErrorKind::malformed, file.path(),
                fmt::format("section {} holds a hash but no levels", kRootSectionName),
                section.offset);
  }
  return result;
}

}  // namespace modproof
