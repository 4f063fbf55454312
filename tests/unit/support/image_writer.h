// SPDX-License-Identifier: LGPL-2.1-or-later
// Kernel images around a payload, right ones and wrong ones, written from what the formats say and
// without the code under test.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "modproof/base/bytes.h"

#include "support/bytes.h"

namespace modproof::test {

inline void put(ByteVector& bytes, std::size_t at, std::string_view text) {
  bytes.resize(std::max(bytes.size(), at + text.size()));
  std::copy(text.begin(), text.end(), bytes.begin() + static_cast<long>(at));
}
inline void put16(ByteVector& bytes, std::size_t at, std::uint16_t value) {
  bytes.resize(std::max(bytes.size(), at + 2));
  store<std::uint16_t, std::endian::little>(&bytes[at], value);
}
inline void put32(ByteVector& bytes, std::size_t at, std::uint32_t value) {
  bytes.resize(std::max(bytes.size(), at + 4));
  store<std::uint32_t, std::endian::little>(&bytes[at], value);
}
inline void append(ByteVector& bytes, const ByteVector& more) {
  bytes.insert(bytes.end(), more.begin(), more.end());
}
inline ByteVector word(std::uint64_t value) {
  ByteVector bytes;
  put32(bytes, 0, static_cast<std::uint32_t>(value));
  return bytes;
}

struct TestBzimage {
  ByteVector payload;
  std::uint16_t protocol = 0x020F;
  std::uint8_t setup_sectors = 3;
  std::string version = "6.1.0-test (somebody@somewhere) #1";
  std::optional<std::uint32_t> offset = {};  ///< that the header claims; else the true one
  std::optional<std::uint32_t> length = {};  ///< likewise

  [[nodiscard]] std::size_t setup_size() const {
    return (std::size_t{setup_sectors == 0 ? std::uint8_t{4} : setup_sectors} + 1) * 512;
  }
  /// Where the payload starts in the file.
  [[nodiscard]] std::size_t payload_at() const { return setup_size() + 64; }

  [[nodiscard]] ByteVector bytes() const {
    ByteVector out(payload_at(), 0xCC);
    out[0x1F1] = setup_sectors;
    put16(out, 0x1FE, 0xAA55);
    put(out, 0x202, "HdrS");
    put16(out, 0x206, protocol);
    put16(out, 0x20E, version.empty() ? 0 : 0x300);
    put32(out, 0x248, offset.value_or(64));
    put32(out, 0x24C, length.value_or(static_cast<std::uint32_t>(payload.size())));
    if (!version.empty()) {
      put(out, 0x500, version + '\0');
    }
    append(out, payload);
    append(out, ByteVector(100, 0xDD));
    return out;
  }
};

struct TestZboot {
  ByteVector payload;
  std::string compression = "gzip";
  std::optional<std::uint32_t> offset = {};
  std::optional<std::uint32_t> size = {};

  [[nodiscard]] ByteVector bytes() const {
    ByteVector out(256);
    put(out, 0, "MZ");
    put(out, 4, "zimg");
    put32(out, 8, offset.value_or(256));
    put32(out, 12, size.value_or(static_cast<std::uint32_t>(payload.size())));
    put(out, 24, compression);
    put32(out, 0x38, 0x818223CD);
    append(out, payload);
    append(out, ByteVector(20, 0xEE));
    return out;
  }
};

/// An EFI program with sections of these names and contents.
struct TestPe {
  struct Section {
    std::string name;
    ByteVector contents;
    std::optional<std::uint32_t> offset = {};
    std::optional<std::uint32_t> size = {};
  };
  std::vector<Section> sections;
  std::optional<std::uint16_t> count = {};

  [[nodiscard]] ByteVector bytes() const {
    constexpr std::size_t kPe = 0x80;
    constexpr std::size_t kTable = kPe + 24 + 16;
    ByteVector out(kTable + 40 * sections.size());
    put(out, 0, "MZ");
    put32(out, 0x3C, kPe);
    put(out, kPe, std::string("PE\0\0", 4));
    put16(out, kPe + 6, count.value_or(static_cast<std::uint16_t>(sections.size())));
    put16(out, kPe + 20, 16);
    for (std::size_t i = 0; i < sections.size(); ++i) {
      const Section& section = sections[i];
      const std::size_t header = kTable + 40 * i;
      const auto size = static_cast<std::uint32_t>(section.contents.size());
      put(out, header, section.name);
      put32(out, header + 8, section.size.value_or(size));
      put32(out, header + 16, (section.size.value_or(size) + 511) / 512 * 512);
      put32(out, header + 20, section.offset.value_or(static_cast<std::uint32_t>(out.size())));
      append(out, section.contents);
      out.resize(out.size() + (512 - size % 512) % 512);
    }
    return out;
  }
};

/// A raw arm64 Image that says `banner`.
inline ByteVector arm64_image(const std::string& banner = "Linux version 6.1.0-arm (a@b) #1\n") {
  ByteVector out(0x1000);
  put(out, 56, "ARM\x64");
  put(out, 0x800, banner);
  return out;
}

}  // namespace modproof::test
