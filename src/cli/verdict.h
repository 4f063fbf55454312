// SPDX-License-Identifier: LGPL-2.1-or-later
// The verdict on a module, as text and as JSON.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "modproof/ops/verify.h"

#include "cli/output.h"

namespace modproof::cli {

/// `PATH: REASON: DETAIL`, with the offset where there is one.
[[nodiscard]] std::string line_of(const Verdict& verdict, const Output& output);

[[nodiscard]] Json document_of(const Verdict& verdict);

/// How many modules had which verdict.
struct Counts {
  std::size_t accepted = 0;
  std::size_t refused = 0;
  std::size_t missing = 0;
  std::size_t not_checked = 0;
  std::size_t images_not_read = 0;  ///< to their end: how many modules they hold is not known

  Counts& operator+=(const Counts& other);
};

/// Adds one of `reason`.
void count(Reason reason, Counts& counts);

/// Counts what could not be checked: an error of one of the initramfs `images` says nothing of how
/// many modules are in it.
void count_errors(const std::vector<Error>& errors, const std::vector<std::string>& images,
                  Counts& counts);

/// `5 modules: 3 accepted, 1 refused, 1 not checked, 1 image not read to the end`.
[[nodiscard]] std::string summary_of(const Counts& counts);

/// As an object; `not_checked` counts images as well.
[[nodiscard]] Json document_of(const Counts& counts);

}  // namespace modproof::cli
