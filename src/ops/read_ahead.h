// SPDX-License-Identifier: LGPL-2.1-or-later
// Files that are asked for before they are read, where they come from a disk.
//
// From the page cache, asking costs a fifth of the time of reading; from a disk it saves a third of
// it (bench/README.md). So it begins when a thread first had to wait for a disk, which its count of
// blocks tells. It is advice: nothing that goes wrong here matters, and who reads the file will see
// it.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <span>

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "modproof/ops/discover.h"

namespace modproof {

/// Shared by all threads that read `modules`, which outlive it.
class ReadAhead {
 public:
  explicit ReadAhead(std::span<const ModuleFile> modules) : modules_(modules) {}

  /// How many blocks came from a disk for this thread.
  [[nodiscard]] static long blocks() noexcept {
    struct rusage usage{};
    return ::getrusage(RUSAGE_THREAD, &usage) == 0 ? usage.ru_inblock : 0;
  }

  /// Comes after this thread has read from module `index`. `before` is its blocks() before, and
  /// gets what it is now.
  void after(std::size_t index, long& before) noexcept {
    if (!cold_.load(std::memory_order_relaxed)) {
      const long now = blocks();
      if (now == before) {
        return;
      }
      before = now;
      cold_.store(true, std::memory_order_relaxed);
    }
    const std::size_t end = std::min(modules_.size(), index + 1 + kAhead);
    for (std::size_t seen = next_.load(std::memory_order_relaxed);;) {
      const std::size_t mine = std::max(seen, index + 1);
      if (mine >= end) {
        return;
      }
      if (next_.compare_exchange_weak(seen, mine + 1, std::memory_order_relaxed)) {
        ask_for(modules_[mine]);
        seen = mine + 1;
      }
    }
  }

 private:
  /// Enough to keep a disk busy while all lanes of a few threads are hashed.
  static constexpr std::size_t kAhead = 32;

  static void ask_for(const ModuleFile& module) noexcept {
    const int file = ::open(module.path.c_str(), O_RDONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
    if (file >= 0) {
      static_cast<void>(::posix_fadvise(file, 0, 0, POSIX_FADV_WILLNEED));
      ::close(file);
    }
  }

  std::span<const ModuleFile> modules_;
  std::atomic<bool> cold_{false};
  std::atomic<std::size_t> next_{0};  ///< the first that was not asked for
};

}  // namespace modproof
