// SPDX-License-Identifier: LGPL-2.1-or-later
#include "base/file_limit.h"

#include <algorithm>
#include <cstdint>
#include <optional>

#include <sys/resource.h>

namespace modproof {
namespace {

std::optional<struct rlimit> before_raise;

}  // namespace

void raise_file_limit() noexcept {
  struct rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == limit.rlim_max) {
    return;
  }
  const struct rlimit raised{.rlim_cur = limit.rlim_max, .rlim_max = limit.rlim_max};
  if (::setrlimit(RLIMIT_NOFILE, &raised) == 0) {
    before_raise = limit;
  }
}

void restore_file_limit(pid_t child) noexcept {
  if (before_raise) {
    static_cast<void>(::prlimit(child, RLIMIT_NOFILE, &*before_raise, nullptr));
  }
}

std::size_t file_limit() noexcept {
  struct rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) {
    return 0;
  }
  return static_cast<std::size_t>(std::min<rlim_t>(limit.rlim_cur, SIZE_MAX));
}

}  // namespace modproof
