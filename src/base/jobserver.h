// SPDX-License-Identifier: LGPL-2.1-or-later
// A client of GNU make's jobserver (make manual, "Sharing Job Slots with GNU make").
//
// make gives each job one slot without a token, and lends further ones as bytes in a pipe: to run a
// second thread, read a byte; when the thread is done, write the same byte back. Two forms:
//
//     --jobserver-auth=R,W         descriptors of the pipe, inherited by recipes marked with `+`
//     --jobserver-auth=fifo:PATH   a named pipe (make 4.4 and later)
//
// A recipe without `+` sees the option but not the descriptors: R and W are then closed or, worse,
// something else. Both are therefore checked to be ends of a pipe, open in the right direction.
#pragma once

#include <optional>
#include <string_view>

namespace modproof {

class Jobserver {
 public:
  /// A byte that was read from make, and has to be written back.
  using Token = char;

  /// No make around: acquire() gives nothing and present() is false.
  Jobserver() = default;
  ~Jobserver();
  Jobserver(Jobserver&& other) noexcept;
  Jobserver& operator=(Jobserver&& other) noexcept;

  /// Reads the value of MAKEFLAGS. If it speaks of a jobserver that cannot be used, the result is
  /// present() without tokens: this process has the one slot that make gave it.
  [[nodiscard]] static Jobserver from_makeflags(std::string_view makeflags);

  /// True if make limits the number of jobs.
  [[nodiscard]] bool present() const noexcept { return present_; }

  /// Takes a token if one is free; never waits.
  [[nodiscard]] std::optional<Token> acquire() noexcept;

  /// Gives a token back.
  void release(Token token) noexcept;

 private:
  bool present_ = false;
  int read_end_ = -1;   // owned: a description of our own, so that it can be non-blocking
  int write_end_ = -1;  // owned
};

}  // namespace modproof
