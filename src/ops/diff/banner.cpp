// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ops/diff/banner.h"

#include <algorithm>
#include <optional>

#include <fmt/core.h>

#include "ops/diff/text.h"

namespace modproof {
namespace {

struct Banner {
  std::string_view release;
  std::string_view builder;
  std::string_view compiler;
  std::string_view number;
  std::string_view rest;  ///< behind it
};

/// What stands between the parenthesis at `text[0]` and the one that closes it.
std::string_view in_parentheses(std::string_view text) {
  int depth = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    depth += text[i] == '(' ? 1 : text[i] == ')' ? -1 : 0;
    if (depth == 0) {
      return i == 0 ? std::string_view() : text.substr(1, i - 1);
    }
  }
  return {};
}

std::optional<Banner> parse_banner(std::string_view text) {
  text = text.substr(0, text.find('\n'));
  const std::size_t blank = text.find(' ');
  if (blank == std::string_view::npos) {
    return std::nullopt;
  }
  const std::string_view rest = text.substr(blank + 1);
  Banner banner{.release = text.substr(0, blank),
                .builder = in_parentheses(rest),
                .compiler = {},
                .number = {},
                .rest = {}};
  const std::size_t second = banner.builder.size() + 3;
  if (rest.size() <= second) {
    return std::nullopt;
  }
  banner.compiler = in_parentheses(rest.substr(second));
  const std::size_t third = second + banner.compiler.size() + 3;
  if (rest.size() <= third) {
    return std::nullopt;
  }
  const std::string_view version = rest.substr(third);
  const std::size_t end = std::min(version.find(' '), version.size());
  banner.number = version.substr(0, end);
  banner.rest = version.substr(std::min(end + 1, version.size()));
  return banner;
}

}  // namespace

std::vector<DiffGuess> guess_from_banners(std::string_view a, std::string_view b) {
  const auto in_a = parse_banner(a);
  const auto in_b = parse_banner(b);
  std::vector<DiffGuess> guesses;
  const auto compare = [&](DiffCause cause, std::string_view of_a, std::string_view of_b) {
    if (of_a != of_b) {
      guesses.push_back(
          {.cause = cause, .evidence = fmt::format("banner: {}", versus(of_a, of_b))});
    }
  };
  if (in_a && in_b) {
    compare(DiffCause::kernel_version, in_a->release, in_b->release);
    compare(DiffCause::compiler, in_a->compiler, in_b->compiler);
    compare(DiffCause::timestamp, in_a->rest, in_b->rest);
    compare(DiffCause::builder, in_a->builder, in_b->builder);
    compare(DiffCause::build_number, in_a->number, in_b->number);
  }
  return guesses;
}

}  // namespace modproof
