// SPDX-License-Identifier: LGPL-2.1-or-later
// JSON of somebody else, read so that there is one meaning: no key twice and, where check_keys() is
// asked, no unknown keys.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "modproof/base/result.h"

namespace modproof::cli {

/// With sorted keys, so that what is written has one form.
using StrictJson = nlohmann::json;

/// The value that `text` is. Errors (path empty): malformed (no JSON in UTF-8, a key twice in one
/// object, nested too deep).
[[nodiscard]] Result<StrictJson> parse_strict(std::string_view text);

/// Errors (path empty): malformed, unless `value` is an object with exactly these keys. `where`
/// names the object in messages.
[[nodiscard]] Status check_keys(const StrictJson& value, std::string_view where,
                                std::initializer_list<std::string_view> keys);

/// The string at `key` of an object. Errors (path empty): malformed.
[[nodiscard]] Result<std::string> string_at(const StrictJson& object, const char* key);
/// The same for true or false.
[[nodiscard]] Result<bool> bool_at(const StrictJson& object, const char* key);
/// The same for a whole number that is not negative.
[[nodiscard]] Result<std::uint64_t> count_at(const StrictJson& object, const char* key);

}  // namespace modproof::cli
