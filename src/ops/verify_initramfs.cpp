// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ops/verify_initramfs.h"

#include <string>
#include <utility>

#include "modproof/merkle/tree.h"

#include "base/file.h"
#include "base/try.h"
#include "ops/diagnose.h"
#include "ops/examine_module.h"
#include "ops/initramfs_modules.h"

namespace modproof {
namespace {

class Judge {
 public:
  Judge(std::uint64_t max_module_size, const Root& root, const KnownTree* known)
      : max_module_size_(max_module_size), root_(root), known_(known) {}

  [[nodiscard]] Result<Verdict> judge_module(std::string name, File stored) const {
    MODPROOF_ASSIGN(module, examine_module(std::move(name), std::move(stored),
                                           {.max_module_size = max_module_size_,
                                            .known = known_,
                                            .container = kInitramfs}));
    if (module.claim) {
      judge(*module.claim, check(module.claim->proof, module.claim->leaf, root_), root_, known_,
            module.verdict);
    }
    return std::move(module.verdict);
  }

 private:
  std::uint64_t max_module_size_;
  const Root& root_;
  const KnownTree* known_;
};

}  // namespace

Status verify_initramfs(const VerifyOptions& options, const KnownTree* known, const RunOptions& run,
                        VerifyReport& report) {
  const Judge judge(run.max_module_size, report.root, known);
  return visit_modules_in(
      options.images, options.max_initramfs_size, run.cancel,
      [&](std::string name, File stored) -> Status {
        MODPROOF_ASSIGN(verdict, judge.judge_module(std::move(name), std::move(stored)));
        report.verdicts.push_back(std::move(verdict));
        return {};
      },
      report.errors);
}

}  // namespace modproof
