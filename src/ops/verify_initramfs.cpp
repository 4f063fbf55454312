// SPDX-License-Identifier: LGPL-2.1-or-later
// One thread reads the images, since an archive can be read in one order only; it and all others
// decompress and hash what is found in them.
#include "ops/verify_initramfs.h"

#include <algorithm>
#include <atomic>
#include <limits>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "modproof/merkle/tree.h"

#include "base/try.h"
#include "ops/diagnose.h"
#include "ops/examine_module.h"
#include "ops/initramfs_modules.h"
#include "ops/module_queue.h"
#include "ops/run.h"

namespace modproof {
namespace {

class ImageVerifier {
 public:
  ImageVerifier(const VerifyOptions& options, const RunOptions& run, const Root& root,
                const KnownTree* known)
      : options_(options),
        run_(run),
        root_(root),
        how_{.max_module_size = run.max_module_size, .known = known, .container = kInitramfs} {}

  /// Errors: interrupted.
  Status verify(VerifyReport& report) {
    Workers workers(run_);
    Crew crew = workers.crew(std::numeric_limits<unsigned>::max());
    std::atomic_flag reading;
    std::vector<Error> broken_images;
    Status status;
    crew.run([&](Crew& self) {
      if (!reading.test_and_set()) {
        status = read_all(self, broken_images);
      }
      while (auto item = queue_.take()) {
        examine(std::move(*item));
      }
    });
    MODPROOF_TRY(status);
    std::ranges::sort(examined_, {}, &Examined::index);
    for (Examined& each : examined_) {
      if (each.verdict) {
        report.verdicts.push_back(std::move(*each.verdict));
      } else {
        report.errors.push_back(std::move(each.verdict.error()));
      }
    }
    std::ranges::move(broken_images, std::back_inserter(report.errors));
    return {};
  }

 private:
  struct Examined {
    std::size_t index = 0;
    Result<Verdict> verdict;
  };

  Status read_all(Crew& crew, std::vector<Error>& broken_images) {
    // However this ends, the other threads must not wait for more.
    const struct Closing {
      ModuleQueue& queue;
      ~Closing() { queue.close(); }
    } closing{queue_};
    std::size_t count = 0;
    return visit_modules_in(
        options_.images, options_.max_initramfs_size, run_.cancel,
        [&](std::string name, File stored) -> Status {
          crew.grow();
          auto back = queue_.offer(
              {.index = count++, .name = std::move(name), .stored = std::move(stored)});
          if (back) {
            examine(std::move(*back));
          }
          return {};
        },
        broken_images);
  }

  void examine(ModuleQueue::Item item) {
    auto verdict = verdict_of(std::move(item.name), std::move(item.stored));
    const std::lock_guard lock(mutex_);
    examined_.push_back({.index = item.index, .verdict = std::move(verdict)});
  }

  [[nodiscard]] Result<Verdict> verdict_of(std::string name, File stored) const {
    MODPROOF_ASSIGN(module, examine_module(std::move(name), std::move(stored), how_));
    if (module.claim) {
      judge(*module.claim, check(module.claim->proof, module.claim->leaf, root_), root_, how_.known,
            module.verdict);
    }
    return std::move(module.verdict);
  }

  const VerifyOptions& options_;
  const RunOptions& run_;
  const Root& root_;
  Examination how_;
  ModuleQueue queue_;
  std::mutex mutex_;  // guards examined_
  std::vector<Examined> examined_;
};

}  // namespace

Status verify_initramfs(const VerifyOptions& options, const KnownTree* known, const RunOptions& run,
                        VerifyReport& report) {
  return ImageVerifier(options, run, report.root, known).verify(report);
}

}  // namespace modproof
