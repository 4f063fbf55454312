// SPDX-License-Identifier: LGPL-2.1-or-later
#include "format/btf.h"

#include <algorithm>
#include <bit>

#include <fmt/core.h>

#include "base/try.h"
#include "format/malformed.h"

namespace modproof {
namespace {

constexpr std::uint16_t kMagic = 0xEB9F;
constexpr std::uint8_t kVersion = 1;
constexpr std::size_t kHeaderSize = 24;
constexpr std::size_t kTypeSize = 12;
/// How often the bytes of a section may count as names of types.
constexpr std::size_t kMostShared = 4;

class Reader {
 public:
  Reader(Bytes bytes, bool big_endian) : bytes_(bytes), big_(big_endian) {}

  // Callers have checked that the integer lies within the section.
  [[nodiscard]] std::uint32_t u32(std::size_t at) const {
    return big_ ? load<std::uint32_t, std::endian::big>(bytes_.data() + at)
                : load<std::uint32_t, std::endian::little>(bytes_.data() + at);
  }
  [[nodiscard]] std::uint16_t u16(std::size_t at) const {
    return big_ ? load<std::uint16_t, std::endian::big>(bytes_.data() + at)
                : load<std::uint16_t, std::endian::little>(bytes_.data() + at);
  }

  /// The part of `length` bytes at `offset` behind the header of `header` bytes.
  [[nodiscard]] Result<Bytes> part(std::size_t header, std::uint32_t offset, std::uint32_t length,
                                   std::size_t field) const {
    const std::size_t room = bytes_.size() - header;
    if (offset > room || length > room - offset) {
      return malformed(field, "a part of the BTF reaches past the end of its section");
    }
    return bytes_.subspan(header + offset, length);
  }

 private:
  Bytes bytes_;
  bool big_;
};

/// Bytes that follow the 12 of a type of this kind.
std::size_t bytes_behind(std::size_t kind, std::size_t members) {
  constexpr std::array<std::size_t, kBtfKinds> kFixed{0, 4, 0, 12, 0, 0, 0, 0, 0, 0,
                                                      0, 0, 0, 0,  4, 0, 0, 4, 0, 0};
  constexpr std::array<std::size_t, kBtfKinds> kEach{0, 0, 0, 0, 12, 12, 8, 0, 0, 0,
                                                     0, 0, 0, 8, 0,  12, 0, 0, 0, 12};
  return kFixed.at(kind) + kEach.at(kind) * members;
}

/// The string at `offset`, or nothing known where that is beyond these strings.
std::string_view string_at(Bytes strings, std::size_t offset) {
  if (offset >= strings.size()) {
    return {};
  }
  const std::string_view rest(reinterpret_cast<const char*>(strings.data()) + offset,
                              strings.size() - offset);
  return rest.substr(0, rest.find('\0'));
}

}  // namespace

std::string_view btf_kind_name(std::size_t kind) noexcept {
  constexpr std::array<std::string_view, kBtfKinds> kNames{
      "unknown",  "int",     "pointer",  "array",    "struct",   "union",    "enum",
      "forward",  "typedef", "volatile", "const",    "restrict", "function", "prototype",
      "variable", "datasec", "float",    "decl-tag", "type-tag", "enum64"};
  return kind < kBtfKinds ? kNames[kind] : kNames[0];
}

Result<BtfSummary> read_btf(Bytes section, bool big_endian) {
  const Reader reader(section, big_endian);
  if (section.size() < kHeaderSize || reader.u16(0) != kMagic) {
    return malformed(0, "no BTF header");
  }
  if (section[2] != kVersion) {
    return fail(ErrorKind::unsupported, {}, fmt::format("BTF of version {}", section[2]), 2);
  }
  const std::size_t header = reader.u32(4);
  if (header < kHeaderSize || header > section.size()) {
    return malformed(4, fmt::format("a BTF header of {} bytes", header));
  }
  MODPROOF_ASSIGN(types, reader.part(header, reader.u32(8), reader.u32(12), 8));
  MODPROOF_ASSIGN(strings, reader.part(header, reader.u32(16), reader.u32(20), 16));
  const auto types_at = static_cast<std::size_t>(types.data() - section.data());
  BtfSummary summary;
  std::size_t texts = 0;
  for (std::size_t at = 0; at < types.size();) {
    if (types.size() - at < kTypeSize) {
      return malformed(types_at + at, "a BTF type is cut off");
    }
    const std::uint32_t name = reader.u32(types_at + at);
    const std::uint32_t info = reader.u32(types_at + at + 4);
    const std::size_t kind = (info >> 24U) & 0x1FU;
    const std::size_t members = info & 0xFFFFU;
    if (kind == 0 || kind >= kBtfKinds) {
      return fail(ErrorKind::unsupported, {},
                  fmt::format("BTF type {} is of kind {}, which this release does not know",
                              summary.types + 1, kind),
                  types_at + at);
    }
    const std::size_t size = kTypeSize + bytes_behind(kind, members);
    if (size > types.size() - at) {
      return malformed(types_at + at, "a BTF type reaches past the end of the types");
    }
    // Only structures, unions, enumerations, integers and floats have a size there; for the other
    // kinds it is the number of a type, which depends on the order.
    const bool sized =
        kind == 1 || kind == 4 || kind == 5 || kind == 6 || kind == 15 || kind == 16 || kind == 19;
    // Types share names, but not so many that what is described gets much larger than the section.
    const std::string_view text = string_at(strings, name);
    texts += text.size();
    if (texts > kMostShared * section.size()) {
      return malformed(types_at + at, "the names of BTF types are longer than the section");
    }
    summary.described.push_back(
        fmt::format("{} {} {} {}", kind, text, members, sized ? reader.u32(types_at + at + 8) : 0));
    ++summary.count.at(kind);
    ++summary.types;
    at += size;
  }
  for (std::size_t at = 0; at < strings.size();) {
    const std::string_view text = string_at(strings, at);
    summary.strings.emplace_back(text);
    at += text.size() + 1;
  }
  std::sort(summary.strings.begin(), summary.strings.end());
  return summary;
}

namespace {

std::vector<std::string> sorted(std::vector<std::string> lines) {
  std::sort(lines.begin(), lines.end());
  return lines;
}

std::vector<std::string> without_functions(std::vector<std::string> described) {
  std::erase_if(described, [](const std::string& line) {
    return line.starts_with("12 ") || line.starts_with("13 ");  // BTF_KIND_FUNC, _FUNC_PROTO
  });
  return described;
}

}  // namespace

BtfRelation relation_of(const BtfSummary& a, const BtfSummary& b) {
  if (a.count == b.count && a.strings == b.strings && a.described == b.described) {
    return BtfRelation::renumbered;
  }
  if (a.count == b.count && a.strings == b.strings && sorted(a.described) == sorted(b.described)) {
    return BtfRelation::reordered;
  }
  const auto types_a = without_functions(a.described);
  const auto types_b = without_functions(b.described);
  return types_a != types_b && sorted(types_a) == sorted(types_b)
             ? BtfRelation::reordered_but_functions
             : BtfRelation::different;
}

}  // namespace modproof
