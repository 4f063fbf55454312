// SPDX-License-Identifier: LGPL-2.1-or-later
#include "format/zboot.h"

#include <algorithm>

#include <fmt/core.h>

#include "base/try.h"
#include "format/little_endian.h"

namespace modproof {
namespace {

constexpr std::size_t kMagic = 4;
constexpr std::size_t kPayloadOffset = 8;
constexpr std::size_t kPayloadSize = 12;
constexpr std::size_t kCompression = 24;

}  // namespace

bool is_zboot(Bytes head) noexcept {
  return starts_with(head, "MZ") && head.size() > kMagic &&
         starts_with(head.subspan(kMagic), "zimg");
}

Result<Zboot> read_zboot(const FileRange& image) {
  const std::string& path = image.file().path();
  MODPROOF_ASSIGN(head, image.head(kZbootHead));
  if (head.size() < kZbootHead) {
    return fail(ErrorKind::malformed, path, "the header of this EFI zboot image is cut off",
                image.offset() + head.size());
  }
  const std::uint64_t start = load_le32(head, kPayloadOffset);
  const std::uint64_t size = load_le32(head, kPayloadSize);
  const auto payload = image.part(start, size);
  if (!payload || size == 0) {
    return fail(ErrorKind::malformed, path,
                fmt::format("the payload of {} bytes at offset {} does not lie in this EFI zboot "
                            "image of {} bytes; it seems to be cut off",
                            size, start, image.size()),
                image.offset() + kPayloadOffset);
  }
  const auto name = head.begin() + kCompression;
  const auto end = std::find(name, head.end(), 0);
  if (end == head.end() || end == name) {
    return fail(ErrorKind::malformed, path, "this EFI zboot image names no compression",
                image.offset() + kCompression);
  }
  return Zboot{.payload = *payload, .compression = std::string(name, end)};
}

}  // namespace modproof
