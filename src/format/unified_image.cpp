// SPDX-License-Identifier: LGPL-2.1-or-later
#include "format/unified_image.h"

#include <algorithm>
#include <string_view>

#include <fmt/core.h>

#include "base/try.h"
#include "format/little_endian.h"
#include "format/pe.h"

namespace modproof {
namespace {

constexpr std::size_t kVirtualSize = 8;
constexpr std::size_t kRawSize = 16;
constexpr std::size_t kRawOffset = 20;
constexpr std::string_view kLinux{".linux\0\0", 8};

/// The contents of the section whose header is `header`.
Result<FileRange> contents(const FileRange& image, Bytes header, std::uint64_t header_at) {
  const std::uint64_t offset = load_le32(header, kRawOffset);
  const std::uint64_t in_file = load_le32(header, kRawSize);
  const std::uint64_t in_memory = load_le32(header, kVirtualSize);
  const std::uint64_t size = in_memory == 0 ? in_file : std::min(in_file, in_memory);
  const auto part = image.part(offset, size);
  if (!part || size == 0) {
    return fail(ErrorKind::malformed, image.file().path(),
                fmt::format("section .linux of {} bytes at offset {} does not lie in this unified "
                            "kernel image of {} bytes; it seems to be cut off",
                            size, offset, image.size()),
                image.offset() + header_at);
  }
  return *part;
}

}  // namespace

Result<std::optional<FileRange>> find_linux_section(const FileRange& image) {
  MODPROOF_ASSIGN(pe, read_pe(image));
  if (!pe) {
    return std::nullopt;
  }
  const std::size_t table_size = pe->sections * kPeSectionHeader;
  const auto table_range = image.part(pe->sections_at, table_size);
  if (!table_range) {
    return fail(
        ErrorKind::malformed, image.file().path(),
        fmt::format("the table of {} sections at offset {} reaches past the end of this EFI "
                    "program of {} bytes; it seems to be cut off",
                    pe->sections, pe->sections_at, image.size()),
        image.offset() + pe->count_at);
  }
  MODPROOF_ASSIGN(table, table_range->head(table_size));
  std::optional<FileRange> found;
  for (std::size_t i = 0; i < pe->sections; ++i) {
    const Bytes header = Bytes(table).subspan(i * kPeSectionHeader, kPeSectionHeader);
    if (!starts_with(header, kLinux)) {
      continue;
    }
    const std::uint64_t header_at = pe->sections_at + i * kPeSectionHeader;
    if (found) {
      return fail(ErrorKind::unsupported, image.file().path(),
                  "this unified kernel image has more than one section .linux; take out the one "
                  "that is meant (objcopy -O binary --only-section)",
                  image.offset() + header_at);
    }
    MODPROOF_ASSIGN(section, contents(image, header, header_at));
    found = section;
  }
  return found;
}

}  // namespace modproof
