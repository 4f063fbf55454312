// SPDX-License-Identifier: LGPL-2.1-or-later
// What every fuzz target needs: a check that ends it, an answer, and an input as a file.
#pragma once

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include <sys/mman.h>
#include <unistd.h>

#include "modproof/base/result.h"

/// Ends the target, which libFuzzer and the replay both take for a failure.
#define FUZZ_CHECK(condition)                                                        \
  do {                                                                               \
    if (!(condition)) {                                                              \
      std::fprintf(stderr, "%s:%d: not true: %s\n", __FILE__, __LINE__, #condition); \
      std::abort();                                                                  \
    }                                                                                \
  } while (false)

namespace modproof::fuzz {

/// What a target returns for an input that it took for what it is about. There was something to
/// check of it.
inline int taken() { return 0; }

/// What it returns for any other input, and why. That ends the target where
/// $MODPROOF_FUZZ_ALL_TAKEN is set, as fuzz/run does for real inputs: one that means nothing to its
/// target is of no use.
inline int refused(std::string_view why) {
  static const bool all_taken = std::getenv("MODPROOF_FUZZ_ALL_TAKEN") != nullptr;
  if (all_taken) {
    std::fprintf(stderr, "not taken: %.*s\n", static_cast<int>(why.size()), why.data());
    std::abort();
  }
  return 0;
}
inline int refused(const Error& error) { return refused(describe(error)); }

/// A file in memory that can be opened by name. One serves all runs of a target.
class MemoryFile {
 public:
  MemoryFile() : descriptor_(::memfd_create("input", MFD_CLOEXEC)) {
    FUZZ_CHECK(descriptor_ >= 0);
    path_ = "/proc/self/fd/" + std::to_string(descriptor_);
  }
  ~MemoryFile() { ::close(descriptor_); }
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;

  /// Replaces the contents.
  void set(const std::uint8_t* data, std::size_t size) const {
    FUZZ_CHECK(::ftruncate(descriptor_, 0) == 0);
    FUZZ_CHECK(::pwrite(descriptor_, data, size, 0) == static_cast<ssize_t>(size));
  }

  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  int descriptor_;
  std::string path_;
};

}  // namespace modproof::fuzz
