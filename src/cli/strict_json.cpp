// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cli/strict_json.h"

#include <set>
#include <vector>

#include <fmt/core.h>

namespace modproof::cli {
namespace {

/// An envelope and a statement have five at most.
constexpr int kDeepestJson = 16;

std::unexpected<Error> malformed_json(std::string message) {
  return fail(ErrorKind::malformed, {}, std::move(message));
}

std::unexpected<Error> wrong_type(const char* key, std::string_view type) {
  return malformed_json(fmt::format("'{}' is missing or no {}", key, type));
}

}  // namespace

Result<StrictJson> parse_strict(std::string_view text) {
  std::vector<std::set<std::string>> open;
  std::string problem;
  const auto watch = [&](int depth, StrictJson::parse_event_t event, StrictJson& value) {
    if (depth > kDeepestJson && problem.empty()) {
      problem = "JSON that is nested too deep";
    }
    if (event == StrictJson::parse_event_t::object_start) {
      open.emplace_back();
    } else if (event == StrictJson::parse_event_t::object_end) {
      open.pop_back();
    } else if (event == StrictJson::parse_event_t::key) {
      const auto& key = value.get_ref<const std::string&>();
      if (!open.back().insert(key).second && problem.empty()) {
        problem = fmt::format("'{}' stands twice in one object", printable(key));
      }
    }
    return true;
  };
  StrictJson value = StrictJson::parse(text.begin(), text.end(), watch, false);
  if (value.is_discarded()) {
    return malformed_json("no JSON in UTF-8");
  }
  if (!problem.empty()) {
    return malformed_json(problem);
  }
  return value;
}

Status check_keys(const StrictJson& value, std::string_view where,
                  std::initializer_list<std::string_view> keys) {
  if (!value.is_object()) {
    return malformed_json(fmt::format("{} is no object", where));
  }
  std::set<std::string, std::less<>> left;
  for (const auto& [key, ignored] : value.items()) {
    left.insert(key);
  }
  for (const std::string_view key : keys) {
    const auto found = left.find(key);
    if (found == left.end()) {
      return malformed_json(fmt::format("{} has no '{}'", where, key));
    }
    left.erase(found);
  }
  if (!left.empty()) {
    return malformed_json(fmt::format("{} has a field '{}', which this release does not know",
                                      where, printable(*left.begin())));
  }
  return {};
}

Result<std::string> string_at(const StrictJson& object, const char* key) {
  const auto found = object.find(key);
  if (found == object.end() || !found->is_string()) {
    return wrong_type(key, "string");
  }
  return found->get<std::string>();
}

Result<bool> bool_at(const StrictJson& object, const char* key) {
  const auto found = object.find(key);
  if (found == object.end() || !found->is_boolean()) {
    return wrong_type(key, "true or false");
  }
  return found->get<bool>();
}

Result<std::uint64_t> count_at(const StrictJson& object, const char* key) {
  const auto found = object.find(key);
  if (found == object.end() || !found->is_number_unsigned()) {
    return wrong_type(key, "whole number");
  }
  return found->get<std::uint64_t>();
}

}  // namespace modproof::cli
