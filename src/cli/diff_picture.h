// SPDX-License-Identifier: LGPL-2.1-or-later
// The tree of a build as a picture: which leaves another build does not share, and their paths to
// the root.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace modproof::cli {

/// What a leaf is compared with the leaf at its position in the other build.
enum class LeafState : std::uint8_t {
  same,
  shifted,    ///< another module stands there in the other build
  different,  ///< the module differs, or the other build does not have it
};

/// One leaf of the picture. `name` outlives it.
struct PictureLeaf {
  LeafState state = LeafState::same;
  std::string_view name;
};

/// An SVG element; empty if there are no leaves.
[[nodiscard]] std::string tree_picture(std::span<const PictureLeaf> leaves);

}  // namespace modproof::cli
