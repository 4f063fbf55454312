// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ops/commit_queue.h"

#include <utility>

#include "base/try.h"

namespace modproof {
namespace {

/// Enough to keep a disk busy; few enough that the space of old and new files together stays small.
constexpr std::size_t kBatch = 64;

}  // namespace

CommitQueue::CommitQueue(bool sync, Done done) : sync_(sync), done_(std::move(done)) {}

void CommitQueue::add(std::size_t index, Replacement replacement) {
  std::vector<Item> batch;
  {
    const std::lock_guard lock(mutex_);
    waiting_.push_back({index, std::move(replacement)});
    if (waiting_.size() < (sync_ ? kBatch : 1)) {
      return;
    }
    batch.swap(waiting_);
  }
  commit(std::move(batch));
}

Status CommitQueue::finish() {
  commit(std::exchange(waiting_, {}));
  if (sync_) {
    for (const std::string& directory : directories_) {
      MODPROOF_TRY(sync_directory(directory));
    }
  }
  return {};
}

void CommitQueue::commit(std::vector<Item> batch) {
  std::vector<Status> synced(batch.size());
  if (sync_) {
    for (const Item& item : batch) {
      item.replacement.start_writing();
    }
    for (std::size_t i = 0; i < batch.size(); ++i) {
      synced[i] = batch[i].replacement.finish_writing();
    }
    for (std::size_t i = 0; i < batch.size(); ++i) {
      if (synced[i]) {
        synced[i] = batch[i].replacement.sync();
      }
    }
  }
  for (std::size_t i = 0; i < batch.size(); ++i) {
    Item& item = batch[i];
    Status status = std::move(synced[i]);
    if (status) {
      status = item.replacement.commit();
    }
    if (status) {
      const std::lock_guard lock(mutex_);
      directories_.insert(item.replacement.directory());
    }
    done_(item.index, std::move(status));
  }
}

}  // namespace modproof
