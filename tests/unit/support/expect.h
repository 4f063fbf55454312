// SPDX-License-Identifier: LGPL-2.1-or-later
// Expectations on results: the error is of this kind, about this file, at this offset.
#pragma once

#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>

#include <gtest/gtest.h>

#include "modproof/base/result.h"

namespace modproof::test {

/// The error of `result`; where it has none the test fails and the error is an empty one.
template <typename T>
Error error_of(const Result<T>& result) {
  if (result) {
    ADD_FAILURE() << "no error";
    return {};
  }
  // One error is one line, whatever stands in the file.
  EXPECT_EQ(describe(result.error()).find('\n'), std::string::npos) << describe(result.error());
  EXPECT_FALSE(result.error().message.empty());
  return result.error();
}

/// `result` failed with `kind`.
template <typename T>
void expect_error(const Result<T>& result, ErrorKind kind) {
  const Error error = error_of(result);
  EXPECT_STREQ(name_of(error.kind), name_of(kind)) << describe(error);
}

/// `result` failed with `kind` at `offset`.
template <typename T>
void expect_error_at(const Result<T>& result, ErrorKind kind, std::uint64_t offset) {
  const Error error = error_of(result);
  EXPECT_STREQ(name_of(error.kind), name_of(kind)) << describe(error);
  EXPECT_EQ(error.offset, std::optional(offset)) << describe(error);
}

/// The value of `result`; where it has none the test ends with an exception that says why.
template <typename T>
T value_of(Result<T> result) {
  if (!result) {
    throw std::runtime_error(describe(result.error()));
  }
  if constexpr (!std::is_void_v<T>) {
    return std::move(*result);
  }
}

}  // namespace modproof::test
