// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ops/diff/producer.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/core.h>

#include "ops/diff/text.h"

namespace modproof {
namespace {

struct Producer {
  std::string_view compiler;
  std::vector<std::string_view> options;
};

std::optional<Producer> parse_producer(std::string_view text) {
  if (!text.starts_with("GNU C")) {
    return std::nullopt;
  }
  const std::size_t end = std::min(text.find(" -"), text.size());
  Producer producer{.compiler = text.substr(0, end), .options = {}};
  for (text.remove_prefix(end); !text.empty();) {
    const std::size_t blank = std::min(text.find(' '), text.size());
    if (blank > 0) {
      producer.options.push_back(text.substr(0, blank));
    }
    text.remove_prefix(std::min(blank + 1, text.size()));
  }
  return producer;
}

std::vector<Producer> producers_of(const std::vector<std::string_view>& texts) {
  std::vector<Producer> producers;
  for (const std::string_view text : texts) {
    if (auto producer = parse_producer(text)) {
      producers.push_back(std::move(*producer));
    }
  }
  return producers;
}

/// `-O2 in A, -O1 in B`, or `-O1 in B only`.
std::string option_difference(const OneSided& options) {
  const auto joined = [](const std::vector<std::string_view>& words) {
    std::string text;
    for (const std::string_view word : words) {
      text += (text.empty() ? "" : " ") + printable(word);
    }
    return text;
  };
  if (options.a.empty() && options.b.empty()) {
    return "the same in another order or number";
  }
  if (options.a.empty() || options.b.empty()) {
    return fmt::format("{} in {} only", joined(options.a) + joined(options.b),
                       options.b.empty() ? "A" : "B");
  }
  return fmt::format("{} in A, {} in B", joined(options.a), joined(options.b));
}

}  // namespace

std::optional<DiffGuess> guess_from_producers(const std::vector<std::string_view>& a,
                                              const std::vector<std::string_view>& b) {
  const OneSided sided = one_sided(a, b);
  std::optional<OneSided> closest;
  std::optional<std::pair<std::string, std::string>> compilers;
  const auto compare = [&](const Producer& in_a, const Producer& in_b) {
    if (in_a.compiler != in_b.compiler) {
      compilers = compilers.value_or(std::pair(printable(in_a.compiler), printable(in_b.compiler)));
      return;
    }
    OneSided options = one_sided(in_a.options, in_b.options);
    if (!closest || options.a.size() + options.b.size() < closest->a.size() + closest->b.size()) {
      closest = std::move(options);
    }
  };
  const auto compare_all = [&](const std::vector<std::string_view>& texts_a,
                               const std::vector<std::string_view>& texts_b) {
    const auto producers_b = producers_of(texts_b);
    for (const Producer& in_a : producers_of(texts_a)) {
      for (const Producer& in_b : producers_b) {
        compare(in_a, in_b);
      }
    }
  };
  compare_all(sided.a, b);
  compare_all(a, sided.b);
  if (closest) {
    return DiffGuess{.cause = DiffCause::flags, .evidence = option_difference(*closest)};
  }
  if (compilers) {
    return DiffGuess{
        .cause = DiffCause::compiler,
        .evidence = fmt::format("{} in A, {} in B", compilers->first, compilers->second)};
  }
  return std::nullopt;
}

}  // namespace modproof
