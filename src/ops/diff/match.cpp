// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ops/diff/match.h"

#include <algorithm>
#include <string_view>
#include <unordered_map>

#include "modproof/format/module_name.h"

namespace modproof {
namespace {

constexpr std::size_t kNone = SIZE_MAX;

/// Marks the pairs that are not on a longest increasing run of places in B (patience sorting).
void mark_moved(std::vector<Matching::Pair>& pairs) {
  std::vector<std::size_t> tops;  // for each length, the pair with the smallest end of such a run
  std::vector<std::size_t> before(pairs.size(), kNone);
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    const auto place =
        std::lower_bound(tops.begin(), tops.end(), pairs[i].b,
                         [&](std::size_t top, std::size_t b) { return pairs[top].b < b; });
    if (place != tops.begin()) {
      before[i] = *(place - 1);
    }
    if (place == tops.end()) {
      tops.push_back(i);
    } else {
      *place = i;
    }
  }
  for (Matching::Pair& pair : pairs) {
    pair.moved = true;
  }
  for (std::size_t at = tops.empty() ? kNone : tops.back(); at != kNone; at = before[at]) {
    pairs[at].moved = false;
  }
}

}  // namespace

Matching match_modules(const std::vector<std::string>& a, const std::vector<std::string>& b) {
  std::unordered_map<std::string_view, std::size_t, KernelNameHash, KernelNameEqual> in_b;
  in_b.reserve(b.size());
  for (std::size_t i = 0; i < b.size(); ++i) {
    in_b.emplace(b[i], i);
  }
  Matching matching;
  std::vector<bool> taken(b.size());
  for (std::size_t i = 0; i < a.size(); ++i) {
    const auto found = in_b.find(a[i]);
    if (found == in_b.end()) {
      matching.gone.push_back(i);
    } else {
      matching.pairs.push_back({.a = i, .b = found->second, .moved = false});
      taken[found->second] = true;
    }
  }
  for (std::size_t i = 0; i < b.size(); ++i) {
    if (!taken[i]) {
      matching.added.push_back(i);
    }
  }
  mark_moved(matching.pairs);
  return matching;
}

}  // namespace modproof
