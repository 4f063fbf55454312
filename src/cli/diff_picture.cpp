// SPDX-License-Identifier: LGPL-2.1-or-later
// Leaves at the bottom, the root on top. What is the same, or only shifted, is drawn as whole
// subtrees, one shape each, however many leaves they have; what differs node by node, but no finer
// than the picture shows: so a picture of 4,000 leaves is as small as one of 40.
#include "cli/diff_picture.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <set>
#include <tuple>
#include <utility>
#include <vector>

#include <fmt/core.h>

#include "modproof/merkle/tree.h"

#include "cli/diff_page.h"

namespace modproof::cli {
namespace {

constexpr double kWidth = 1120;
constexpr double kLeft = 64;  // for the names of levels
constexpr double kTop = 26;
constexpr double kLevel = 34;    // between two levels
constexpr double kLetter = 5.6;  // of a name, downwards
/// Names are written below the leaves as long as they fit.
constexpr std::size_t kNamed = 24;
constexpr double kNameRoom = 14;

/// A node is a range of leaves.
struct Node {
  std::size_t first;
  std::size_t end;
};

class Picture {
 public:
  explicit Picture(std::span<const PictureLeaf> leaves)
      : leaves_(leaves), levels_(levels_for(leaves.size())) {}

  std::string draw() {
    const bool names = named();
    const double height = y(0) + 44 + (names ? kLetter * static_cast<double>(longest_name()) : 0);
    svg_ = fmt::format(
        "<svg class=\"tree\" viewBox=\"0 0 {:.0f} {:.0f}\" role=\"img\" "
        "aria-label=\"The Merkle tree with its differing leaves and their paths to the root\">\n",
        kWidth + kLeft + 16, height);
    draw_levels();
    draw_node(levels_, 0);
    flush("same", subtrees_[0]);
    flush("moved", subtrees_[1]);
    flush("shared", paths_[0]);
    flush("shifted", paths_[1]);
    flush("different", paths_[2]);
    draw_nodes();
    draw_base();
    if (names) {
      draw_names();
    }
    return svg_ + "</svg>\n";
  }

 private:
  [[nodiscard]] double x(double leaf) const {
    return kLeft + leaf / static_cast<double>(leaves_.size()) * kWidth;
  }
  [[nodiscard]] double y(std::uint32_t level) const {
    return kTop + static_cast<double>(levels_ - level) * kLevel;
  }
  [[nodiscard]] Node node(std::uint32_t level, std::size_t index) const {
    const std::size_t first = std::min(index << level, leaves_.size());
    return {first, std::min((index + 1) << level, leaves_.size())};
  }
  [[nodiscard]] double centre(const Node& node) const {
    return x(static_cast<double>(node.first + node.end) / 2);
  }

  [[nodiscard]] LeafState state(const Node& node) const {
    LeafState worst = LeafState::same;
    for (std::size_t i = node.first; i < node.end; ++i) {
      worst = std::max(worst, leaves_[i].state);
    }
    return worst;
  }

  [[nodiscard]] bool is_all_shifted(const Node& node) const {
    for (std::size_t i = node.first; i < node.end; ++i) {
      if (leaves_[i].state != LeafState::shifted) {
        return false;
      }
    }
    return true;
  }

  void draw_levels() {
    for (std::uint32_t level = 0; level <= levels_; ++level) {
      const std::string name = level == levels_ ? "root"
                               : level == 0     ? "leaves"
                                                : fmt::format("level {}", level);
      svg_ += fmt::format(
          "<line class=\"row\" x1=\"{0:.0f}\" x2=\"{1:.0f}\" y1=\"{2:.0f}\" y2=\"{2:.0f}\"/>"
          "<text class=\"level\" x=\"{3:.0f}\" y=\"{4:.0f}\">{5}</text>\n",
          kLeft, kLeft + kWidth, y(level), kLeft - 8, y(level) + 4, name);
    }
  }

  /// Collects the shapes of the node and of what is below it.
  void draw_node(std::uint32_t level, std::size_t index) {
    const Node here = node(level, index);
    const LeafState worst = state(here);
    const bool whole = worst == LeafState::same || is_all_shifted(here);
    if (whole) {
      const double left = x(static_cast<double>(here.first));
      const double right = x(static_cast<double>(here.end));
      if (level > 0 && right - left >= 0.8) {
        subtrees_[static_cast<std::size_t>(worst)] += fmt::format(
            "M{:.1f} {:.0f}L{:.1f} {:.0f}H{:.1f}Z", centre(here), y(level), left, y(0), right);
      }
      return;
    }
    nodes_.insert({level, std::lround(centre(here) * 2), worst});
    if (level == 0) {
      return;
    }
    for (const std::size_t child : {index * 2, index * 2 + 1}) {
      const Node below = node(level - 1, child);
      if (below.first == below.end) {
        continue;
      }
      const LeafState child_state = state(below);
      // Lines that the picture cannot show apart are drawn once.
      if (edges_.insert({level, std::lround(centre(below) * 2), child_state}).second) {
        paths_[static_cast<std::size_t>(child_state)] += fmt::format(
            "M{:.1f} {:.0f}L{:.1f} {:.0f}", centre(here), y(level), centre(below), y(level - 1));
      }
      draw_node(level - 1, child);
    }
  }

  void flush(std::string_view style, const std::string& path) {
    if (!path.empty()) {
      svg_ += fmt::format("<path class=\"{}\" d=\"{}\"/>\n", style, path);
    }
  }

  /// A dot for each node on a path, where they stand far enough apart to be seen.
  void draw_nodes() {
    constexpr std::size_t kMost = 400;
    if (nodes_.size() > kMost) {
      return;
    }
    for (const auto& [level, twice_x, worst] : nodes_) {
      if (level > 0) {
        svg_ += fmt::format(R"(<circle class="node {}" cx="{:.1f}" cy="{:.0f}" r="3"/>)",
                            worst == LeafState::different ? "different" : "shifted",
                            static_cast<double>(twice_x) / 2, y(level));
      }
    }
    svg_ += "\n";
  }

  /// The leaves themselves, runs of one state as one bar.
  void draw_base() {
    constexpr std::array<std::string_view, 3> kStyles{"same", "shifted", "different"};
    for (const LeafState wanted : {LeafState::same, LeafState::shifted, LeafState::different}) {
      std::string path;
      for (std::size_t i = 0; i < leaves_.size();) {
        std::size_t end = i;
        while (end < leaves_.size() && leaves_[end].state == leaves_[i].state) {
          ++end;
        }
        if (leaves_[i].state == wanted) {
          // A bar of one leaf among thousands is made wide enough to be seen.
          const double left = x(static_cast<double>(i));
          const double width =
              std::max(x(static_cast<double>(end)) - left, wanted == LeafState::same ? 0.0 : 2.0);
          path += fmt::format("M{:.1f} {:.0f}h{:.1f}v10h-{:.1f}z", left, y(0), width, width);
        }
        i = end;
      }
      if (!path.empty()) {
        svg_ += fmt::format("<path class=\"leaf {}\" d=\"{}\"/>\n",
                            kStyles[static_cast<std::size_t>(wanted)], path);
      }
    }
  }

  [[nodiscard]] std::vector<std::size_t> differing() const {
    std::vector<std::size_t> places;
    for (std::size_t i = 0; i < leaves_.size(); ++i) {
      if (leaves_[i].state == LeafState::different) {
        places.push_back(i);
      }
    }
    return places;
  }

  [[nodiscard]] std::size_t longest_name() const {
    std::size_t longest = 0;
    for (const std::size_t place : differing()) {
      longest = std::max(longest, leaves_[place].name.size());
    }
    return std::min<std::size_t>(longest, 40);
  }

  [[nodiscard]] bool named() const {
    const std::size_t count = differing().size();
    return count > 0 && count <= kNamed;
  }

  /// Names below their leaves, moved apart where they would overlap.
  void draw_names() {
    double free = kLeft;
    for (const std::size_t place : differing()) {
      const double at = x(static_cast<double>(place) + 0.5);
      const double label = std::max(at, free);
      free = label + kNameRoom;
      svg_ += fmt::format(
          "<path class=\"leader\" d=\"M{0:.1f} {1:.0f}L{2:.1f} {3:.0f}\"/>"
          "<text class=\"name\" transform=\"translate({2:.1f} {4:.0f}) rotate(60)\">{5}</text>\n",
          at, y(0) + 11, label, y(0) + 24, y(0) + 32, html_text(leaves_[place].name));
    }
  }

  std::span<const PictureLeaf> leaves_;
  std::uint32_t levels_;
  std::string svg_;
  std::array<std::string, 2> subtrees_;
  std::array<std::string, 3> paths_;
  std::set<std::tuple<std::uint32_t, long, LeafState>> nodes_;
  std::set<std::tuple<std::uint32_t, long, LeafState>> edges_;
};

}  // namespace

std::string tree_picture(std::span<const PictureLeaf> leaves) {
  return leaves.empty() ? std::string() : Picture(leaves).draw();
}

}  // namespace modproof::cli
