// SPDX-License-Identifier: LGPL-2.1-or-later
#include "base/program.h"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <system_error>

#include <fcntl.h>
#include <fmt/core.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

namespace modproof {
namespace {

/// As much of a program's complaint as belongs into a message.
constexpr std::size_t kMessageLimit = 2000;

/// Reads `descriptor` to its end; keeps the first bytes only.
std::string drain(int descriptor) {
  std::string text;
  std::array<char, 4096> buffer{};
  for (;;) {
    const ssize_t got = ::read(descriptor, buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) {
      continue;
    }
    if (got <= 0) {
      break;
    }
    const std::size_t room = kMessageLimit - text.size();
    text.append(buffer.data(), std::min(room, static_cast<std::size_t>(got)));
  }
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) {
    text.pop_back();
  }
  return text;
}

}  // namespace

Status run_program(const std::vector<std::string>& arguments, const std::string& about) {
  if (arguments.empty()) {
    return fail(ErrorKind::usage, about, "the name of the program to run is empty");
  }
  const auto failed = [&](std::string_view what) {
    return fail(ErrorKind::program, about,
                fmt::format("{}: {}", printable(arguments.front()), what));
  };
  std::array<int, 2> errors{-1, -1};
  if (::pipe2(errors.data(), O_CLOEXEC) != 0) {
    return failed(std::generic_category().message(errno));
  }
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, errors[1], STDERR_FILENO);
  // The tool ignores SIGPIPE; a program of somebody else expects to die of it.
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t defaults;
  sigemptyset(&defaults);
  sigaddset(&defaults, SIGPIPE);
  posix_spawnattr_setsigdefault(&attributes, &defaults);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
  std::vector<char*> argv;
  argv.reserve(arguments.size() + 1);
  for (const std::string& argument : arguments) {
    argv.push_back(const_cast<char*>(argument.c_str()));  // posix_spawn(3) does not write to it
  }
  argv.push_back(nullptr);
  pid_t child = -1;
  const int code = ::posix_spawnp(&child, argv[0], &actions, &attributes, argv.data(), environ);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  ::close(errors[1]);
  if (code != 0) {
    ::close(errors[0]);
    return failed(std::generic_category().message(code));
  }
  const std::string complaint = drain(errors[0]);
  ::close(errors[0]);
  int status = 0;
  while (::waitpid(child, &status, 0) < 0) {
    if (errno != EINTR) {
      // A parent that ignores SIGCHLD has its children reaped by the system, status and all.
      return failed("its exit status cannot be known: " + std::generic_category().message(errno));
    }
  }
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) {
    return {};
  }
  std::string what = WIFSIGNALED(status) ? fmt::format("ended by signal {}", WTERMSIG(status))
                                         : fmt::format("exit status {}", WEXITSTATUS(status));
  if (!complaint.empty()) {
    what += ": " + printable(complaint);
  }
  return failed(what);
}

std::string program_path(const std::string& name) {
  if (name.find('/') != std::string::npos) {
    return name;
  }
  const char* variable = std::getenv("PATH");
  const std::string_view places = variable != nullptr ? variable : "/bin:/usr/bin";
  for (std::size_t at = 0; at <= places.size();) {
    const std::size_t end = std::min(places.find(':', at), places.size());
    // As execvp(3) has it: an empty place is the current directory, and a directory is no program.
    const std::string_view place = places.substr(at, end - at);
    std::string path = fmt::format("{}/{}", place.empty() ? "." : place, name);
    struct stat status{};
    if (::stat(path.c_str(), &status) == 0 && S_ISREG(status.st_mode) &&
        ::access(path.c_str(), X_OK) == 0) {
      return path;
    }
    at = end + 1;
  }
  return {};
}

std::vector<std::string> split_words(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\n";
  std::vector<std::string> words;
  for (std::size_t at = text.find_first_not_of(kBlanks); at != std::string_view::npos;) {
    const std::size_t end = std::min(text.find_first_of(kBlanks, at), text.size());
    words.emplace_back(text.substr(at, end - at));
    at = text.find_first_not_of(kBlanks, end);
  }
  return words;
}

}  // namespace modproof
