// SPDX-License-Identifier: LGPL-2.1-or-later
#include "format/kconfig.h"

#include <algorithm>
#include <optional>
#include <utility>

#include <fmt/core.h>

#include "base/try.h"
#include "format/malformed.h"

namespace modproof {
namespace {

constexpr std::string_view kPrefix = "CONFIG_";
constexpr std::string_view kNotSet = " is not set";

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool is_name(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
  });
}

bool is_number(std::string_view text) {
  if (text.starts_with("0x") || text.starts_with("0X")) {
    text.remove_prefix(2);
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
      return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
    });
  }
  if (text.starts_with('-')) {
    text.remove_prefix(1);
  }
  return !text.empty() && std::all_of(text.begin(), text.end(), is_digit);
}

/// A line, and where it starts.
struct Line {
  std::string_view text;
  std::size_t offset = 0;
};

class LineReader {
 public:
  explicit LineReader(Bytes bytes) : text_(text_of(bytes)) {}

  /// Nothing at the end.
  Result<std::optional<Line>> next() {
    if (at_ == text_.size()) {
      return std::nullopt;
    }
    const std::size_t newline = text_.find('\n', at_);
    if (newline == std::string_view::npos) {
      return malformed(at_, "the last line has no newline; the file seems to be cut off");
    }
    const Line line{text_.substr(at_, newline - at_), at_};
    if (const auto zero = line.text.find('\0'); zero != std::string_view::npos) {
      return malformed(at_ + zero, "NUL byte in a line");
    }
    if (const auto cr = line.text.find('\r'); cr != std::string_view::npos) {
      return malformed(at_ + cr, "carriage return; lines end in a newline only");
    }
    at_ = newline + 1;
    return line;
  }

 private:
  std::string_view text_;
  std::size_t at_ = 0;
};

/// The two halves of `CONFIG_NAME=VALUE`.
struct Assignment {
  std::string_view name;
  std::string_view value;
  std::size_t value_offset = 0;
};

Result<Assignment> split(const Line& line) {
  const std::size_t equals = line.text.find('=');
  if (!line.text.starts_with(kPrefix) || equals == std::string_view::npos) {
    return malformed(line.offset, "neither a setting (CONFIG_NAME=...) nor a comment");
  }
  const std::string_view name = line.text.substr(kPrefix.size(), equals - kPrefix.size());
  if (!is_name(name)) {
    return malformed(line.offset + kPrefix.size(), "no possible name of a symbol");
  }
  return Assignment{name, line.text.substr(equals + 1), line.offset + equals + 1};
}

/// What stands between the quotes of `quoted`, which starts with one.
Result<std::string> unquote(std::string_view quoted, std::size_t offset) {
  std::string text;
  for (std::size_t i = 1; i < quoted.size(); ++i) {
    if (quoted[i] == '"') {
      if (i + 1 < quoted.size()) {
        return malformed(offset + i + 1, "something behind the closing quote");
      }
      return text;
    }
    if (quoted[i] == '\\') {
      if (++i == quoted.size()) {
        break;
      }
    }
    text += quoted[i];
  }
  return malformed(offset, "text without a closing quote");
}

Result<KconfigEntry> parse_value(const Assignment& setting) {
  KconfigEntry entry;
  entry.name = setting.name;
  if (setting.value == "n") {
    return entry;
  }
  if (setting.value.starts_with('"')) {
    MODPROOF_ASSIGN(text, unquote(setting.value, setting.value_offset));
    entry.kind = KconfigKind::text;
    entry.value = std::move(text);
    return entry;
  }
  entry.value = setting.value;
  if (setting.value == "y") {
    entry.kind = KconfigKind::yes;
  } else if (setting.value == "m") {
    entry.kind = KconfigKind::module;
  } else if (is_number(setting.value)) {
    entry.kind = KconfigKind::number;
  } else {
    return malformed(setting.value_offset, "a value is y, m, n, a number or a text in quotes");
  }
  return entry;
}

/// The symbol of `# CONFIG_NAME is not set`; empty if `line` is another comment.
std::string_view symbol_not_set(std::string_view line) {
  constexpr std::size_t kStart = 2;
  if (!line.starts_with("# ") || !line.ends_with(kNotSet) ||
      !line.substr(kStart).starts_with(kPrefix)) {
    return {};
  }
  line.remove_prefix(kStart + kPrefix.size());
  if (line.size() < kNotSet.size()) {
    return {};
  }
  line.remove_suffix(kNotSet.size());
  return is_name(line) ? line : std::string_view();
}

}  // namespace

const KconfigEntry* Kconfig::find(std::string_view name) const {
  const auto place = places_.find(name);
  return place == places_.end() ? nullptr : &entries_[place->second];
}

const KconfigEntry* Kconfig::yes(std::string_view name) const {
  const KconfigEntry* entry = find(name);
  return entry != nullptr && entry->kind == KconfigKind::yes ? entry : nullptr;
}

std::string_view Kconfig::text(std::string_view name) const {
  const KconfigEntry* entry = find(name);
  return entry != nullptr && entry->kind == KconfigKind::text ? std::string_view(entry->value)
                                                              : std::string_view();
}

void Kconfig::set(KconfigEntry entry) {
  const auto [place, is_new] = places_.try_emplace(entry.name, entries_.size());
  if (is_new) {
    entries_.push_back(std::move(entry));
    return;
  }
  KconfigEntry& old = entries_[place->second];
  entry.earlier = old.line;
  old = std::move(entry);
}

Result<Kconfig> parse_kconfig(Bytes text) {
  Kconfig config;
  LineReader reader(text);
  for (std::size_t number = 1;; ++number) {
    MODPROOF_ASSIGN(line, reader.next());
    if (!line) {
      return config;
    }
    if (line->text.starts_with('#')) {
      if (const std::string_view name = symbol_not_set(line->text); !name.empty()) {
        KconfigEntry entry;
        entry.name = name;
        entry.line = number;
        config.set(std::move(entry));
      }
    } else if (!line->text.empty()) {
      MODPROOF_ASSIGN(setting, split(*line));
      MODPROOF_ASSIGN(entry, parse_value(setting));
      entry.line = number;
      config.set(std::move(entry));
    }
  }
}

Result<std::map<std::string, std::string, std::less<>>> parse_auto_conf(Bytes text) {
  std::map<std::string, std::string, std::less<>> values;
  LineReader reader(text);
  while (true) {
    MODPROOF_ASSIGN(line, reader.next());
    if (!line) {
      return values;
    }
    if (!line->text.empty() && !line->text.starts_with('#')) {
      MODPROOF_ASSIGN(setting, split(*line));
      values.insert_or_assign(std::string(setting.name), std::string(setting.value));
    }
  }
}

}  // namespace modproof
