// SPDX-License-Identifier: LGPL-2.1-or-later
// modproof: parse the command line, run the command, give its exit status.
#include <algorithm>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <string_view>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <fmt/core.h>
#include <unistd.h>

#include "modproof/hash/sha256.h"

#include "base/file_limit.h"
#include "cli/command.h"
#include "cli/output.h"
#include "cli/signals.h"
#include "cli/text.h"

namespace {

using modproof::cli::Exit;

/// True if the user wants JSON, as far as a command line that cannot be parsed tells.
bool wants_json(const std::vector<std::string_view>& arguments) {
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    if (arguments[i] == "--json" || arguments[i] == "--format=json" ||
        (arguments[i] == "--format" && i + 1 < arguments.size() && arguments[i + 1] == "json")) {
      return true;
    }
  }
  return false;
}

/// What is wrong with a command line that has no command. Options of the tool itself end it, so
/// there are none before a command.
std::string no_command(const std::vector<std::string_view>& arguments) {
  const auto word = std::ranges::find_if(
      arguments, [](std::string_view argument) { return !argument.starts_with('-'); });
  if (word != arguments.end()) {
    return fmt::format("no command '{}'", *word);
  }
  return arguments.empty() ? "name a command" : "name a command; its options come behind it";
}

Exit usage_error(const CLI::App& app, const std::vector<std::string_view>& arguments,
                 std::string message) {
  std::replace(message.begin(), message.end(), '\n', ' ');
  message = modproof::printable(message);
  const auto chosen = app.get_subcommands();
  const std::string help =
      chosen.empty() ? "modproof --help" : "modproof " + chosen.front()->get_name() + " --help";
  modproof::cli::complain(fmt::format("{}; see `{}`", message, help));
  if (wants_json(arguments)) {
    modproof::cli::print_error_document({.kind = modproof::ErrorKind::usage,
                                         .message = std::move(message),
                                         .path = {},
                                         .offset = {}});
  }
  return Exit::not_done;
}

/// Prints what `call` asks for, the help or the version.
Exit print_and_exit(const CLI::App& app, const CLI::Success& call) {
  app.exit(call);
  std::cout.flush();
  if (!std::cout) {
    modproof::cli::complain("cannot write to standard output");
    return Exit::not_done;
  }
  return Exit::well;
}

/// Takes the places of standard streams that the caller closed. Otherwise the next file that is
/// opened gets one of these numbers, and a message would be written into it.
void occupy_standard_streams() {
  for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (::fcntl(stream, F_GETFD) < 0) {
      // In the wrong direction, so that using it fails as it would have.
      static_cast<void>(::open("/dev/null", stream == STDIN_FILENO ? O_WRONLY : O_RDONLY));
    }
  }
}

/// MODPROOF_SHA256 in the environment forces one way to compute SHA-256, for tests and benchmarks.
modproof::Status choose_backend() {
  const char* name = std::getenv("MODPROOF_SHA256");
  if (name == nullptr || *name == '\0') {
    return {};
  }
  return modproof::set_default_sha256_backend(name);
}

Exit run(int argc, char** argv) {
  const std::vector<std::string_view> arguments(argv + 1, argv + argc);
  CLI::App app;
  std::vector<std::unique_ptr<modproof::cli::Command>> commands;
  const auto table = modproof::cli::commands();
  const auto named_first = std::ranges::any_of(
      table, [&](const auto& entry) { return !arguments.empty() && arguments[0] == entry.name; });
  modproof::cli::configure_all(app, commands, named_first ? arguments[0] : std::string_view());
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp& help) {
    return print_and_exit(app, help);
  } catch (const CLI::CallForVersion& version) {
    return print_and_exit(app, version);
  } catch (const CLI::ParseError& error) {
    const bool chosen = !app.get_subcommands().empty();
    return usage_error(app, arguments, chosen ? error.what() : no_command(arguments));
  }
  if (auto chosen = choose_backend(); !chosen) {
    return usage_error(app, arguments, "MODPROOF_SHA256: " + chosen.error().message);
  }
  const std::string name = app.get_subcommands().front()->get_name();
  const auto entry = std::find_if(table.begin(), table.end(),
                                  [&](const auto& candidate) { return candidate.name == name; });
  const Exit exit = commands[static_cast<std::size_t>(entry - table.begin())]->run();
  modproof::cli::die_of_caught_signal();
  return exit;
}

}  // namespace

int main(int argc, char** argv) {
  occupy_standard_streams();
  modproof::raise_file_limit();
  modproof::cli::catch_signals();
  try {
    return static_cast<int>(run(argc, argv));
  } catch (const std::exception& error) {
    // Out of memory, most likely: nothing in the library throws on purpose.
    modproof::cli::complain(error.what());
    if (wants_json({argv + 1, argv + argc})) {
      modproof::cli::print_error_document(
          {.kind = modproof::ErrorKind::io, .message = error.what(), .path = {}, .offset = {}});
    }
    return static_cast<int>(Exit::not_done);
  }
}
