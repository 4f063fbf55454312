// SPDX-License-Identifier: LGPL-2.1-or-later
// The short readable difference of sections that hold what people can read.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "format/elf_contents.h"

namespace modproof {

/// The largest section that is taken apart; larger ones are only compared.
inline constexpr std::uint64_t kTextLimit = std::uint64_t{64} << 20U;

/// What differs between section `a` (its index in A) and `b`, of one name, as lines; empty if
/// nothing can be said, because the contents are not for people or are malformed.
[[nodiscard]] std::vector<std::string> describe_difference(const ElfContents& in_a, std::size_t a,
                                                           const ElfContents& in_b, std::size_t b);

/// The NUL-terminated texts of `bytes`, in their order, empty ones left out.
[[nodiscard]] std::vector<std::string_view> texts_of(Bytes bytes);

/// `A in A, B in B`, for people.
[[nodiscard]] std::string versus(std::string_view a, std::string_view b);

/// What is only in `a` and what is only in `b`, both sorted.
struct OneSided {
  std::vector<std::string_view> a;
  std::vector<std::string_view> b;
};
[[nodiscard]] OneSided one_sided(std::vector<std::string_view> a, std::vector<std::string_view> b);

/// True if two relocation sections say the same, whatever the numbers of their symbols are.
[[nodiscard]] bool same_relocations(const ElfContents& in_a, std::size_t a, const ElfContents& in_b,
                                    std::size_t b);

}  // namespace modproof
