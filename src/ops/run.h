// SPDX-License-Identifier: LGPL-2.1-or-later
// What the operations make of RunOptions: threads, progress, and the error of being interrupted.
#pragma once

#include <algorithm>
#include <cstddef>
#include <mutex>

#include "modproof/base/result.h"
#include "modproof/ops/run_options.h"

#include "base/crew.h"
#include "base/file_limit.h"
#include "base/jobserver.h"

namespace modproof {

/// The most files that a thread has open: for each of 16 lanes a module, what it decompresses to,
/// and the file that is to replace it.
inline constexpr std::size_t kFilesOfThread = std::size_t{16} * 3;

/// Files that are open besides: standard streams, a tree file, batches, what was inherited.
inline constexpr std::size_t kOtherFiles = 64;

/// As many threads as there can be without running out of files, but at least one.
[[nodiscard]] inline unsigned threads_of_file_limit(std::size_t files) noexcept {
  const std::size_t threads = files > kOtherFiles ? (files - kOtherFiles) / kFilesOfThread : 0;
  return static_cast<unsigned>(std::clamp<std::size_t>(threads, 1, 1U << 16U));
}

/// The jobserver and the number of threads that RunOptions stand for, or fewer, where there may not
/// be as many open files as they need.
class Workers {
 public:
  explicit Workers(const RunOptions& options)
      : jobserver_(options.jobs == 0 ? Jobserver::from_makeflags(options.makeflags) : Jobserver()),
        limit_(std::min(options.jobs == 0 ? available_processors() : options.jobs,
                        threads_of_file_limit(file_limit()))) {}

  /// A crew for at most `pieces` pieces of work.
  [[nodiscard]] Crew crew(std::size_t pieces) {
    return {static_cast<unsigned>(std::min<std::size_t>(limit_, pieces)), &jobserver_};
  }

 private:
  Jobserver jobserver_;
  unsigned limit_;
};

/// Counts modules and passes the count on, one call at a time.
class Progress {
 public:
  Progress(const RunOptions& options, std::size_t total) : options_(options), total_(total) {}

  void one_done() {
    if (options_.progress) {
      const std::lock_guard lock(mutex_);
      options_.progress(++done_, total_);
    }
  }

 private:
  const RunOptions& options_;
  std::size_t total_;
  std::mutex mutex_;  // guards done_ and the order of calls
  std::size_t done_ = 0;
};

[[nodiscard]] inline std::unexpected<Error> fail_interrupted() {
  return fail(ErrorKind::interrupted, {}, "interrupted");
}

}  // namespace modproof
