// SPDX-License-Identifier: LGPL-2.1-or-later
#include "format/rpm.h"

#include <array>

#include <fmt/core.h>

#include "base/try.h"

namespace modproof {
namespace {

constexpr std::uint64_t kLead = 96;
constexpr std::uint64_t kSignatureAlignment = 8;
constexpr std::size_t kHeaderStart = 16;
constexpr std::size_t kEntryCount = 8;
constexpr std::size_t kDataSize = 12;
constexpr std::uint64_t kEntrySize = 16;

/// The offset behind the header at `offset` of `package`.
Result<std::uint64_t> rpm_header_end(const FileRange& package, std::uint64_t offset) {
  const std::string& path = package.file().path();
  std::array<std::uint8_t, kHeaderStart> start{};
  const auto range = package.part(offset, start.size());
  if (!range) {
    return fail(ErrorKind::malformed, path, "this rpm package is cut off in its headers",
                package.offset() + package.size());
  }
  MODPROOF_TRY(range->read_at(0, start));
  if (!starts_with(start, "\x8E\xAD\xE8\x01")) {
    return fail(ErrorKind::malformed, path, "no header of an rpm package where one must start",
                range->offset());
  }
  // Two numbers of 32 bits cannot overflow one of 64.
  const std::uint64_t size = kHeaderStart + kEntrySize * load_be32(&start[kEntryCount]) +
                             std::uint64_t{load_be32(&start[kDataSize])};
  if (!package.part(offset, size)) {
    return fail(
        ErrorKind::malformed, path,
        fmt::format("a header of this rpm package has {} bytes and reaches past the end", size),
        range->offset());
  }
  return offset + size;
}

}  // namespace

bool is_rpm(Bytes head) noexcept { return starts_with(head, "\xED\xAB\xEE\xDB"); }

Result<FileRange> rpm_payload(const FileRange& package) {
  MODPROOF_ASSIGN(signatures_end, rpm_header_end(package, kLead));
  const std::uint64_t tags =
      (signatures_end + kSignatureAlignment - 1) / kSignatureAlignment * kSignatureAlignment;
  MODPROOF_ASSIGN(payload, rpm_header_end(package, tags));
  return *package.part(payload, package.size() - payload);
}

}  // namespace modproof
