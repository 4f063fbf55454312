// SPDX-License-Identifier: LGPL-2.1-or-later
// Modules on their way from the one thread that can read what they are in to all that examine them.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "base/file.h"

namespace modproof {

class ModuleQueue {
 public:
  struct Item {
    std::size_t index = 0;  ///< in the order in which they were read
    std::string name;
    File stored;
  };

  /// Leaves `item` for another thread; gives it back if so many are waiting that whoever reads had
  /// better examine one itself. So memory and open files are bounded, and one thread alone gets on.
  [[nodiscard]] std::optional<Item> offer(Item item) {
    {
      const std::lock_guard lock(mutex_);
      if (items_.size() >= kMostWaiting) {
        return item;
      }
      items_.push_back(std::move(item));
    }
    ready_.notify_one();
    return std::nullopt;
  }

  /// Waits for the next one; nothing when all were taken and no more will come.
  [[nodiscard]] std::optional<Item> take() {
    std::unique_lock lock(mutex_);
    ready_.wait(lock, [&] { return closed_ || !items_.empty(); });
    if (items_.empty()) {
      return std::nullopt;
    }
    Item item = std::move(items_.front());
    items_.pop_front();
    return item;
  }

  /// No more will be offered.
  void close() {
    {
      const std::lock_guard lock(mutex_);
      closed_ = true;
    }
    ready_.notify_all();
  }

 private:
  static constexpr std::size_t kMostWaiting = 16;

  std::mutex mutex_;  // guards the two below
  std::deque<Item> items_;
  bool closed_ = false;
  std::condition_variable ready_;
};

}  // namespace modproof
