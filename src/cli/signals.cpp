// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cli/signals.h"

#include <csignal>
#include <cstdint>
#include <ctime>

namespace modproof::cli {
namespace {

Cancel cancel;
std::atomic<int> caught = 0;
std::atomic<std::int64_t> caught_at = 0;  // seconds

/// One press of Ctrl-C can arrive more than once, from the terminal and from make or timeout(1), so
/// only one that comes later means that the user is tired of waiting.
constexpr std::int64_t kPatienceSeconds = 2;

std::int64_t now() {
  struct timespec time{};
  static_cast<void>(::clock_gettime(CLOCK_MONOTONIC, &time));  // cannot fail for this clock
  return time.tv_sec;
}

extern "C" void on_signal(int number) {
  if (!cancel.requested()) {
    caught_at.store(now(), std::memory_order_relaxed);
    caught.store(number, std::memory_order_relaxed);
    cancel.request();
  } else if (now() - caught_at.load(std::memory_order_relaxed) >= kPatienceSeconds) {
    static_cast<void>(::signal(number, SIG_DFL));
    static_cast<void>(::raise(number));
  }
}

}  // namespace

void catch_signals() {
  for (const int number : {SIGINT, SIGTERM, SIGHUP}) {
    struct sigaction old{};
    if (::sigaction(number, nullptr, &old) == 0 && old.sa_handler == SIG_IGN) {
      continue;  // nohup(1) and background jobs
    }
    struct sigaction action{};
    action.sa_handler = on_signal;
    ::sigemptyset(&action.sa_mask);
    ::sigaction(number, &action, nullptr);
  }
  static_cast<void>(::signal(SIGPIPE, SIG_IGN));
  static_cast<void>(::signal(SIGXFSZ, SIG_IGN));
}

const Cancel& caught_signal() { return cancel; }

void die_of_caught_signal() {
  if (const int number = caught.load(std::memory_order_relaxed); number != 0) {
    static_cast<void>(::signal(number, SIG_DFL));
    static_cast<void>(::raise(number));
  }
}

}  // namespace modproof::cli
