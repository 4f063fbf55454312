// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cli/signals.h"

#include <csignal>

namespace modproof::cli {
namespace {

Cancel cancel;
std::atomic<int> caught = 0;

extern "C" void on_signal(int number) {
  caught.store(number, std::memory_order_relaxed);
  cancel.request();
}

}  // namespace

const Cancel& catch_signals() {
  for (const int number : {SIGINT, SIGTERM, SIGHUP}) {
    struct sigaction old{};
    if (::sigaction(number, nullptr, &old) == 0 && old.sa_handler == SIG_IGN) {
      continue;  // nohup(1) and background jobs
    }
    struct sigaction action{};
    action.sa_handler = on_signal;
    action.sa_flags = static_cast<int>(SA_RESETHAND);
    ::sigemptyset(&action.sa_mask);
    ::sigaction(number, &action, nullptr);
  }
  static_cast<void>(::signal(SIGPIPE, SIG_IGN));
  return cancel;
}

void die_of_caught_signal() {
  if (const int number = caught.load(std::memory_order_relaxed); number != 0) {
    static_cast<void>(::signal(number, SIG_DFL));
    static_cast<void>(::raise(number));
  }
}

}  // namespace modproof::cli
