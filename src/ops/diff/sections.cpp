// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ops/diff/sections.h"

#include <algorithm>
#include <map>
#include <utility>

#include <elf.h>
#include <fmt/core.h>

#include "base/file_range.h"
#include "base/try.h"
#include "format/elf_contents.h"
#include "ops/diff/causes.h"
#include "ops/diff/first_difference.h"
#include "ops/diff/text.h"

namespace modproof {
namespace {

/// A file without its trailers.
struct Core {
  std::uint64_t size = 0;
  std::vector<std::string> trailers;  ///< the outermost first, as text
};

Result<Core> core_of(const File& file) {
  Core core{.size = file.size(), .trailers = {}};
  for (;;) {
    ByteVector tail(static_cast<std::size_t>(std::min<std::uint64_t>(core.size, kTrailerWindow)));
    MODPROOF_TRY(file.read_at(core.size - tail.size(), tail));
    auto trailer = parse_trailer(tail, core.size);
    if (!trailer) {
      trailer.error().path = file.path();
      return std::unexpected(std::move(trailer.error()));
    }
    if (trailer->kind == TrailerKind::none) {
      return core;
    }
    core.trailers.push_back(
        trailer->kind == TrailerKind::merkle
            ? fmt::format("a proof of {} levels", trailer->proof.siblings.size())
            : fmt::format("a {} signature of {} bytes",
                          trailer->kind == TrailerKind::pkcs7 ? "PKCS#7" : "unknown",
                          trailer->body_size));
    core.size = trailer->body_offset;
  }
}

std::string text_of(const std::vector<std::string>& trailers) {
  std::string text;
  for (const std::string& trailer : trailers) {
    text += (text.empty() ? "" : " over ") + trailer;
  }
  return text.empty() ? "nothing" : text;
}

/// The index of each section by its name and which of that name it is.
using Places = std::map<std::pair<std::string_view, std::size_t>, std::size_t>;

Places places_of(const ElfImage& image) {
  Places places;
  std::map<std::string_view, std::size_t> seen;
  for (std::size_t i = 0; i < image.sections.size(); ++i) {
    const std::string_view name = image.sections[i].name;
    places.emplace(std::pair(name, seen[name]++), i);
  }
  return places;
}

class SectionComparer {
 public:
  SectionComparer(const ElfContents& a, const ElfContents& b, FileDifference& difference)
      : a_(a), b_(b), difference_(difference) {}

  Status run() {
    const Places in_b = places_of(b_.image());
    std::vector<bool> taken(b_.image().sections.size());
    std::map<std::string_view, std::size_t> seen;
    for (std::size_t i = 0; i < a_.image().sections.size(); ++i) {
      const std::string_view name = a_.image().sections[i].name;
      const auto place = in_b.find(std::pair(name, seen[name]++));
      if (place == in_b.end()) {
        add_lone(a_.image().sections[i], true);
      } else {
        taken[place->second] = true;
        MODPROOF_TRY(compare(i, place->second));
      }
    }
    for (std::size_t i = 0; i < taken.size(); ++i) {
      if (!taken[i]) {
        add_lone(b_.image().sections[i], false);
      }
    }
    drop_repeated_names();
    difference_.only_stripping = debug_in_a_ != debug_in_b_ && stripping_explains_all_;
    return {};
  }

 private:
  static std::uint64_t bytes_in_file(const ElfSection& section) {
    return section.in_file ? section.size : 0;
  }

  /// read_elf() has checked that it lies in the file.
  static FileRange contents_of(const ElfContents& elf, const ElfSection& section) {
    const FileRange whole(elf.file());
    return section.in_file ? *whole.part(section.offset, section.size) : *whole.part(0, 0);
  }

  /// What the symbol table says of names need not be said of their texts again.
  void drop_repeated_names() {
    const auto find = [&](std::string_view name) {
      return std::find_if(difference_.sections.begin(), difference_.sections.end(),
                          [&](const SectionDifference& section) { return section.name == name; });
    };
    const auto texts = find(".strtab");
    if (texts != difference_.sections.end() && find(".symtab") != difference_.sections.end()) {
      texts->lines.clear();
    }
  }

  void add_lone(const ElfSection& section, bool in_a) {
    if (is_debug_section(section.name)) {
      (in_a ? debug_in_a_ : debug_in_b_) = true;
      ++difference_.debug.sections;
      (in_a ? difference_.debug.size_a : difference_.debug.size_b) += bytes_in_file(section);
      return;
    }
    stripping_explains_all_ = false;
    SectionDifference lone{
        .name = section.name, .size_a = {}, .size_b = {}, .offset = {}, .lines = {}};
    (in_a ? lone.size_a : lone.size_b) = section.size;
    difference_.sections.push_back(std::move(lone));
  }

  Status compare(std::size_t index_a, std::size_t index_b) {
    const ElfSection& a = a_.image().sections[index_a];
    const ElfSection& b = b_.image().sections[index_b];
    const bool debug = is_debug_section(a.name);
    debug_in_a_ = debug_in_a_ || debug;
    debug_in_b_ = debug_in_b_ || debug;
    const std::uint64_t size_a = bytes_in_file(a);
    const std::uint64_t size_b = bytes_in_file(b);
    MODPROOF_ASSIGN(first, first_difference(contents_of(a_, a), contents_of(b_, b)));
    if (!first && a.size == b.size && a.in_file == b.in_file) {
      return {};
    }
    if (debug) {
      ++difference_.debug.sections;
      difference_.debug.size_a += size_a;
      difference_.debug.size_b += size_b;
      return {};
    }
    SectionDifference section{.name = a.name,
                              .size_a = a.size,
                              .size_b = b.size,
                              .offset = {},
                              .lines = describe_difference(a_, index_a, b_, index_b)};
    if (a.in_file && b.in_file) {
      section.offset = first.value_or(std::min(size_a, size_b));
    }
    stripping_explains_all_ =
        stripping_explains_all_ && is_changed_by_strip(index_a, index_b, a.type);
    difference_.sections.push_back(std::move(section));
    return {};
  }

  /// strip drops symbols, which renumbers the others; relocations then say the same with other
  /// numbers.
  [[nodiscard]] bool is_changed_by_strip(std::size_t a, std::size_t b, std::uint32_t type) const {
    if (type == SHT_SYMTAB || type == SHT_STRTAB) {
      return true;
    }
    return (type == SHT_RELA || type == SHT_REL) && same_relocations(a_, a, b_, b);
  }

  const ElfContents& a_;
  const ElfContents& b_;
  FileDifference& difference_;
  bool debug_in_a_ = false;
  bool debug_in_b_ = false;
  bool stripping_explains_all_ = true;
};

}  // namespace

Result<std::optional<FileDifference>> compare_files(const File& a, const File& b) {
  MODPROOF_ASSIGN(core_a, core_of(a));
  MODPROOF_ASSIGN(core_b, core_of(b));
  FileDifference difference;
  difference.path_a = a.path();
  difference.path_b = b.path();
  difference.size_a = core_a.size;
  difference.size_b = core_b.size;
  const FileRange whole_a(a);
  const FileRange whole_b(b);
  MODPROOF_ASSIGN(first,
                  first_difference(*whole_a.part(0, core_a.size), *whole_b.part(0, core_b.size)));
  if (!first && core_a.size == core_b.size) {
    MODPROOF_ASSIGN(behind, first_difference(*whole_a.part(core_a.size, a.size() - core_a.size),
                                             *whole_b.part(core_b.size, b.size() - core_b.size)));
    if (!behind && a.size() == b.size()) {
      return std::nullopt;
    }
    difference.only_trailers = true;
    difference.offset = core_a.size + behind.value_or(std::min(a.size(), b.size()) - core_a.size);
    const std::string in_a = text_of(core_a.trailers);
    const std::string in_b = text_of(core_b.trailers);
    difference.guesses.push_back(
        {.cause = DiffCause::signature,
         .evidence =
             in_a == in_b
                 ? fmt::format("the same but for what is appended: {} in both, with other "
                               "bytes",
                               in_a)
                 : fmt::format("the same but for what is appended: {} in A, {} in B", in_a, in_b)});
    return difference;
  }
  const auto elf_a = ElfContents::open(a);
  const auto elf_b = ElfContents::open(b);
  if (elf_a && elf_b) {
    MODPROOF_TRY(SectionComparer(*elf_a, *elf_b, difference).run());
    if (difference.only_stripping) {
      const bool in_a = difference.debug.size_a > difference.debug.size_b;
      difference.guesses.push_back(
          {.cause = DiffCause::stripping,
           .evidence = fmt::format("debug sections ({}) are in {} only, all else is the same",
                                   difference.debug.sections, in_a ? "A" : "B")});
    } else {
      difference.guesses = guess_causes(*elf_a, *elf_b, difference);
    }
  }
  if (!elf_a || !elf_b) {
    difference.unreadable = fmt::format("{} cannot be taken apart: {}", elf_a ? "B" : "A",
                                        (elf_a ? elf_b : elf_a).error().message);
  }
  if (difference.sections.empty() && difference.debug.sections == 0) {
    difference.offset = first ? *first : std::min(core_a.size, core_b.size);
  }
  return difference;
}

}  // namespace modproof
