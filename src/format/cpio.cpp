// SPDX-License-Identifier: LGPL-2.1-or-later
#include "format/cpio.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <numeric>
#include <optional>

#include <fmt/core.h>
#include <sys/stat.h>

#include "base/try.h"

namespace modproof {
namespace {

constexpr std::size_t kMagic = 6;
constexpr std::size_t kField = 8;
constexpr std::size_t kHeader = 110;
/// PATH_MAX of the kernel, which steps over entries with longer names; NUL included.
constexpr std::uint32_t kMostName = 4096;

/// Fields by their place in the header.
enum Field : std::size_t {
  kInode = 0,
  kMode = 1,
  kLinks = 4,
  kSize = 6,
  kMajor = 7,
  kMinor = 8,
  kNameLength = 11,
  kChecksum = 12
};

constexpr std::string_view kWithChecksum = "070702";

constexpr std::uint64_t aligned(std::uint64_t offset) {
  return (offset + kCpioAlignment - 1) / kCpioAlignment * kCpioAlignment;
}

/// The number in `field` of `header`; nothing if that is not eight hexadecimal digits.
std::optional<std::uint32_t> number(std::string_view header, Field field) {
  const std::string_view digits = header.substr(kMagic + field * kField, kField);
  std::uint32_t value = 0;
  const auto [end, code] = std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
  if (code != std::errc() || end != digits.data() + digits.size()) {
    return std::nullopt;
  }
  return value;
}

}  // namespace

bool CpioEntry::is_regular() const noexcept { return S_ISREG(mode); }

bool is_cpio(Bytes head) noexcept {
  return starts_with(head, "070701") || starts_with(head, "070702");
}

Result<CpioEntry> read_cpio_entry(const FileRange& range, std::uint64_t offset,
                                  std::string_view after) {
  const auto bad = [&](std::string_view what, std::uint64_t at) {
    return fail(ErrorKind::malformed, range.file().path(),
                fmt::format("this cpio archive is broken{}: {}",
                            after.empty() ? "" : " behind its entry " + printable(after), what),
                range.offset() + at);
  };
  if (offset > range.size() || range.size() - offset < kHeader) {
    return bad("it is cut off in the header of an entry", offset);
  }
  std::array<std::uint8_t, kHeader> header{};
  MODPROOF_TRY(range.read_at(offset, header));
  if (!is_cpio(header)) {
    return bad("no entry starts here", offset);
  }
  const std::string_view text = text_of(header);
  const auto mode = number(text, kMode);
  const auto links = number(text, kLinks);
  const auto size = number(text, kSize);
  const auto name_length = number(text, kNameLength);
  const auto inode = number(text, kInode);
  const auto major = number(text, kMajor);
  const auto minor = number(text, kMinor);
  const auto checksum = number(text, kChecksum);
  if (!mode || !links || !size || !name_length || !inode || !major || !minor || !checksum) {
    return bad("a field in the header of an entry is no number", offset);
  }
  if (*name_length == 0 || *name_length > kMostName) {
    return bad(fmt::format("the name of an entry has {} bytes", *name_length), offset);
  }
  const std::uint64_t name_at = offset + kHeader;
  if (range.size() - name_at < *name_length) {
    return bad("it is cut off in the name of an entry", name_at);
  }
  ByteVector name(*name_length);
  MODPROOF_TRY(range.read_at(name_at, name));
  if (name.back() != 0) {
    return bad("the name of an entry has no end", name_at);
  }
  const auto name_end = std::find(name.begin(), name.end(), 0);
  CpioEntry entry{.name = std::string(name.begin(), name_end),
                  .mode = *mode,
                  .links = *links,
                  .file = {*inode, *major, *minor},
                  .checksum = text.starts_with(kWithChecksum) ? checksum : std::nullopt,
                  .at = offset,
                  .contents_at = aligned(name_at + *name_length),
                  .size = *size};
  if (entry.contents_at > range.size() || range.size() - entry.contents_at < entry.size) {
    // A trailer may be the last thing in a file that was not padded.
    if (entry.size != 0 || !entry.is_trailer()) {
      return bad(fmt::format("its entry {} reaches past the end", printable(entry.name)), offset);
    }
    entry.contents_at = range.size();
  }
  entry.next = std::min(range.size(), aligned(entry.contents_at + entry.size));
  return entry;
}

std::uint32_t cpio_checksum(Bytes contents) noexcept {
  return std::accumulate(contents.begin(), contents.end(), std::uint32_t{0});
}

Status check_cpio_checksum(const FileRange& range, const CpioEntry& entry) {
  if (!entry.checksum || !entry.is_regular()) {
    return {};
  }
  constexpr std::size_t kPiece = std::size_t{64} << 10U;
  std::uint32_t sum = 0;
  MODPROOF_TRY(range.part(entry.contents_at, entry.size)->each_piece(kPiece, [&](Bytes piece) {
    sum += cpio_checksum(piece);
    return Status{};
  }));
  if (sum != *entry.checksum) {
    return fail(
        ErrorKind::malformed, range.file().path(),
        fmt::format("this cpio archive is broken: its entry {} has the checksum {:08x}, and "
                    "its contents {:08x}",
                    printable(entry.name), *entry.checksum, sum),
        range.offset() + entry.at);
  }
  return {};
}

void change_cpio_entry(MutableBytes head, std::uint32_t size, std::uint32_t checksum) {
  const std::string_view text = text_of(head);
  // cpio(1) writes capital letters, others do not; what is there says which.
  const bool upper = text.substr(0, kHeader).find_first_of("ABCDEF") != std::string_view::npos;
  const auto add = [&](Field field, std::uint32_t count) {
    const std::uint32_t sum = number(text, field).value_or(0) + count;
    const std::string digits = upper ? fmt::format("{:08X}", sum) : fmt::format("{:08x}", sum);
    std::copy(digits.begin(), digits.end(),
              head.begin() + static_cast<std::ptrdiff_t>(kMagic + field * kField));
  };
  add(kSize, size);
  if (text.starts_with(kWithChecksum)) {
    add(kChecksum, checksum);
  }
}

}  // namespace modproof
