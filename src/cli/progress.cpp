// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cli/progress.h"

#include <atomic>
#include <chrono>
#include <cstdio>
#include <string_view>

#include <fmt/core.h>
#include <unistd.h>

namespace modproof::cli {
namespace {

using Clock = std::chrono::steady_clock;

/// Nothing is shown before work has taken this long, nor more often.
constexpr auto kInterval = std::chrono::milliseconds(100);

std::atomic<bool> shown = false;

void show(std::string_view text) {
  static_cast<void>(std::fwrite(text.data(), 1, text.size(), stderr));
}

}  // namespace

std::function<void(std::size_t, std::size_t)> terminal_progress() {
  if (::isatty(STDERR_FILENO) != 1) {
    return {};
  }
  return [last = Clock::now()](std::size_t done, std::size_t total) mutable {
    const auto now = Clock::now();
    if (now - last >= kInterval) {
      last = now;
      shown = true;
      show(fmt::format("\r{}/{} modules\033[K", done, total));
    }
  };
}

void clear_progress() {
  if (shown.exchange(false)) {
    show("\r\033[K");
  }
}

}  // namespace modproof::cli
