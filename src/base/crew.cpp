// SPDX-License-Identifier: LGPL-2.1-or-later
#include "base/crew.h"

#include <algorithm>
#include <exception>
#include <utility>

#include <sched.h>

namespace modproof {

unsigned available_processors() noexcept {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (::sched_getaffinity(0, sizeof set, &set) == 0) {
    return static_cast<unsigned>(std::max(1, CPU_COUNT(&set)));
  }
  return std::max(1U, std::thread::hardware_concurrency());
}

Crew::Crew(unsigned limit, Jobserver* jobserver) noexcept
    : limit_(std::max(1U, limit)),
      jobserver_(jobserver != nullptr && jobserver->present() ? jobserver : nullptr) {}

void Crew::run(const std::function<void(Crew&)>& body) {
  body_ = &body;
  if (jobserver_ == nullptr) {
    // Counted, because a thread that has nothing to do may end before the next one starts.
    for (unsigned i = 1; i < limit_ && start_one(); ++i) {
    }
  }
  try {
    body(*this);
  } catch (...) {
    remember_exception();
  }
  // A thread that is still working may let others join: take them out until none is left.
  for (;;) {
    std::vector<std::jthread> ending;
    {
      const std::lock_guard lock(mutex_);
      ending.swap(threads_);
    }
    if (ending.empty()) {
      break;
    }
  }
  body_ = nullptr;
  if (exception_) {
    std::rethrow_exception(std::exchange(exception_, nullptr));
  }
}

void Crew::grow() {
  if (jobserver_ != nullptr) {
    start_one();
  }
}

bool Crew::start_one() {
  if (running_.load(std::memory_order_relaxed) >= limit_) {
    return false;
  }
  const std::lock_guard lock(mutex_);
  if (running_.load(std::memory_order_relaxed) >= limit_) {
    return false;
  }
  std::optional<Jobserver::Token> token;
  if (jobserver_ != nullptr) {
    token = jobserver_->acquire();
    if (!token) {
      return false;
    }
  }
  running_.fetch_add(1, std::memory_order_relaxed);
  try {
    threads_.emplace_back([this, token] {
      try {
        (*body_)(*this);
      } catch (...) {
        remember_exception();
      }
      if (token) {
        jobserver_->release(*token);
      }
      running_.fetch_sub(1, std::memory_order_relaxed);
    });
  } catch (const std::exception&) {
    // No more threads or memory to be had: those that run do the work.
    running_.fetch_sub(1, std::memory_order_relaxed);
    if (token) {
      jobserver_->release(*token);
    }
    return false;
  }
  return true;
}

void Crew::remember_exception() noexcept {
  const std::lock_guard lock(mutex_);
  if (!exception_) {
    exception_ = std::current_exception();
  }
}

void Crew::for_each(std::size_t count, const std::function<void(std::size_t)>& work) {
  std::atomic<std::size_t> next{0};
  run([&](Crew& crew) {
    for (;;) {
      const std::size_t index = next.fetch_add(1, std::memory_order_relaxed);
      if (index >= count) {
        return;
      }
      crew.grow();
      work(index);
    }
  });
}

}  // namespace modproof
