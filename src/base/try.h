// SPDX-License-Identifier: LGPL-2.1-or-later
// Passing an error on to the caller, for source files of the library only.
#pragma once

#include <expected>
#include <utility>

/// Returns the error of `expression` (a Result of any type) from the function around it, if it
/// failed; the value is dropped.
#define MODPROOF_TRY(expression)                             \
  do {                                                       \
    if (auto try_result = (expression); !try_result) {       \
      return std::unexpected(std::move(try_result.error())); \
    }                                                        \
  } while (false)

// NOLINTBEGIN(bugprone-macro-parentheses): `name` is a declarator.
/// Declares `name` with the value of `expression` (a Result), or returns its error.
#define MODPROOF_ASSIGN(name, expression)                     \
  auto name##_result = (expression);                          \
  if (!name##_result) {                                       \
    return std::unexpected(std::move(name##_result.error())); \
  }                                                           \
  auto name = std::move(*name##_result)
// NOLINTEND(bugprone-macro-parentheses)
