// SPDX-License-Identifier: LGPL-2.1-or-later
// The rules of lint about a build tree, and what is read of one. Generated headers hold texts as
//
//     #define UTS_VERSION "#1 SMP PREEMPT_DYNAMIC Thu Jan  1 00:00:00 UTC 1970"
//
// in include/generated/utsversion.h (before Linux 6.1 in compile.h), and user and host in
// include/generated/compile.h.
#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include <fmt/core.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/try.h"
#include "ops/lint/input.h"

namespace modproof {
namespace {

constexpr std::string_view kAutoConf = "include/config/auto.conf";
constexpr std::array<std::string_view, 2> kHeaders = {"include/generated/utsversion.h",
                                                      "include/generated/compile.h"};
constexpr std::uint64_t kHeaderLimit = std::uint64_t{1} << 20U;
/// kbuild cuts UTS_VERSION off at this length.
constexpr std::size_t kUtsLength = 64;

/// Errors: as read_file, but a file that is not there is nothing.
Result<std::optional<ByteVector>> read_if_there(const std::string& path, std::uint64_t limit) {
  struct stat status{};
  if (::stat(path.c_str(), &status) != 0 && (errno == ENOENT || errno == ENOTDIR)) {
    return std::nullopt;
  }
  MODPROOF_ASSIGN(bytes, read_file(path, limit));
  return bytes;
}

/// The text that a header defines `name` to be; empty if it does not. Blanks or tabs stand before
/// it (scripts/mkcompile_h aligns with tabs).
std::string defined_text(std::string_view header, std::string_view name) {
  const std::string start = fmt::format("#define {}", name);
  for (std::size_t at = 0; at < header.size();) {
    const std::string_view line = header.substr(at, header.find('\n', at) - at);
    at += line.size() + 1;
    if (!line.starts_with(start)) {
      continue;
    }
    const std::string_view rest = line.substr(start.size());
    const std::size_t quote = std::min(rest.find_first_not_of(" \t"), rest.size());
    const std::string_view text = rest.substr(quote);
    if (quote > 0 && text.size() > 1 && text.starts_with('"') && text.ends_with('"')) {
      return std::string(text.substr(1, text.size() - 2));
    }
  }
  return {};
}

Status read_headers(LintTree& tree) {
  for (const std::string_view name : kHeaders) {
    const std::string path = tree.inside(name);
    MODPROOF_ASSIGN(bytes, read_if_there(path, kHeaderLimit));
    if (!bytes) {
      continue;
    }
    const std::string_view text = text_of(*bytes);
    if (const std::string uts = defined_text(text, "UTS_VERSION");
        !uts.empty() && tree.version_header.empty()) {
      tree.version_header = path;
      read_uts_version(uts, tree.record);
    }
    for (const auto& [key, value] : {std::pair{"LINUX_COMPILE_BY", &tree.record.user},
                                     std::pair{"LINUX_COMPILE_HOST", &tree.record.host}}) {
      if (std::string found = defined_text(text, key); !found.empty()) {
        *value = std::move(found);
      }
    }
  }
  return {};
}

Result<std::optional<std::map<std::string, std::string, std::less<>>>> read_auto_conf(
    const LintTree& tree) {
  const std::string path = tree.inside(kAutoConf);
  MODPROOF_ASSIGN(bytes, read_if_there(path, kKconfigLimit));
  if (!bytes) {
    return std::nullopt;
  }
  auto values = parse_auto_conf(*bytes);
  if (!values) {
    values.error().path = path;
    return std::unexpected(std::move(values.error()));
  }
  return std::move(*values);
}

/// `value` of auto.conf is that of .config; texts are quoted there or not, as the release has it.
bool is_value_of(const KconfigEntry& entry, std::string_view value) {
  if (value == entry.value) {
    return true;
  }
  if (entry.kind != KconfigKind::text) {
    return false;
  }
  std::string quoted = "\"";
  for (const char c : entry.value) {
    if (c == '"' || c == '\\') {
      quoted += '\\';
    }
    quoted += c;
  }
  return value == quoted + '"';
}

void stale_config(const LintInput& input, LintSink& sink) {
  if (!input.tree || !input.tree->auto_conf) {
    return;
  }
  const auto& built = *input.tree->auto_conf;
  std::vector<std::string_view> different;
  for (const KconfigEntry& entry : input.config.entries()) {
    const auto value = built.find(entry.name);
    const bool same = entry.kind == KconfigKind::not_set
                          ? value == built.end()
                          : value != built.end() && is_value_of(entry, value->second);
    if (!same) {
      different.push_back(entry.name);
    }
  }
  for (const auto& [name, value] : built) {
    if (input.config.find(name) == nullptr) {
      different.push_back(name);
    }
  }
  if (different.empty()) {
    return;
  }
  std::string others;
  if (different.size() > 1) {
    others = fmt::format(" and {} other{}", different.size() - 1, different.size() > 2 ? "s" : "");
  }
  sink.in(input.tree->inside(kAutoConf), Severity::error,
          fmt::format("the tree was configured otherwise: CONFIG_{}{} differ{} from the "
                      "configuration that was named",
                      different.front(), others, different.size() == 1 ? "s" : ""),
          "copy the configuration to .config of the tree, run make olddefconfig, and build again");
}

void built_again(const LintInput& input, LintSink& sink) {
  if (!input.tree || input.tree->record.version.empty() || input.tree->record.version == "1") {
    return;
  }
  sink.in(input.tree->version_header, Severity::warning,
          fmt::format("the kernel calls itself build #{}, and one built in a new tree is #1",
                      printable(input.tree->record.version)),
          fmt::format("build in a new tree, or set KBUILD_BUILD_VERSION={} for each build",
                      printable(input.tree->record.version)));
}

constexpr std::array<LintRuleEntry, 2> kRules{{
    {{"stale-config", "the build tree has another configuration"}, stale_config},
    {{"built-again", "the kernel counts how often it was built"}, built_again},
}};

}  // namespace

std::span<const LintRuleEntry> tree_rules() { return kRules; }

void read_uts_version(std::string_view text, BuildRecord& record) {
  const auto next_word = [&] {
    const std::size_t end = std::min(text.find(' '), text.size());
    const std::string_view word = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    return word;
  };
  const bool cut_off = text.size() >= kUtsLength;
  if (!text.starts_with('#')) {
    return;
  }
  record.version = next_word().substr(1);
  while (text == "SMP" || text.starts_with("SMP ") || text.starts_with("PREEMPT")) {
    next_word();
  }
  if (!cut_off) {
    record.timestamp = text;
  }
}

Result<LintTree> read_lint_tree(const std::string& path) {
  if (!is_directory(path)) {
    return fail(ErrorKind::missing, path, "no such directory");
  }
  LintTree tree;
  tree.path = path;
  MODPROOF_ASSIGN(auto_conf, read_auto_conf(tree));
  tree.auto_conf = std::move(auto_conf);
  struct stat status{};
  if (!tree.auto_conf && ::stat(tree.inside(".config").c_str(), &status) != 0 &&
      ::stat(tree.inside("Makefile").c_str(), &status) != 0) {
    return fail(ErrorKind::missing, path,
                "no build tree of a kernel: it has neither include/config/auto.conf, nor .config, "
                "nor Makefile");
  }
  MODPROOF_TRY(read_headers(tree));
  return tree;
}

}  // namespace modproof
