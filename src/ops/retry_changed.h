// SPDX-License-Identifier: LGPL-2.1-or-later
// Modules that somebody else replaced while they were worked on, tried again.
//
// This is not rare: one module can be named twice, by two spellings or by links, and two installers
// can be at work at the same time. What attach and detach do may be repeated without harm, so the
// second try finds what the first one of the other left, and is content.
#pragma once

#include <vector>

#include "modproof/ops/attach.h"

#include "base/try.h"

namespace modproof {

/// Calls `work` with `modules`, then with those that failed because they changed, a few times at
/// most. `work` takes modules and gives a Result with one ModuleChange for each.
template <typename Work>
[[nodiscard]] Result<std::vector<ModuleChange>> retry_changed(
    const std::vector<ModuleFile>& modules, Work work) {
  constexpr int kTries = 3;
  MODPROOF_ASSIGN(changes, work(modules));
  for (int again = 1; again < kTries; ++again) {
    std::vector<std::size_t> indices;
    std::vector<ModuleFile> pass;
    for (std::size_t i = 0; i < changes.size(); ++i) {
      if (changes[i].error && changes[i].error->kind == ErrorKind::changed) {
        indices.push_back(i);
        pass.push_back(modules[i]);
      }
    }
    if (pass.empty()) {
      break;
    }
    MODPROOF_ASSIGN(retried, work(pass));
    for (std::size_t slot = 0; slot < indices.size(); ++slot) {
      changes[indices[slot]] = std::move(retried[slot]);
    }
  }
  return changes;
}

}  // namespace modproof
