// SPDX-License-Identifier: LGPL-2.1-or-later
#include "base/program.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <fmt/core.h>
#include <poll.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file_limit.h"
#include "base/try.h"

namespace modproof {
namespace {

/// As much of a program's complaint as belongs into a message.
constexpr std::size_t kMessageLimit = 2000;
/// As much of its output as a caller gets to see.
constexpr std::size_t kAnswerLimit = std::size_t{64} << 10U;

/// A pipe that a program writes into and we read from.
class Pipe {
 public:
  Pipe() = default;
  ~Pipe() {
    close_end(0);
    close_end(1);
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;

  [[nodiscard]] bool open() { return ::pipe2(ends_.data(), O_CLOEXEC) == 0; }
  [[nodiscard]] int reading() const { return ends_[0]; }
  [[nodiscard]] int writing() const { return ends_[1]; }

  void close_end(std::size_t end) {
    if (ends_.at(end) >= 0) {
      ::close(std::exchange(ends_.at(end), -1));
    }
  }

  /// Reads what is there; keeps the first `limit` bytes only. Closes the pipe at its end.
  void take(std::size_t limit, std::string& text) {
    std::array<char, 4096> buffer{};
    const ssize_t got = ::read(ends_[0], buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) {
      return;
    }
    if (got <= 0) {
      close_end(0);
      return;
    }
    const std::size_t room = limit - text.size();
    text.append(buffer.data(), std::min(room, static_cast<std::size_t>(got)));
  }

 private:
  std::array<int, 2> ends_{-1, -1};
};

/// Reads both pipes to their ends, whichever has something.
void drain(Pipe& output, std::string& text, std::size_t limit, Pipe& errors,
           std::string& complaint) {
  while (output.reading() >= 0 || errors.reading() >= 0) {
    // A negative descriptor is skipped.
    std::array<pollfd, 2> ready{{{.fd = output.reading(), .events = POLLIN, .revents = 0},
                                 {.fd = errors.reading(), .events = POLLIN, .revents = 0}}};
    if (::poll(ready.data(), ready.size(), -1) < 0 && errno != EINTR) {
      return;
    }
    if (ready[0].revents != 0) {
      output.take(limit, text);
    }
    if (ready[1].revents != 0) {
      errors.take(kMessageLimit, complaint);
    }
  }
  while (!complaint.empty() &&
         (complaint.back() == '\n' || complaint.back() == '\r' || complaint.back() == ' ')) {
    complaint.pop_back();
  }
}

Error failure(const std::vector<std::string>& arguments, const std::string& about,
              std::string_view what) {
  return {.kind = ErrorKind::program,
          .message = fmt::format("{}: {}", printable(arguments.front()), what),
          .path = about,
          .offset = {}};
}

/// Starts the program; gives its process.
Result<pid_t> start(const std::vector<std::string>& arguments, const std::string& about,
                    const std::string& input, const Pipe& output, const Pipe& errors) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, input.c_str(), O_RDONLY, 0);
  if (output.writing() >= 0) {
    posix_spawn_file_actions_adddup2(&actions, output.writing(), STDOUT_FILENO);
  } else {
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  }
  posix_spawn_file_actions_adddup2(&actions, errors.writing(), STDERR_FILENO);
  // The tool ignores these signals; a program of somebody else expects to die of them.
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t defaults;
  sigemptyset(&defaults);
  sigaddset(&defaults, SIGPIPE);
  sigaddset(&defaults, SIGXFSZ);
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
  if (code != 0) {
    return std::unexpected(failure(arguments, about, std::generic_category().message(code)));
  }
  // posix_spawn(3) cannot set a limit; a program that just started has not used this one yet.
  restore_file_limit(child);
  return child;
}

/// Runs it to its end; its output is thrown away if `limit` is 0.
Result<ProgramAnswer> run_to_end(const std::vector<std::string>& arguments,
                                 const std::string& about, const std::string& input,
                                 std::size_t limit) {
  if (arguments.empty()) {
    return fail(ErrorKind::usage, about, "the name of the program to run is empty");
  }
  const auto failed = [&](std::string_view what) {
    return std::unexpected(failure(arguments, about, what));
  };
  Pipe output;
  Pipe errors;
  if (!errors.open() || (limit > 0 && !output.open())) {
    return failed(std::generic_category().message(errno));
  }
  MODPROOF_ASSIGN(child, start(arguments, about, input, output, errors));
  output.close_end(1);
  errors.close_end(1);
  ProgramAnswer answer;
  drain(output, answer.output, limit, errors, answer.complaint);
  int status = 0;
  while (::waitpid(child, &status, 0) < 0) {
    if (errno != EINTR) {
      // A parent that ignores SIGCHLD has its children reaped by the system, status and all.
      return failed("its exit status cannot be known: " + std::generic_category().message(errno));
    }
  }
  if (WIFSIGNALED(status)) {
    const std::string what = fmt::format("ended by signal {}", WTERMSIG(status));
    return failed(answer.complaint.empty() ? what : what + ": " + printable(answer.complaint));
  }
  answer.exit_status = WEXITSTATUS(status);
  return answer;
}

}  // namespace

Result<ProgramAnswer> ask_program(const std::vector<std::string>& arguments,
                                  const std::string& about, const std::string& input) {
  return run_to_end(arguments, about, input, kAnswerLimit);
}

Status check_answer(const ProgramAnswer& answer, const std::vector<std::string>& arguments,
                    const std::string& about) {
  if (answer.exit_status == 0) {
    return {};
  }
  std::string what = fmt::format("exit status {}", answer.exit_status);
  if (!answer.complaint.empty()) {
    what += ": " + printable(answer.complaint);
  }
  return std::unexpected(failure(arguments, about, what));
}

Status run_program(const std::vector<std::string>& arguments, const std::string& about) {
  MODPROOF_ASSIGN(answer, run_to_end(arguments, about, "/dev/null", 0));
  return check_answer(answer, arguments, about);
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
