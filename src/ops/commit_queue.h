// SPDX-License-Identifier: LGPL-2.1-or-later
// Many replacements on their way to the disk.
//
// A rename must not reach the disk before the bytes it puts in place. Waiting for the disk after
// each file makes the disk idle between them; the queue therefore gathers finished replacements and
// waits for a whole batch, whose writing the disk can overlap, before it renames any of the batch.
// Where a batch is large and on one file system, it waits once for that, not once for each file:
// each wait is a commit of the journal and a flush of the disk's cache. A batch ends with a number
// of files or of bytes, so that the space of old and new files together stays small.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "modproof/base/result.h"

#include "base/replacement.h"

namespace modproof {

class CommitQueue {
 public:
  /// Told of each replacement once it is in place, or why it is not.
  using Done = std::function<void(std::size_t index, Status status)>;

  CommitQueue(bool sync, Done done);

  /// Takes over a complete replacement. May commit a batch before it returns. From any thread.
  void add(std::size_t index, Replacement replacement);

  /// Commits what is left, and waits for the directories. Errors: io, of a directory.
  [[nodiscard]] Status finish();

 private:
  struct Item {
    std::size_t index;
    Replacement replacement;
  };

  /// True if what waits is a whole batch.
  [[nodiscard]] bool is_full() const noexcept;

  void commit(std::vector<Item> batch);

  /// Waits until all of `batch` is on the disk, or says of which file it is not.
  [[nodiscard]] static std::vector<Status> sync(const std::vector<Item>& batch);

  bool sync_;
  Done done_;
  std::mutex mutex_;  // guards all below
  std::vector<Item> waiting_;
  std::uint64_t bytes_ = 0;  // of the new files that wait
  std::set<std::string> directories_;
  std::optional<std::uint64_t> device_;  // of the directory added last
  bool one_device_ = true;               // all of directories_ are on it
};

}  // namespace modproof
