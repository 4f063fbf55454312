// SPDX-License-Identifier: LGPL-2.1-or-later
// A jobserver as make has it: a pipe with a byte for each free slot.
#pragma once

#include <array>
#include <cerrno>
#include <string>
#include <string_view>
#include <system_error>

#include <fcntl.h>
#include <fmt/core.h>
#include <poll.h>
#include <unistd.h>

namespace modproof::test {

class MakeSlots {
 public:
  /// `tokens` are the bytes that are free at first.
  explicit MakeSlots(std::string_view tokens) {
    if (::pipe2(ends_.data(), O_CLOEXEC) != 0) {
      throw std::system_error(errno, std::generic_category());
    }
    add(tokens);
  }
  ~MakeSlots() {
    ::close(ends_[0]);
    ::close(ends_[1]);
  }
  MakeSlots(const MakeSlots&) = delete;
  MakeSlots& operator=(const MakeSlots&) = delete;

  [[nodiscard]] int read_end() const { return ends_[0]; }
  [[nodiscard]] int write_end() const { return ends_[1]; }

  /// MAKEFLAGS as make would set it.
  [[nodiscard]] std::string makeflags() const {
    return fmt::format(" -j8 --jobserver-auth={},{}", ends_[0], ends_[1]);
  }

  /// Frees further slots.
  void add(std::string_view tokens) const {
    if (::write(ends_[1], tokens.data(), tokens.size()) != static_cast<ssize_t>(tokens.size())) {
      throw std::system_error(errno, std::generic_category());
    }
  }

  /// Takes out the free tokens, in the order in which they were given back.
  [[nodiscard]] std::string tokens() const {
    std::string all;
    pollfd wait{.fd = ends_[0], .events = POLLIN, .revents = 0};
    while (::poll(&wait, 1, 0) == 1) {
      char token = 0;
      if (::read(ends_[0], &token, 1) != 1) {
        break;
      }
      all += token;
    }
    return all;
  }

 private:
  std::array<int, 2> ends_{};
};

}  // namespace modproof::test
