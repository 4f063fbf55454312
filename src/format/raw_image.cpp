// SPDX-License-Identifier: LGPL-2.1-or-later
#include "format/raw_image.h"

#include <array>

#include "base/try.h"

namespace modproof {
namespace {

struct Mark {
  std::string_view kind;
  std::uint64_t offset;
  std::string_view bytes;
};

/// The mark of an EFI stub comes last: arm64 and riscv may have it, too.
constexpr std::array<Mark, 5> kMarks{{
    {"arm64 Image", 56, "ARMd"},
    {"riscv Image", 56, "RSC\x05"},
    {"arm zImage", 36, "\x18\x28\x6F\x01"},
    {"s390 image", 0x10008, "S390EP"},
    {"EFI Image", 56, "\xCD\x23\x82\x81"},
}};

}  // namespace

Result<std::optional<std::string_view>> raw_image_kind(const FileRange& image) {
  for (const Mark& mark : kMarks) {
    const auto part = image.part(mark.offset, mark.bytes.size());
    if (!part) {
      continue;
    }
    MODPROOF_ASSIGN(bytes, part->head(mark.bytes.size()));
    if (text_of(bytes) == mark.bytes) {
      return mark.kind;
    }
  }
  return std::nullopt;
}

}  // namespace modproof
