// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ops/diff/text.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <set>
#include <tuple>

#include <elf.h>
#include <fmt/core.h>

#include "format/btf.h"

namespace modproof {
namespace {

/// Lines of each side that are shown; what is left out is counted.
constexpr std::size_t kShown = 4;
constexpr std::size_t kLongestLine = 160;

/// `struct modversion_info` of 64-bit kernels: a checksum and a name in 64 bytes
/// (include/linux/module.h).
constexpr std::size_t kVersionSize = 64;

std::string shortened(std::string_view text) {
  if (text.size() <= kLongestLine) {
    return printable(text);
  }
  return printable(text.substr(0, kLongestLine)) + "...";
}

std::string hex_of(Bytes bytes) {
  std::string text;
  for (const std::uint8_t byte : bytes) {
    text += fmt::format("{:02x}", byte);
  }
  return text;
}

/// `- TEXT` for what only A has, `+ TEXT` for what only B has, a few of each.
std::vector<std::string> lines_of(const OneSided& difference) {
  std::vector<std::string> lines;
  const auto add = [&](std::string_view sign, const std::vector<std::string_view>& texts) {
    for (std::size_t i = 0; i < std::min(texts.size(), kShown); ++i) {
      lines.push_back(fmt::format("{} {}", sign, shortened(texts[i])));
    }
    if (texts.size() > kShown) {
      lines.push_back(fmt::format("{} and {} more", sign, texts.size() - kShown));
    }
  };
  add("-", difference.a);
  add("+", difference.b);
  return lines;
}

std::vector<std::string> describe_texts(Bytes a, Bytes b) {
  auto lines = lines_of(one_sided(texts_of(a), texts_of(b)));
  if (lines.empty()) {
    lines.emplace_back("the same texts in another order or number");
  }
  return lines;
}

/// LINUX_ELFNOTE_BUILD_SALT (include/linux/build-salt.h): a text of the configuration.
constexpr std::uint32_t kBuildSalt = 0x100;

std::string text_of_note(const ElfNote& note) {
  if (note.owner == "GNU" && note.type == NT_GNU_BUILD_ID) {
    return "build id " + hex_of(note.contents);
  }
  if (note.owner == "Linux" && note.type == kBuildSalt) {
    const auto texts = texts_of(note.contents);
    return fmt::format("build salt {}", texts.empty() ? "" : texts.front());
  }
  return fmt::format("{} note of type {}: {}", note.owner, note.type, hex_of(note.contents));
}

std::vector<std::string> describe_notes(const ElfContents& in_a, std::size_t a,
                                        const ElfContents& in_b, std::size_t b) {
  const auto texts = [](const ElfContents& in, std::size_t index) {
    std::vector<std::string> result;
    if (const auto notes = in.notes(index)) {
      for (const ElfNote& note : *notes) {
        result.push_back(text_of_note(note));
      }
    }
    return result;
  };
  const auto texts_a = texts(in_a, a);
  const auto texts_b = texts(in_b, b);
  return lines_of(one_sided({texts_a.begin(), texts_a.end()}, {texts_b.begin(), texts_b.end()}));
}

std::vector<std::string> describe_btf(const ElfContents& in_a, Bytes a, const ElfContents& in_b,
                                      Bytes b) {
  const auto big = [](const ElfContents& in) { return in.image().order == std::endian::big; };
  const auto btf_a = read_btf(a, big(in_a));
  const auto btf_b = read_btf(b, big(in_b));
  if (!btf_a || !btf_b) {
    const Error& error = btf_a ? btf_b.error() : btf_a.error();
    return {fmt::format("{} cannot be read: {}", btf_a ? "B" : "A", error.message)};
  }
  switch (relation_of(*btf_a, *btf_b)) {
    case BtfRelation::renumbered:
      return {
          fmt::format("the same {} types in the same order, but they refer to types or strings "
                      "by other numbers",
                      btf_a->types)};
    case BtfRelation::reordered:
      return {fmt::format("the same {} types in another order", btf_a->types)};
    case BtfRelation::reordered_but_functions:
    case BtfRelation::different:
      break;
  }
  std::vector<std::string> lines;
  for (std::size_t kind = 0; kind < kBtfKinds; ++kind) {
    if (btf_a->count.at(kind) != btf_b->count.at(kind)) {
      lines.push_back(fmt::format("{}: {} in A, {} in B", btf_kind_name(kind),
                                  btf_a->count.at(kind), btf_b->count.at(kind)));
    }
  }
  if (lines.empty()) {
    lines.push_back(
        fmt::format("{} types of the same kinds, other members or names", btf_a->types));
  }
  return lines;
}

std::vector<std::string> describe_symbols(const ElfContents& in_a, std::size_t a,
                                          const ElfContents& in_b, std::size_t b) {
  const auto symbols_a = in_a.symbols(a);
  const auto symbols_b = in_b.symbols(b);
  if (!symbols_a || !symbols_b) {
    return {};
  }
  const auto names = [](const std::vector<ElfSymbol>& symbols) {
    std::vector<std::string_view> result;
    result.reserve(symbols.size());
    for (const ElfSymbol& symbol : symbols) {
      if (!symbol.name.empty()) {
        result.emplace_back(symbol.name);
      }
    }
    return result;
  };
  auto lines = lines_of(one_sided(names(*symbols_a), names(*symbols_b)));
  if (lines.empty()) {
    lines.push_back(
        symbols_a->size() == symbols_b->size()
            ? fmt::format("the same {} symbols with other values, sizes or order",
                          symbols_a->size())
            : fmt::format("{} symbols in A, {} in B", symbols_a->size(), symbols_b->size()));
  }
  return lines;
}

std::map<std::string, std::uint64_t> versions_of(const ElfContents& in, Bytes bytes) {
  std::map<std::string, std::uint64_t> versions;
  const std::size_t word = in.image().bits / 8;
  for (std::size_t at = 0; bytes.size() - at >= kVersionSize; at += kVersionSize) {
    std::uint64_t checksum = 0;
    for (std::size_t i = 0; i < word; ++i) {
      const std::size_t place = in.image().order == std::endian::big ? i : word - 1 - i;
      checksum = checksum << 8U | bytes[at + place];
    }
    const Bytes name = bytes.subspan(at + word, kVersionSize - word);
    const std::string_view text = text_of(name);
    versions.emplace(text.substr(0, text.find('\0')), checksum);
  }
  return versions;
}

std::vector<std::string> describe_versions(const ElfContents& in_a, Bytes a,
                                           const ElfContents& in_b, Bytes b) {
  const auto texts = [](const std::map<std::string, std::uint64_t>& versions) {
    std::vector<std::string> result;
    result.reserve(versions.size());
    for (const auto& [name, checksum] : versions) {
      result.push_back(fmt::format("{} {:#010x}", name, checksum));
    }
    return result;
  };
  const auto texts_a = texts(versions_of(in_a, a));
  const auto texts_b = texts(versions_of(in_b, b));
  return lines_of(one_sided({texts_a.begin(), texts_a.end()}, {texts_b.begin(), texts_b.end()}));
}

/// A relocation with its symbol by name; symbols of sections have none and go by that of theirs.
using Resolved = std::tuple<std::uint64_t, std::uint32_t, std::int64_t, std::string, std::uint64_t>;

std::optional<std::vector<Resolved>> resolve(const ElfContents& in, std::size_t index) {
  const auto& sections = in.image().sections;
  const auto relocations = in.relocations(index);
  const auto table = std::find_if(sections.begin(), sections.end(), [](const ElfSection& section) {
    return section.type == SHT_SYMTAB;
  });
  if (!relocations || table == sections.end()) {
    return std::nullopt;
  }
  const auto symbols = in.symbols(static_cast<std::size_t>(table - sections.begin()));
  if (!symbols) {
    return std::nullopt;
  }
  std::vector<Resolved> resolved;
  resolved.reserve(relocations->size());
  for (const ElfRelocation& relocation : *relocations) {
    std::string name;
    std::uint64_t value = 0;
    if (relocation.symbol != 0) {
      if (relocation.symbol > symbols->size()) {
        return std::nullopt;
      }
      const ElfSymbol& symbol = (*symbols)[relocation.symbol - 1];
      name = symbol.name;
      value = symbol.value;
      if (name.empty() && symbol.section != 0 && symbol.section <= sections.size()) {
        name = sections[symbol.section - 1U].name;
      }
    }
    resolved.emplace_back(relocation.offset, relocation.type, relocation.addend, std::move(name),
                          value);
  }
  return resolved;
}

std::vector<std::string> describe_relocations(const ElfContents& in_a, std::size_t a,
                                              const ElfContents& in_b, std::size_t b) {
  const auto resolved_a = resolve(in_a, a);
  const auto resolved_b = resolve(in_b, b);
  if (!resolved_a || !resolved_b) {
    return {};
  }
  if (*resolved_a == *resolved_b) {
    return {"the same relocations; only the numbers of symbols differ"};
  }
  return {fmt::format("{} relocations in A, {} in B", resolved_a->size(), resolved_b->size())};
}

}  // namespace

std::vector<std::string_view> texts_of(Bytes bytes) {
  const std::string_view all = text_of(bytes);
  std::vector<std::string_view> texts;
  for (std::size_t at = 0; at < all.size();) {
    const std::size_t end = std::min(all.find('\0', at), all.size());
    if (end > at) {
      texts.push_back(all.substr(at, end - at));
    }
    at = end + 1;
  }
  return texts;
}

std::string versus(std::string_view a, std::string_view b) {
  return fmt::format("{} in A, {} in B", printable(a), printable(b));
}

OneSided one_sided(std::vector<std::string_view> a, std::vector<std::string_view> b) {
  for (auto* texts : {&a, &b}) {
    std::sort(texts->begin(), texts->end());
    texts->erase(std::unique(texts->begin(), texts->end()), texts->end());
  }
  OneSided result;
  std::set_difference(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(result.a));
  std::set_difference(b.begin(), b.end(), a.begin(), a.end(), std::back_inserter(result.b));
  return result;
}

bool same_relocations(const ElfContents& in_a, std::size_t a, const ElfContents& in_b,
                      std::size_t b) {
  const auto resolved_a = resolve(in_a, a);
  const auto resolved_b = resolve(in_b, b);
  return resolved_a && resolved_b && *resolved_a == *resolved_b;
}

std::vector<std::string> describe_difference(const ElfContents& in_a, std::size_t a,
                                             const ElfContents& in_b, std::size_t b) {
  const ElfSection& section = in_a.image().sections[a];
  const ElfSection& other = in_b.image().sections[b];
  if (section.type != other.type || section.compressed || other.compressed) {
    return {};
  }
  switch (section.type) {
    case SHT_SYMTAB:
      return describe_symbols(in_a, a, in_b, b);
    case SHT_RELA:
    case SHT_REL:
      return describe_relocations(in_a, a, in_b, b);
    case SHT_NOTE:
      return describe_notes(in_a, a, in_b, b);
    default:
      break;
  }
  const bool texts = section.name == ".modinfo" || section.name == ".comment" ||
                     (section.type == SHT_STRTAB && section.name != ".shstrtab");
  if (!texts && section.name != ".BTF" && section.name != "__versions") {
    return {};
  }
  const auto bytes_a = in_a.bytes(section, kTextLimit);
  const auto bytes_b = in_b.bytes(other, kTextLimit);
  if (!bytes_a || !bytes_b) {
    return {};
  }
  if (section.name == ".BTF") {
    return describe_btf(in_a, *bytes_a, in_b, *bytes_b);
  }
  if (section.name == "__versions") {
    return describe_versions(in_a, *bytes_a, in_b, *bytes_b);
  }
  return describe_texts(*bytes_a, *bytes_b);
}

}  // namespace modproof
