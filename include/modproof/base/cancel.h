// SPDX-License-Identifier: LGPL-2.1-or-later
// How a caller asks long work to stop: one flag, safe to set from a signal handler.
#pragma once

#include <atomic>

namespace modproof {

/// Set it, and every operation that was given it ends soon with ErrorKind::interrupted, its
/// temporary files removed and its jobserver tokens returned.
class Cancel {
 public:
  void request() noexcept { requested_.store(true, std::memory_order_relaxed); }
  [[nodiscard]] bool requested() const noexcept {
    return requested_.load(std::memory_order_relaxed);
  }

 private:
  std::atomic<bool> requested_{false};
  static_assert(std::atomic<bool>::is_always_lock_free, "must be safe in a signal handler");
};

/// True if there is a flag and it is set.
[[nodiscard]] inline bool cancelled(const Cancel* cancel) noexcept {
  return cancel != nullptr && cancel->requested();
}

}  // namespace modproof
