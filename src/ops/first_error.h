// SPDX-License-Identifier: LGPL-2.1-or-later
// The errors of many modules worked on at the same time, and the one to report.
#pragma once

#include <optional>
#include <utility>
#include <vector>

#include "modproof/base/result.h"

namespace modproof {

/// One slot a module, so that threads need no lock; the error reported is that of the first module
/// in order, whichever thread came first.
class FirstError {
 public:
  explicit FirstError(std::size_t count) : errors_(count) {}

  void set(std::size_t index, Error error) { errors_[index] = std::move(error); }

  /// Success, if no slot was set.
  [[nodiscard]] Status status() const {
    for (const auto& error : errors_) {
      if (error) {
        return std::unexpected(*error);
      }
    }
    return {};
  }

 private:
  std::vector<std::optional<Error>> errors_;
};

}  // namespace modproof
