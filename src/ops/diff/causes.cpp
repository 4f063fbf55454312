// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ops/diff/causes.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <string_view>

#include <fmt/core.h>

#include "format/btf.h"
#include "format/modinfo.h"
#include "format/root_section.h"
#include "ops/diff/banner.h"
#include "ops/diff/producer.h"
#include "ops/diff/text.h"

namespace modproof {
namespace {

/// The first word of `text`, and the rest behind it.
std::pair<std::string_view, std::string_view> split_first_word(std::string_view text) {
  const std::size_t blank = std::min(text.find(' '), text.size());
  return {text.substr(0, blank), text.substr(std::min(blank + 1, text.size()))};
}

std::string_view word_with_prefix(std::string_view text, std::string_view prefix) {
  while (!text.empty()) {
    const auto [word, rest] = split_first_word(text);
    if (word.starts_with(prefix)) {
      return word;
    }
    text = rest;
  }
  return {};
}

/// The place of a time of day (`12:34:56`) in `text`.
bool has_time_of_day(std::string_view text) {
  const auto digit = [&](std::size_t i) { return text[i] >= '0' && text[i] <= '9'; };
  for (std::size_t i = 0; i + 8 <= text.size(); ++i) {
    if (digit(i) && digit(i + 1) && text[i + 2] == ':' && digit(i + 3) && digit(i + 4) &&
        text[i + 5] == ':' && digit(i + 6) && digit(i + 7)) {
      return true;
    }
  }
  return false;
}

/// How many bytes at the end of both are whole components of a path and the same.
std::size_t common_tail(std::string_view a, std::string_view b) {
  std::size_t same = 0;
  std::size_t tail = 0;
  while (same < std::min(a.size(), b.size()) && a[a.size() - 1 - same] == b[b.size() - 1 - same]) {
    ++same;
    if (a[a.size() - same] == '/') {
      tail = same;
    }
  }
  return tail;
}

constexpr std::size_t kFunction = 12;  // BTF_KIND_FUNC

/// Sections whose texts may hold paths, dates and the banner.
bool may_hold_texts(std::string_view name) {
  return name.starts_with(".rodata") || name.starts_with(".data") || name == ".init.rodata" ||
         name == ".init.data" || name == ".modinfo";
}

bool may_hold_paths(std::string_view name) {
  return may_hold_texts(name) || name == ".debug_str" || name == ".debug_line_str" ||
         name == ".debug_line" || name == ".debug_info";
}

/// The bytes of two sections of one name, kept while texts in them are looked at.
struct Contents {
  ByteVector a;
  ByteVector b;
};

class Guesser {
 public:
  Guesser(const ElfContents& a, const ElfContents& b, const FileDifference& difference)
      : a_(a), b_(b), difference_(difference) {}

  std::vector<DiffGuess> run() {
    look_at_modinfo();
    look_at_versions();
    look_at_comment();
    look_at_btf();
    look_at_texts();
    look_at_root();
    look_at_build_id();
    std::sort(guesses_.begin(), guesses_.end(),
              [](const DiffGuess& x, const DiffGuess& y) { return x.cause < y.cause; });
    return std::move(guesses_);
  }

 private:
  void add(DiffCause cause, std::string evidence) {
    const bool known = std::any_of(guesses_.begin(), guesses_.end(),
                                   [&](const DiffGuess& guess) { return guess.cause == cause; });
    if (!known) {
      guesses_.push_back({.cause = cause, .evidence = std::move(evidence)});
    }
  }

  [[nodiscard]] const SectionDifference* differing(std::string_view name) const {
    for (const SectionDifference& section : difference_.sections) {
      if (section.name == name) {
        return &section;
      }
    }
    return nullptr;
  }

  /// The bytes of section `name` of both; nothing if one has none or it is too large to look at.
  [[nodiscard]] std::optional<Contents> contents(std::string_view name) const {
    const ElfSection* in_a = a_.find(name);
    const ElfSection* in_b = b_.find(name);
    if (in_a == nullptr || in_b == nullptr || in_a->compressed || in_b->compressed) {
      return std::nullopt;
    }
    auto bytes_a = a_.bytes(*in_a, kTextLimit);
    auto bytes_b = b_.bytes(*in_b, kTextLimit);
    if (!bytes_a || !bytes_b) {
      return std::nullopt;
    }
    return Contents{.a = std::move(*bytes_a), .b = std::move(*bytes_b)};
  }

  void look_at_modinfo() {
    if (differing(".modinfo") == nullptr) {
      return;
    }
    const auto found = contents(".modinfo");
    if (!found) {
      return;
    }
    const auto source_a = modinfo_value(found->a, "srcversion");
    const auto source_b = modinfo_value(found->b, "srcversion");
    if (source_a && source_b && *source_a != *source_b) {
      add(DiffCause::source, "srcversion " + versus(*source_a, *source_b));
    }
    const auto magic_a = modinfo_value(found->a, "vermagic");
    const auto magic_b = modinfo_value(found->b, "vermagic");
    if (!magic_a || !magic_b || *magic_a == *magic_b) {
      return;
    }
    const auto [release_a, options_a] = split_first_word(*magic_a);
    const auto [release_b, options_b] = split_first_word(*magic_b);
    if (release_a != release_b) {
      add(DiffCause::kernel_version, "vermagic " + versus(release_a, release_b));
    }
    const auto seed_a = word_with_prefix(options_a, "RANDSTRUCT_");
    const auto seed_b = word_with_prefix(options_b, "RANDSTRUCT_");
    if (!seed_a.empty() && !seed_b.empty() && seed_a != seed_b) {
      add(DiffCause::randstruct, "hash of the seed in vermagic " + versus(seed_a, seed_b));
    } else if (options_a != options_b) {
      add(DiffCause::configuration, "options in vermagic " + versus(options_a, options_b));
    }
  }

  void look_at_versions() {
    const SectionDifference* section = differing("__versions");
    if (section != nullptr && !section->lines.empty()) {
      add(DiffCause::interface, "checksums of symbols differ: " + section->lines.front());
    }
  }

  void look_at_comment() {
    if (differing(".comment") == nullptr) {
      return;
    }
    if (const auto found = contents(".comment")) {
      const OneSided sided = one_sided(texts_of(found->a), texts_of(found->b));
      if (!sided.a.empty() && !sided.b.empty()) {
        add(DiffCause::compiler, ".comment: " + versus(sided.a.front(), sided.b.front()));
      }
    }
  }

  void look_at_btf() {
    if (differing(".BTF") == nullptr) {
      return;
    }
    const auto found = contents(".BTF");
    if (!found) {
      return;
    }
    const auto btf_a = read_btf(found->a, a_.image().order == std::endian::big);
    const auto btf_b = read_btf(found->b, b_.image().order == std::endian::big);
    if (!btf_a || !btf_b) {
      return;
    }
    switch (relation_of(*btf_a, *btf_b)) {
      case BtfRelation::renumbered:
        return;  // follows from whatever else differs, in a module most often from the kernel's BTF
      case BtfRelation::reordered:
        add(DiffCause::btf_order,
            fmt::format("the same {} BTF types in another order: pahole with several threads and "
                        "without reproducible_build",
                        btf_a->types));
        return;
      case BtfRelation::reordered_but_functions:
        add(DiffCause::btf_order,
            fmt::format(
                "the same BTF types in another order, but {} functions in A, {} in B: pahole "
                "with several threads and without reproducible_build",
                btf_a->count.at(kFunction), btf_b->count.at(kFunction)));
        return;
      case BtfRelation::different:
        break;
    }
    // Kinds that pahole makes or not by its version and options, whatever the source is.
    for (const std::size_t kind : {16U, 17U, 18U, 19U}) {
      if ((btf_a->count.at(kind) == 0) != (btf_b->count.at(kind) == 0)) {
        add(DiffCause::pahole,
            fmt::format("BTF has {} types of kind {} in A, {} in B", btf_a->count.at(kind),
                        btf_kind_name(kind), btf_b->count.at(kind)));
      }
    }
  }

  void look_at_texts() {
    for (const ElfSection& section : a_.image().sections) {
      const bool debug = is_debug_section(section.name);
      if (!may_hold_paths(section.name) || (!debug && differing(section.name) == nullptr) ||
          (debug && difference_.debug.sections == 0)) {
        continue;
      }
      const auto found = contents(section.name);
      if (!found || found->a == found->b) {
        continue;
      }
      const OneSided sided = one_sided(texts_of(found->a), texts_of(found->b));
      look_for_paths(section.name, sided);
      if (section.name == ".debug_str") {
        if (auto guess = guess_from_producers(texts_of(found->a), texts_of(found->b))) {
          add(guess->cause, section.name + ": " + guess->evidence);
        }
      }
      if (may_hold_texts(section.name)) {
        look_for_banner(sided);
        look_for_times(section.name, sided);
      }
    }
  }

  void look_for_paths(std::string_view section, const OneSided& sided) {
    const auto is_path = [](std::string_view text) {
      return text.size() > 2 && text.front() == '/' && text[1] != '/' &&
             text.find('/', 1) != std::string_view::npos && printable(text) == text;
    };
    for (const std::string_view text : sided.a) {
      if (!is_path(text)) {
        continue;
      }
      for (const std::string_view other : sided.b) {
        // With a tail in common they are one file in two places; without, a directory of its own.
        const std::size_t tail = is_path(other) ? common_tail(text, other) : 0;
        if (tail > 0) {
          add(DiffCause::build_path, fmt::format("{}: {}", section,
                                                 versus(text.substr(0, text.size() - tail),
                                                        other.substr(0, other.size() - tail))));
          return;
        }
      }
    }
    if (!is_debug_section(section)) {
      return;  // a path that is another one on each side, not one of a build in two places
    }
    const auto path_a = std::find_if(sided.a.begin(), sided.a.end(), is_path);
    const auto path_b = std::find_if(sided.b.begin(), sided.b.end(), is_path);
    if (path_a != sided.a.end() && path_b != sided.b.end()) {
      add(DiffCause::build_path, fmt::format("{}: {}", section, versus(*path_a, *path_b)));
    }
  }

  void look_for_banner(const OneSided& sided) {
    constexpr std::string_view kStart = "Linux version ";
    const auto banner_of = [&](const auto& texts) {
      const auto found = std::find_if(texts.begin(), texts.end(), [&](std::string_view text) {
        return text.starts_with(kStart);
      });
      return found == texts.end() ? std::string_view() : found->substr(kStart.size());
    };
    for (DiffGuess& guess : guess_from_banners(banner_of(sided.a), banner_of(sided.b))) {
      add(guess.cause, std::move(guess.evidence));
    }
  }

  void look_for_times(std::string_view section, const OneSided& sided) {
    const auto in_a = std::find_if(sided.a.begin(), sided.a.end(), has_time_of_day);
    const auto in_b = std::find_if(sided.b.begin(), sided.b.end(), has_time_of_day);
    constexpr std::size_t kLongest = 100;
    if (in_a != sided.a.end() && in_b != sided.b.end()) {
      add(DiffCause::timestamp,
          fmt::format("{}: {}", section,
                      versus(in_a->substr(0, kLongest), in_b->substr(0, kLongest))));
    }
  }

  void look_at_root() {
    if (differing(kRootSectionName) != nullptr) {
      add(DiffCause::root, "the kernels hold different roots, so the modules are not the same");
    }
  }

  void look_at_build_id() {
    // The id is a hash over all else that was linked, debug information included.
    if (difference_.sections.size() == 1 && difference_.debug.sections == 0 &&
        difference_.sections.front().name == ".note.gnu.build-id") {
      add(DiffCause::build_id,
          "only the build id differs: what was linked differed in what is not shipped, most likely "
          "paths in debug information");
    }
  }

  const ElfContents& a_;
  const ElfContents& b_;
  const FileDifference& difference_;
  std::vector<DiffGuess> guesses_;
};

}  // namespace

std::vector<DiffGuess> guess_causes(const ElfContents& a, const ElfContents& b,
                                    const FileDifference& difference) {
  return Guesser(a, b, difference).run();
}

}  // namespace modproof
