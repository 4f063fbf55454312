// SPDX-License-Identifier: LGPL-2.1-or-later
// How an operation may use the machine, and how it tells how far it is.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

#include "modproof/base/cancel.h"

namespace modproof {

/// The most bytes that a module may decompress to unless more is asked for.
inline constexpr std::uint64_t kDefaultMaxModuleSize = std::uint64_t{2} << 30U;

struct RunOptions {
  /// Threads at most; 0 means one for each processor, and under make what its jobserver grants.
  unsigned jobs = 0;
  /// The value of MAKEFLAGS, which tells of make's jobserver. Only read where `jobs` is 0.
  std::string makeflags;
  /// The most bytes that a compressed module may decompress to.
  std::uint64_t max_module_size = kDefaultMaxModuleSize;
  /// Where set, long work ends soon after it is requested, with ErrorKind::interrupted.
  const Cancel* cancel = nullptr;
  /// Where set, called with the modules done and the modules in all; from any thread, one at a
  /// time.
  std::function<void(std::size_t done, std::size_t total)> progress;
};

}  // namespace modproof
