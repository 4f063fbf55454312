// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ops/walk_packages.h"

#include <limits>
#include <mutex>
#include <optional>
#include <utility>

#include "ops/run.h"

namespace modproof {
namespace {

/// 10^6 lines of 200 bytes.
constexpr std::uint64_t kMostOrder = std::uint64_t{256} << 20U;

/// An entry that was read.
struct Taken {
  std::size_t index = 0;
  PackageEntry entry;
  File contents;
};

class PackageWalk {
 public:
  PackageWalk(const std::vector<std::string>& packages, std::uint64_t max_kernel_size,
              PackageVisitor& visitor, const RunOptions& run)
      : packages_(packages), max_kernel_size_(max_kernel_size), visitor_(visitor), run_(run) {}

  /// Reads up to the next entry that is wanted; nothing when all packages are read.
  std::optional<Taken> next() {
    const std::lock_guard lock(mutex_);
    while (!cancelled(run_.cancel) && open_next()) {
      auto entry = reader_->next();
      if (!entry) {
        visitor_.failed(std::move(entry.error()));
        close();
      } else if (!*entry) {
        close();
      } else if (visitor_.wants(*reader_, **entry)) {
        auto contents = reader_->contents(**entry, limit_of(**entry, max_kernel_size_, run_));
        if (contents) {
          return Taken{
              .index = count_++, .entry = std::move(**entry), .contents = std::move(*contents)};
        }
        // What is wrong with one entry is none of the others.
        const bool only_this = contents.error().path == reader_->path() + ":" + (*entry)->path;
        visitor_.failed(std::move(contents.error()));
        if (!only_this) {
          close();
        }
      }
    }
    return std::nullopt;
  }

 private:
  /// True if a package is open; opens the next one if there is none.
  bool open_next() {
    while (!reader_ && next_ < packages_.size()) {
      auto opened = PackageReader::open(packages_[next_++]);
      if (opened) {
        reader_ = std::move(*opened);
      } else {
        visitor_.failed(std::move(opened.error()));
      }
    }
    return reader_.has_value();
  }

  void close() {
    visitor_.done(*reader_);
    reader_.reset();
  }

  const std::vector<std::string>& packages_;
  std::uint64_t max_kernel_size_;
  PackageVisitor& visitor_;
  const RunOptions& run_;
  std::mutex mutex_;  // guards all that follows
  std::size_t next_ = 0;
  std::size_t count_ = 0;
  std::optional<PackageReader> reader_;
};

}  // namespace

Status walk_packages(const std::vector<std::string>& packages, std::uint64_t max_kernel_size,
                     PackageVisitor& visitor, const RunOptions& run) {
  Workers workers(run);
  PackageWalk walk(packages, max_kernel_size, visitor, run);
  Crew crew = workers.crew(std::numeric_limits<unsigned>::max());
  crew.run([&](Crew& self) {
    while (auto taken = walk.next()) {
      self.grow();
      visitor.take(taken->index, taken->entry, std::move(taken->contents));
    }
  });
  if (cancelled(run.cancel)) {
    return fail_interrupted();
  }
  return {};
}

std::uint64_t limit_of(const PackageEntry& entry, std::uint64_t max_kernel_size,
                       const RunOptions& run) noexcept {
  switch (entry.place.kind) {
    case PackageFile::kernel:
      return max_kernel_size;
    case PackageFile::order:
      return kMostOrder;
    default:
      return run.max_module_size;
  }
}

}  // namespace modproof
