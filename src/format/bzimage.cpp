// SPDX-License-Identifier: LGPL-2.1-or-later
#include "format/bzimage.h"

#include <algorithm>

#include <fmt/core.h>

#include "base/try.h"
#include "format/little_endian.h"

namespace modproof {
namespace {

constexpr std::size_t kSector = 512;
constexpr std::size_t kSetupSectors = 0x1F1;
constexpr std::size_t kBootFlag = 0x1FE;
constexpr std::size_t kMagic = 0x202;
constexpr std::size_t kProtocol = 0x206;
constexpr std::size_t kVersion = 0x20E;
constexpr std::size_t kPayloadOffset = 0x248;
constexpr std::size_t kPayloadLength = 0x24C;
/// The boot protocol that brought payload_offset and payload_length.
constexpr unsigned kFirstProtocol = 0x0208;
/// What setup_sects 0 means, for the sake of very old boot loaders.
constexpr std::size_t kDefaultSetupSectors = 4;
/// More than any version string has; the kernel's own limit is 3 times 65 and what is between.
constexpr std::size_t kVersionLimit = 512;

/// The string at `offset`, if it ends before `end`: it stands in the setup code.
Result<std::string> read_version(const FileRange& image, std::uint64_t offset, std::uint64_t end) {
  if (offset >= std::min(end, image.size())) {
    return std::string();
  }
  ByteVector bytes(static_cast<std::size_t>(
      std::min<std::uint64_t>(kVersionLimit, std::min(end, image.size()) - offset)));
  MODPROOF_TRY(image.read_at(offset, bytes));
  const auto last = std::find(bytes.begin(), bytes.end(), 0);
  return last == bytes.end() ? std::string() : std::string(bytes.begin(), last);
}

}  // namespace

bool is_bzimage(Bytes head) noexcept {
  constexpr std::uint16_t kBootFlagValue = 0xAA55;
  return head.size() >= kProtocol && load_le16(head, kBootFlag) == kBootFlagValue &&
         starts_with(head.subspan(kMagic), "HdrS");
}

Result<Bzimage> read_bzimage(const FileRange& image) {
  const std::string& path = image.file().path();
  MODPROOF_ASSIGN(head, image.head(kBzimageHead));
  if (head.size() < kBzimageHead) {
    return fail(ErrorKind::malformed, path, "the setup header of this bzImage is cut off",
                image.offset() + head.size());
  }
  const unsigned protocol = load_le16(head, kProtocol);
  if (protocol < kFirstProtocol) {
    return fail(ErrorKind::unsupported, path,
                fmt::format("boot protocol {}.{:02} does not say where the kernel is (2.08 does); "
                            "pass the vmlinux that this bzImage is made from",
                            protocol >> 8U, protocol & 0xFFU),
                image.offset() + kProtocol);
  }
  const std::size_t sectors = head[kSetupSectors] != 0 ? head[kSetupSectors] : kDefaultSetupSectors;
  const std::uint64_t setup_size = (sectors + 1) * kSector;
  const std::uint64_t start = setup_size + load_le32(head, kPayloadOffset);
  const std::uint64_t length = load_le32(head, kPayloadLength);
  const auto payload = image.part(start, length);
  if (!payload || length == 0) {
    return fail(ErrorKind::malformed, path,
                fmt::format("the payload of {} bytes at offset {} does not lie in this bzImage of "
                            "{} bytes; it seems to be cut off",
                            length, start, image.size()),
                image.offset() + kPayloadOffset);
  }
  std::string version;
  if (load_le16(head, kVersion) != 0) {
    MODPROOF_ASSIGN(text, read_version(image, load_le16(head, kVersion) + kSector, setup_size));
    version = std::move(text);
  }
  return Bzimage{.protocol = protocol, .payload = *payload, .version = std::move(version)};
}

}  // namespace modproof
