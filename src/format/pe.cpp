// SPDX-License-Identifier: LGPL-2.1-or-later
#include "format/pe.h"

#include <string_view>

#include "base/try.h"
#include "format/little_endian.h"

namespace modproof {
namespace {

constexpr std::size_t kDosHeader = 64;
constexpr std::size_t kPeOffset = 0x3C;
constexpr std::size_t kCoffHeader = 24;  // with the signature in front
constexpr std::size_t kSectionCount = 6;
constexpr std::size_t kOptionalHeaderSize = 20;
constexpr std::string_view kDosMagic = "MZ";
constexpr std::string_view kPeMagic{"PE\0\0", 4};

constexpr std::uint16_t kPe32 = 0x10B;
constexpr std::uint16_t kPe32Plus = 0x20B;
constexpr std::size_t kChecksum = 64;
constexpr std::size_t kDirectories = 96;  // 16 more in PE32+; their number stands in front
constexpr std::size_t kDirectory = 8;
constexpr std::size_t kCertificates = 4;  // which of the directories

/// `header` is the optional header, which lies at `at` in `image`.
std::optional<PeSigning> signing_of(const FileRange& image, std::uint64_t at, Bytes header) {
  if (header.size() < sizeof(std::uint16_t)) {
    return std::nullopt;
  }
  const std::uint16_t magic = load_le16(header, 0);
  if (magic != kPe32 && magic != kPe32Plus) {
    return std::nullopt;
  }
  const std::size_t directories = kDirectories + (magic == kPe32Plus ? 16 : 0);
  const std::size_t entry = directories + kCertificates * kDirectory;
  if (header.size() < entry + kDirectory ||
      load_le32(header, directories - sizeof(std::uint32_t)) <= kCertificates) {
    return std::nullopt;
  }
  const std::uint64_t offset = load_le32(header, entry);
  const std::uint64_t size = load_le32(header, entry + sizeof(std::uint32_t));
  if (size > 0 && (offset < at + header.size() || offset + size != image.size())) {
    return std::nullopt;
  }
  return PeSigning{.checksum_at = at + kChecksum,
                   .certificates_at = at + entry,
                   .end = image.size() - size,
                   .certificates = size};
}

}  // namespace

Result<std::optional<PeHeader>> read_pe(const FileRange& image) {
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
  const std::uint64_t optional_at = pe + kCoffHeader;
  const std::size_t optional_size = load_le16(coff, kOptionalHeaderSize);
  PeHeader header{.sections_at = optional_at + optional_size,
                  .sections = load_le16(coff, kSectionCount),
                  .count_at = pe + kSectionCount,
                  .signing = {}};
  if (const auto range = image.part(optional_at, optional_size)) {
    MODPROOF_ASSIGN(bytes, range->head(optional_size));
    header.signing = signing_of(image, optional_at, bytes);
  }
  return header;
}

}  // namespace modproof
