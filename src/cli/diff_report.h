// SPDX-License-Identifier: LGPL-2.1-or-later
// What diff found, as text and as JSON.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "modproof/ops/diff.h"

#include "cli/output.h"

namespace modproof::cli {

/// How many modules of a report are what.
struct DiffCounts {
  std::size_t same = 0;
  std::size_t different = 0;
  std::size_t unknown = 0;  ///< cannot be told, or could not be read
  std::size_t renamed = 0;
  std::size_t moved = 0;
};
[[nodiscard]] DiffCounts count(const DiffReport& report, const DiffOptions& options);

/// A cause over all modules and the kernel.
struct CauseSummary {
  DiffCause cause = DiffCause::signature;
  std::size_t modules = 0;
  bool kernel = false;
  std::string example;   ///< the first module that shows it; `vmlinux` for the kernel
  std::string evidence;  ///< in that
};

/// In the order of DiffCause.
[[nodiscard]] std::vector<CauseSummary> summarise_causes(const DiffReport& report,
                                                         const DiffOptions& options);

/// The verdict in one line.
[[nodiscard]] std::string verdict_line(const DiffReport& report, const DiffOptions& options);

/// `4023 modules in A, 4022 in B: ...`, with those counts that are not zero.
[[nodiscard]] std::string counts_line(const DiffReport& report, const DiffOptions& options);

/// What is said of the kernels: `same`, `different`, `not compared: ...`; empty if no side has one.
[[nodiscard]] std::string kernel_line(const DiffReport& report, const DiffOptions& options);

/// In which way a difference is only one of a kind, in words; empty if it is not.
[[nodiscard]] std::string only_text(const FileDifference& difference);

/// `1234 bytes, first difference at 0x10`, `only in A, 12 bytes`, ...
[[nodiscard]] std::string section_text(const SectionDifference& section);

/// `12 debug sections: 3000 bytes in A, 3100 in B`.
[[nodiscard]] std::string debug_text(const DebugDifference& debug);

/// Prints all of it. Unless verbose, only the first modules in full.
void print_diff(const DiffReport& report, const DiffOptions& options, Output& output);

/// Fills in the document.
void document_diff(const DiffReport& report, const DiffOptions& options, Json& json);

}  // namespace modproof::cli
