// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ops/commit_queue.h"

#include <algorithm>
#include <utility>

#include "base/try.h"

namespace modproof {
namespace {

/// Modules of Debian have 100 kB on average, so either ends a batch (bench/README.md, "What was
/// tried", has other numbers of files).
constexpr std::size_t kBatchFiles = 512;
constexpr std::uint64_t kBatchBytes = std::uint64_t{64} << 20U;

/// From here on waiting once for the whole file system is cheaper than once for each file, even if
/// others have bytes on their way to it.
constexpr std::size_t kMany = 8;

}  // namespace

CommitQueue::CommitQueue(bool sync, Done done) : sync_(sync), done_(std::move(done)) {}

void CommitQueue::add(std::size_t index, Replacement replacement) {
  std::vector<Item> batch;
  {
    const std::lock_guard lock(mutex_);
    bytes_ += replacement.size();
    waiting_.push_back({index, std::move(replacement)});
    if (!is_full()) {
      return;
    }
    batch.swap(waiting_);
    bytes_ = 0;
  }
  commit(std::move(batch));
}

bool CommitQueue::is_full() const noexcept {
  return !sync_ || waiting_.size() >= kBatchFiles || bytes_ >= kBatchBytes;
}

Status CommitQueue::finish() {
  commit(std::exchange(waiting_, {}));
  if (!sync_) {
    return {};
  }
  if (directories_.size() >= kMany && device_ && one_device_) {
    return sync_file_system(*directories_.begin());
  }
  for (const std::string& directory : directories_) {
    MODPROOF_TRY(sync_directory(directory));
  }
  return {};
}

std::vector<Status> CommitQueue::sync(const std::vector<Item>& batch) {
  std::vector<Status> synced(batch.size());
  for (const Item& item : batch) {
    item.replacement.start_writing();
  }
  const auto device = batch.empty() ? std::nullopt : batch.front().replacement.device();
  const bool together =
      batch.size() >= kMany && device && std::ranges::all_of(batch, [&](const Item& item) {
        return item.replacement.device() == device;
      });
  if (together) {
    for (std::size_t i = 0; i < batch.size(); ++i) {
      synced[i] = batch[i].replacement.finish_writing();
    }
    if (sync_file_system(batch.front().replacement.directory())) {
      return synced;
    }
    // Whatever it was that could not be written: which of these files does it concern?
  }
  for (std::size_t i = 0; i < batch.size(); ++i) {
    if (synced[i]) {
      synced[i] = batch[i].replacement.sync();
    }
  }
  return synced;
}

void CommitQueue::commit(std::vector<Item> batch) {
  std::vector<Status> synced = sync_ ? sync(batch) : std::vector<Status>(batch.size());
  for (std::size_t i = 0; i < batch.size(); ++i) {
    Item& item = batch[i];
    Status status = std::move(synced[i]);
    const auto device = item.replacement.device();
    if (status) {
      status = item.replacement.commit();
    }
    if (status) {
      const std::lock_guard lock(mutex_);
      directories_.insert(item.replacement.directory());
      one_device_ = one_device_ && device && (!device_ || device_ == device);
      device_ = device;
    }
    done_(item.index, std::move(status));
  }
}

}  // namespace modproof
