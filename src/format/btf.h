// SPDX-License-Identifier: LGPL-2.1-or-later
// What a section .BTF holds, as far as telling two of them apart needs it (the kernel's
// Documentation/bpf/btf.rst):
//
//     | header                        | types ............ | strings ......... |
//     | magic, version, lengths and   | 12 bytes each, and | NUL-terminated    |
//     | offsets of the two parts      | more by their kind |                   |
//
// A module's BTF continues that of its kernel: its names may stand in the kernel's strings, which
// are not at hand, and its type numbers depend on how many types the kernel has.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "modproof/base/bytes.h"
#include "modproof/base/result.h"

namespace modproof {

/// Kinds of types that are known: BTF_KIND_UNKN 0 to BTF_KIND_ENUM64 19.
inline constexpr std::size_t kBtfKinds = 20;

/// The name of a kind in lower case (`int`, `decl-tag`, ...). `kind` is less than kBtfKinds.
[[nodiscard]] std::string_view btf_kind_name(std::size_t kind) noexcept;

struct BtfSummary {
  std::array<std::size_t, kBtfKinds> count{};  ///< of types, by kind
  std::size_t types = 0;
  /// One line for each type, in its order: its kind, name (empty where that is in the kernel's
  /// strings), number of members and size.
  std::vector<std::string> described;
  std::vector<std::string> strings;  ///< sorted
};

/// How two summaries of different bytes are related.
enum class BtfRelation : std::uint8_t {
  renumbered,  ///< the same types in the same order; only numbers of types and strings differ
  reordered,   ///< the same types in another order
  /// The same but for functions and their prototypes, and in another order: threads of pahole find
  /// that a function is defined differently in two files only if both are given to one of them.
  reordered_but_functions,
  different,
};
[[nodiscard]] BtfRelation relation_of(const BtfSummary& a, const BtfSummary& b);

/// Reads a whole section, in the byte order of the ELF file around it.
/// Errors (path empty): malformed, with the offset in the section; unsupported (another version, a
/// kind that is not known).
[[nodiscard]] Result<BtfSummary> read_btf(Bytes section, bool big_endian);

}  // namespace modproof
