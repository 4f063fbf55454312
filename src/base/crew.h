// SPDX-License-Identifier: LGPL-2.1-or-later
// Work spread over the processors: as many threads as allowed, under make as many as it grants.
#pragma once

#include <atomic>
#include <cstddef>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "base/jobserver.h"

namespace modproof {

/// The number of processors that this process may run on; at least 1.
[[nodiscard]] unsigned available_processors() noexcept;

/// The threads of one operation. Nothing that a body computes may depend on how many there are.
///
/// Under make's jobserver the calling thread works on make's own slot, and another thread joins
/// whenever a token is free; its token goes back as soon as its body returns.
class Crew {
 public:
  /// At most `limit` threads at once (at least 1), less if the jobserver grants less.
  Crew(unsigned limit, Jobserver* jobserver) noexcept;

  Crew(const Crew&) = delete;
  Crew& operator=(const Crew&) = delete;

  /// Runs `body` on this thread and on each that joins, until all of them have returned. A body
  /// takes its work from something shared and returns when nothing is left. An exception of any
  /// of them is thrown again here, after all have ended.
  void run(const std::function<void(Crew&)>& body);

  /// Lets another thread join if one is allowed now. Bodies call it between two pieces of work.
  void grow();

  /// As run(), for `count` independent pieces of work: calls `work(i)` once for every i in
  /// [0, count), in no particular order.
  void for_each(std::size_t count, const std::function<void(std::size_t)>& work);

 private:
  bool start_one();
  void remember_exception() noexcept;

  unsigned limit_;
  Jobserver* jobserver_;
  const std::function<void(Crew&)>* body_ = nullptr;
  std::mutex mutex_;  // guards the two below
  std::vector<std::jthread> threads_;
  std::exception_ptr exception_;
  std::atomic<unsigned> running_{1};
};

}  // namespace modproof
