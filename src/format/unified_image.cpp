// SPDX-License-Identifier: LGPL-2.1-or-later
#include "format/unified_image.h"

#include <algorithm>
#include <string_view>

#include <fmt/core.h>

#include "base/try.h"
#include "format/little_endian.h"

namespace modproof {
namespace {

constexpr std::size_t kDosHeader = 64;
constexpr std::size_t kPeOffset = 0x3C;
constexpr std::size_t kCoffHeader = 24;  // with the signature in front
constexpr std::size_t kSectionCount = 6;
constexpr std::size_t kOptionalHeaderSize = 20;
constexpr std::size_t kSectionHeader = 40;
constexpr std::size_t kVirtualSize = 8;
constexpr std::size_t kRawSize = 16;
constexpr std::size_t kRawOffset = 20;
constexpr std::string_view kDosMagic = "MZ";
constexpr std::string_view kPeMagic{"PE\0\0", 4};
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
  MODPROOF_ASSIGN(dos, image.head(kDosHeader));
  if (dos.size() < kDosHeader || !starts_with(dos, kDosMagic)) {
    return std::nullopt;
  }
  const std::uint64_t pe = load_le32(dos, kPeOffset);
  const auto coff_range = image.part(pe, kCoffHeader);
  if (!coff_range) {
    return std::nullopt;
  }
  MODPROOF_ASSIGN(coff, coff_range->head(kCoffHeader));
  if (!starts_with(coff, kPeMagic)) {
    return std::nullopt;
  }
  const std::uint64_t count = load_le16(coff, kSectionCount);
  const std::uint64_t table_at = pe + kCoffHeader + load_le16(coff, kOptionalHeaderSize);
  const auto table_range = image.part(table_at, count * kSectionHeader);
  if (!table_range) {
    return fail(
        ErrorKind::malformed, image.file().path(),
        fmt::format("the table of {} sections at offset {} reaches past the end of this EFI "
                    "program of {} bytes; it seems to be cut off",
                    count, table_at, image.size()),
        image.offset() + pe + kSectionCount);
  }
  MODPROOF_ASSIGN(table, table_range->head(count * kSectionHeader));
  std::optional<FileRange> found;
  for (std::size_t i = 0; i < count; ++i) {
    const Bytes header = Bytes(table).subspan(i * kSectionHeader, kSectionHeader);
    if (!starts_with(header, kLinux)) {
      continue;
    }
    const std::uint64_t header_at = table_at + i * kSectionHeader;
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
