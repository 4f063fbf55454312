// SPDX-License-Identifier: LGPL-2.1-or-later
// The table of commands. A new command is a file cmd_NAME.cpp and one line in command.cpp.
#pragma once

#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include <CLI/CLI.hpp>

namespace modproof::cli {

/// Exit status of every command.
enum class Exit : int {
  well = 0,      ///< all well
  refused = 1,   ///< something is refused or different
  not_done = 2,  ///< the command could not do its work: usage, I/O, malformed file
};

/// One command: adds its options to `app`, which outlives it, and runs once they are parsed.
class Command {
 public:
  virtual ~Command() = default;
  virtual void configure(CLI::App& app) = 0;
  [[nodiscard]] virtual Exit run() = 0;
};

struct CommandEntry {
  const char* name;
  const char* summary;  ///< one line of at most 50 characters
  std::unique_ptr<Command> (*make)();
};

/// All commands, in the order of `modproof --help`.
[[nodiscard]] std::span<const CommandEntry> commands();

/// The whole command line: options of the tool itself and a subcommand of CLI11 for each command.
/// `made` gets the commands in the order of commands(); it has to live as long as `app`. With
/// `only`, the name of a command, the others get no options, which takes longer than to verify a
/// module.
void configure_all(CLI::App& app, std::vector<std::unique_ptr<Command>>& made,
                   std::string_view only = {});

/// `modproof X.Y.Z`.
[[nodiscard]] const char* version_text();

std::unique_ptr<Command> make_attach_command();
std::unique_ptr<Command> make_attest_command();
std::unique_ptr<Command> make_detach_command();
std::unique_ptr<Command> make_diff_command();
std::unique_ptr<Command> make_explain_command();
std::unique_ptr<Command> make_info_command();
std::unique_ptr<Command> make_lint_command();
std::unique_ptr<Command> make_manifest_command();
std::unique_ptr<Command> make_patch_command();
std::unique_ptr<Command> make_seal_command();
std::unique_ptr<Command> make_tree_command();
std::unique_ptr<Command> make_verify_command();

}  // namespace modproof::cli
