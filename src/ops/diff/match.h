// SPDX-License-Identifier: LGPL-2.1-or-later
// Which module of one build is which of the other, by their names to the kernel.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace modproof {

struct Matching {
  struct Pair {
    std::size_t a = 0;
    std::size_t b = 0;
    /// Not among the most modules that stand in the same order in both builds: one module put in
    /// front does not move all others.
    bool moved = false;

    friend bool operator==(const Pair&, const Pair&) = default;
  };
  std::vector<Pair> pairs;        ///< in the order of A
  std::vector<std::size_t> gone;  ///< only in A
  std::vector<std::size_t> added;
};

/// Names are unique to the kernel on each side.
[[nodiscard]] Matching match_modules(const std::vector<std::string>& a,
                                     const std::vector<std::string>& b);

}  // namespace modproof
