// SPDX-License-Identifier: LGPL-2.1-or-later
// Running another program and waiting for it.
#pragma once

#include <string>
#include <vector>

#include "modproof/base/result.h"

namespace modproof {

/// Runs `arguments[0]`, found in PATH, with the rest as its arguments, standard input empty and
/// standard output thrown away. What it writes to standard error becomes part of the message.
/// `about` is the file the run is for. Safe to call from several threads.
/// Errors: program (cannot be started, ended by a signal, exit status other than 0).
[[nodiscard]] Status run_program(const std::vector<std::string>& arguments,
                                 const std::string& about);

/// What a program said and how it ended.
struct ProgramAnswer {
  int exit_status = 0;
  std::string output;     ///< standard output, its first 64 KiB
  std::string complaint;  ///< standard error, its first 2000 bytes, without blanks at the end
};

/// As run_program(), but with the file `input` as standard input, and any exit status is an answer.
/// Errors: program (cannot be started, ended by a signal).
[[nodiscard]] Result<ProgramAnswer> ask_program(const std::vector<std::string>& arguments,
                                                const std::string& about,
                                                const std::string& input = "/dev/null");

/// Errors: program, if the exit status is not 0.
[[nodiscard]] Status check_answer(const ProgramAnswer& answer,
                                  const std::vector<std::string>& arguments,
                                  const std::string& about);

/// The file that run_program() would start for `name`: `name` itself if it has a slash, else the
/// first executable of that name in PATH; empty if there is none.
[[nodiscard]] std::string program_path(const std::string& name);

/// Splits words as a make variable holds them (`llvm-strip-19`, `/opt/x/strip -p`): at blanks.
[[nodiscard]] std::vector<std::string> split_words(std::string_view text);

}  // namespace modproof
