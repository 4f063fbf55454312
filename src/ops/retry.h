// SPDX-License-Identifier: LGPL-2.1-or-later
// Modules that could not be replaced at first, tried again.
//
// Somebody else replaced a module while it was worked on. This is not rare: one module can be named
// twice, by two spellings or by links, and two installers can be at work at the same time.
//
// The disk was full: old and new files stand side by side until the new ones are in place, so there
// may be space for the next ones when the first are done.
//
// What attach and detach do may be repeated without harm.
#pragma once

#include <algorithm>
#include <optional>
#include <vector>

#include "modproof/ops/attach.h"

#include "base/try.h"

namespace modproof {

/// True for a module that has been replaced.
[[nodiscard]] inline bool was_written(const ModuleChange& change) noexcept {
  return change.change == Change::attached || change.change == Change::detached;
}

/// Calls `work` with `modules`, then with those that failed: because they changed, a few times at
/// most; because of the system, as long as each time some others of them succeed. `work` takes
/// modules and gives a Result with one ModuleChange for each.
template <typename Work>
[[nodiscard]] Result<std::vector<ModuleChange>> retry(const std::vector<ModuleFile>& modules,
                                                      Work work) {
  constexpr int kTries = 3;
  MODPROOF_ASSIGN(changes, work(modules));
  bool succeeded = std::ranges::any_of(changes, &was_written);
  for (int tries = 1;; ++tries) {
    std::vector<std::size_t> indices;
    std::vector<ModuleFile> pass;
    for (std::size_t i = 0; i < changes.size(); ++i) {
      const std::optional<Error>& error = changes[i].error;
      if (error && ((error->kind == ErrorKind::changed && tries < kTries) ||
                    (error->kind == ErrorKind::io && succeeded))) {
        indices.push_back(i);
        pass.push_back(modules[i]);
      }
    }
    if (pass.empty()) {
      return changes;
    }
    MODPROOF_ASSIGN(retried, work(pass));
    succeeded = std::ranges::any_of(retried, &was_written);
    for (std::size_t slot = 0; slot < indices.size(); ++slot) {
      changes[indices[slot]] = std::move(retried[slot]);
    }
  }
}

}  // namespace modproof
