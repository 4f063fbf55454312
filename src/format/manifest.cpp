// SPDX-License-Identifier: LGPL-2.1-or-later
#include "modproof/format/manifest.h"

#include <algorithm>
#include <charconv>
#include <numeric>
#include <optional>
#include <span>

#include <fmt/core.h>

#include "modproof/format/root_text.h"

#include "base/try.h"
#include "format/malformed.h"

namespace modproof {
namespace {

constexpr std::string_view kVersion = "1";
constexpr std::string_view kUnknown = "-";
/// The shortest line of a module: `0 FILE 0:LEAF n` and a newline.
constexpr std::size_t kShortestLine = 2 + 65 + 2 + 65 + 2;

bool is_one_line(std::string_view text) { return text.find('\n') == std::string_view::npos; }

std::string variants_text(std::span<const Variant> variants) {
  std::string text;
  for (const Variant variant : variants) {
    text += (text.empty() ? "" : ",") + std::string(name_of(variant));
  }
  return text;
}

/// The number that `text` is in decimal, without leading zeros.
std::optional<std::uint64_t> number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() ||
      (text.size() > 1 && text.front() == '0')) {
    return std::nullopt;
  }
  return value;
}

/// A digest in lower case: any other spelling would be another text for the same build.
std::optional<Digest> digest(std::string_view text) {
  const auto value = digest_from_hex(text);
  return value && to_hex(*value) == text ? value : std::nullopt;
}

class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  [[nodiscard]] bool at_end() const { return at_ == text_.size(); }
  [[nodiscard]] std::size_t offset() const { return at_; }
  [[nodiscard]] std::size_t left() const { return text_.size() - at_; }

  Result<std::string_view> line() {
    const std::size_t newline = text_.find('\n', at_);
    if (newline == std::string_view::npos) {
      return malformed(at_, "the manifest is cut off");
    }
    const std::string_view line = text_.substr(at_, newline - at_);
    at_ = newline + 1;
    return line;
  }

  /// The rest of the next line, which has to start with `key` and a blank.
  Result<std::string_view> value(std::string_view key) {
    const std::size_t start = at_;
    MODPROOF_ASSIGN(text, line());
    if (!text.starts_with(key) || text.size() <= key.size() + 1 || text[key.size()] != ' ') {
      return malformed(start, fmt::format("no line '{} ...' where it has to stand", key));
    }
    return text.substr(key.size() + 1);
  }

 private:
  std::string_view text_;
  std::size_t at_ = 0;
};

/// One line of a module, taken apart.
struct Line {
  std::uint64_t position = 0;
  Digest file{};
  std::vector<Leaf> leaves;
  std::string_view name;
};

/// Up to the next blank of `rest`, which loses it.
std::string_view next_word(std::string_view& rest) {
  const std::size_t blank = std::min(rest.find(' '), rest.size());
  const std::string_view word = rest.substr(0, blank);
  rest.remove_prefix(std::min(blank + 1, rest.size()));
  return word;
}

Result<Line> parse_line(std::string_view text, std::size_t offset, std::size_t variants) {
  std::string_view rest = text;
  Line line;
  const auto here = [&] { return offset + (text.size() - rest.size()); };
  const auto position = number(next_word(rest));
  if (!position) {
    return malformed(offset, "a line of a module starts with its position");
  }
  line.position = *position;
  const std::size_t file_at = here();
  const auto file = digest(next_word(rest));
  if (!file) {
    return malformed(file_at, "no SHA-256 of the file (64 lower-case hexadecimal digits)");
  }
  line.file = *file;
  for (std::size_t v = 0; v < variants; ++v) {
    const std::size_t leaf_at = here();
    const std::string_view word = next_word(rest);
    const std::size_t colon = std::min(word.find(':'), word.size());
    const auto size = number(word.substr(0, colon));
    const auto hash = digest(word.substr(std::min(colon + 1, word.size())));
    if (!size || !hash) {
      return malformed(leaf_at, "no leaf (SIZE:HASH) of a variant");
    }
    line.leaves.push_back({.payload_size = *size, .hash = *hash});
  }
  if (rest.empty() || rest.find('/') != std::string_view::npos ||
      rest.find('\0') != std::string_view::npos) {
    return malformed(here(), "no possible name of a module");
  }
  line.name = rest;
  return line;
}

Result<std::vector<Variant>> parse_variants(std::string_view text, std::size_t offset) {
  for (const std::vector<Variant>& variants :
       {std::vector{Variant::linked}, std::vector{Variant::linked, Variant::strip_debug}}) {
    if (text == variants_text(variants)) {
      return variants;
    }
  }
  return fail(ErrorKind::unsupported, {},
              fmt::format("variants {} are unknown to this release", printable(text)), offset);
}

/// Everything before the modules; gives their number.
Result<std::uint64_t> read_header(Reader& reader, Manifest& manifest) {
  const auto text_or_unknown = [](std::string_view text) {
    return text == kUnknown ? std::string() : std::string(text);
  };
  MODPROOF_ASSIGN(version, reader.value(kManifestMagic.substr(0, kManifestMagic.size() - 1)));
  if (version != kVersion) {
    return fail(ErrorKind::unsupported, {},
                fmt::format("version {} of the manifest is unknown to this release, which knows "
                            "version {}",
                            printable(version), kVersion),
                kManifestMagic.size());
  }
  MODPROOF_ASSIGN(kernel, reader.value("kernel"));
  manifest.kernel = text_or_unknown(kernel);
  MODPROOF_ASSIGN(architecture, reader.value("architecture"));
  manifest.architecture = text_or_unknown(architecture);
  const std::size_t root_at = reader.offset();
  MODPROOF_ASSIGN(root_text, reader.value("root"));
  const auto root = root_from_text(root_text);
  if (!root || to_text(*root) != root_text) {
    return malformed(root_at, "no root (sha256:LEVELS:HEX)");
  }
  manifest.tree.root = *root;
  const std::size_t variants_at = reader.offset();
  MODPROOF_ASSIGN(variants_word, reader.value("variants"));
  MODPROOF_ASSIGN(variants, parse_variants(variants_word, variants_at));
  manifest.tree.variants = std::move(variants);
  const std::size_t count_at = reader.offset();
  MODPROOF_ASSIGN(count_text, reader.value("modules"));
  const auto count = number(count_text);
  if (!count || *count > reader.left() / kShortestLine) {
    return malformed(count_at, "no number of modules that fit into the manifest");
  }
  return *count;
}

}  // namespace

Result<std::string> encode_manifest(const Manifest& manifest) {
  const TreeFile& tree = manifest.tree;
  for (const std::string& name : tree.names) {
    if (!is_one_line(name)) {
      return fail(ErrorKind::unsupported, {},
                  fmt::format("module {} has a newline in its name", printable(name)));
    }
  }
  if (!is_one_line(manifest.kernel)) {
    return fail(ErrorKind::unsupported, {}, "the release of the kernel has a newline in it");
  }
  const auto or_unknown = [](const std::string& text) {
    return text.empty() ? std::string(kUnknown) : text;
  };
  std::string text = fmt::format(
      "{}{}\nkernel {}\narchitecture {}\nroot {}\nvariants {}\nmodules {}\n", kManifestMagic,
      kVersion, or_unknown(manifest.kernel), or_unknown(manifest.architecture), to_text(tree.root),
      variants_text(tree.variants), tree.names.size());
  std::vector<std::size_t> order(tree.names.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(),
            [&](std::size_t a, std::size_t b) { return tree.names[a] < tree.names[b]; });
  for (const std::size_t i : order) {
    text += fmt::format("{} {} ", i * tree.variants.size(), to_hex(manifest.files[i]));
    for (const Leaf& leaf : tree.leaves_of(i)) {
      text += fmt::format("{}:{} ", leaf.payload_size, to_hex(leaf.hash));
    }
    text += tree.names[i] + "\n";
  }
  return text;
}

Result<Manifest> decode_manifest(Bytes text) {
  Reader reader(text_of(text));
  Manifest manifest;
  MODPROOF_ASSIGN(count, read_header(reader, manifest));
  const auto modules = static_cast<std::size_t>(count);
  const std::size_t variants = manifest.tree.variants.size();
  manifest.tree.names.resize(modules);
  manifest.tree.leaves.resize(modules * variants);
  manifest.files.resize(modules);
  std::string_view before;
  for (std::size_t i = 0; i < modules; ++i) {
    const std::size_t offset = reader.offset();
    MODPROOF_ASSIGN(words, reader.line());
    MODPROOF_ASSIGN(line, parse_line(words, offset, variants));
    if (i > 0 && line.name <= before) {
      return malformed(offset, "the modules are not sorted by name");
    }
    before = line.name;
    const std::uint64_t place = line.position / variants;
    if (place >= modules || line.position % variants != 0 ||
        !manifest.tree.names[static_cast<std::size_t>(place)].empty()) {
      return malformed(
          offset, fmt::format("position {} is outside the tree or taken twice", line.position));
    }
    const auto index = static_cast<std::size_t>(place);
    manifest.tree.names[index] = line.name;
    manifest.files[index] = line.file;
    std::copy(line.leaves.begin(), line.leaves.end(),
              manifest.tree.leaves.begin() + static_cast<std::ptrdiff_t>(index * variants));
  }
  if (!reader.at_end()) {
    return malformed(reader.offset(),
                     fmt::format("{} bytes behind the last module", reader.left()));
  }
  MODPROOF_TRY(check_names_differ(manifest.tree.names));
  return manifest;
}

}  // namespace modproof
