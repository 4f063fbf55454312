// SPDX-License-Identifier: LGPL-2.1-or-later
#include "base/jobserver.h"

#include <cerrno>
#include <charconv>
#include <string>
#include <utility>

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>

namespace modproof {
namespace {

/// The value of the last --jobserver-auth (or, of make before 4.2, --jobserver-fds) in MAKEFLAGS.
std::optional<std::string_view> auth_value(std::string_view makeflags) {
  std::optional<std::string_view> value;
  for (std::size_t at = 0; at < makeflags.size();) {
    const std::size_t end = std::min(makeflags.find(' ', at), makeflags.size());
    const std::string_view word = makeflags.substr(at, end - at);
    if (word == "--") {
      break;  // what follows are variables of the command line
    }
    for (const std::string_view option : {"--jobserver-auth=", "--jobserver-fds="}) {
      if (word.starts_with(option)) {
        value = word.substr(option.size());
      }
    }
    at = end + 1;
  }
  return value;
}

/// True if `descriptor` is an end of a pipe that is open for `access` (O_RDONLY or O_WRONLY).
bool is_pipe_end(int descriptor, int access) noexcept {
  struct stat status{};
  const int flags = ::fcntl(descriptor, F_GETFL);
  return flags >= 0 && ((flags & O_ACCMODE) == access || (flags & O_ACCMODE) == O_RDWR) &&
         ::fstat(descriptor, &status) == 0 && S_ISFIFO(status.st_mode);
}

/// A second description of the same pipe: make shares its own with every job, so a flag such as
/// O_NONBLOCK must not be set on that one.
int reopen(int descriptor, int flags) {
  return ::open(fmt::format("/proc/self/fd/{}", descriptor).c_str(), flags | O_CLOEXEC);
}

std::optional<int> parse_descriptor(std::string_view text) noexcept {
  int value = -1;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || value < 0) {
    return std::nullopt;
  }
  return value;
}

}  // namespace

Jobserver Jobserver::from_makeflags(std::string_view makeflags) {
  Jobserver server;
  const auto auth = auth_value(makeflags);
  if (!auth) {
    return server;
  }
  server.present_ = true;
  constexpr std::string_view kFifo = "fifo:";
  if (auth->starts_with(kFifo)) {
    const std::string path(auth->substr(kFifo.size()));
    server.read_end_ = ::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    server.write_end_ = ::open(path.c_str(), O_WRONLY | O_NONBLOCK | O_CLOEXEC);
  } else if (const auto comma = auth->find(','); comma != std::string_view::npos) {
    const auto read_end = parse_descriptor(auth->substr(0, comma));
    const auto write_end = parse_descriptor(auth->substr(comma + 1));
    if (read_end && write_end && is_pipe_end(*read_end, O_RDONLY) &&
        is_pipe_end(*write_end, O_WRONLY)) {
      server.read_end_ = reopen(*read_end, O_RDONLY | O_NONBLOCK);
      server.write_end_ = reopen(*write_end, O_WRONLY);
    }
  }
  if (!is_pipe_end(server.read_end_, O_RDONLY) || !is_pipe_end(server.write_end_, O_WRONLY)) {
    Jobserver unusable;
    unusable.present_ = true;
    return unusable;
  }
  return server;
}

Jobserver::~Jobserver() {
  for (const int descriptor : {read_end_, write_end_}) {
    if (descriptor >= 0) {
      ::close(descriptor);
    }
  }
}

Jobserver::Jobserver(Jobserver&& other) noexcept
    : present_(std::exchange(other.present_, false)),
      read_end_(std::exchange(other.read_end_, -1)),
      write_end_(std::exchange(other.write_end_, -1)) {}

Jobserver& Jobserver::operator=(Jobserver&& other) noexcept {
  std::swap(present_, other.present_);
  std::swap(read_end_, other.read_end_);
  std::swap(write_end_, other.write_end_);
  return *this;
}

std::optional<Jobserver::Token> Jobserver::acquire() noexcept {
  if (read_end_ < 0) {
    return std::nullopt;
  }
  Token token = 0;
  ssize_t got = 0;
  do {
    got = ::read(read_end_, &token, 1);
  } while (got < 0 && errno == EINTR);
  return got == 1 ? std::optional(token) : std::nullopt;
}

void Jobserver::release(Token token) noexcept {
  // The pipe has room for what came out of it, so this cannot fail but for a signal.
  while (::write(write_end_, &token, 1) < 0 && errno == EINTR) {
  }
}

}  // namespace modproof
