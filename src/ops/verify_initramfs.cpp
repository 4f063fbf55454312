// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ops/verify_initramfs.h"

#include <string>
#include <utility>

#include "modproof/merkle/tree.h"

#include "base/file.h"
#include "base/try.h"
#include "ops/diagnose.h"
#include "ops/find_payload.h"
#include "ops/initramfs_modules.h"
#include "ops/leaf_of.h"
#include "ops/module_contents.h"
#include "ops/read_trailer.h"

namespace modproof {
namespace {

class Judge {
 public:
  Judge(std::uint64_t max_module_size, const Root& root, const KnownTree* known)
      : max_module_size_(max_module_size), root_(root), known_(known) {}

  [[nodiscard]] Result<Verdict> judge_module(std::string name, File stored) const {
    Verdict verdict;
    verdict.path = stored.path();
    verdict.name = std::move(name);
    MODPROOF_ASSIGN(contents, ModuleContents::of(std::move(stored), max_module_size_));
    const File& file = contents.file();
    auto trailer = read_trailer(file);
    if (!trailer) {
      if (trailer.error().kind != ErrorKind::malformed) {
        return std::unexpected(std::move(trailer.error()));
      }
      verdict.reason = Reason::malformed_trailer;
      verdict.detail = std::move(trailer.error().message);
      verdict.offset = trailer.error().offset;
      return verdict;
    }
    if (trailer->kind == TrailerKind::merkle) {
      MODPROOF_ASSIGN(leaf, leaf_of(file, trailer->payload_size, trailer->proof.position));
      judge({.proof = trailer->proof, .leaf = leaf}, check(trailer->proof, leaf, root_), root_,
            known_, verdict);
      return verdict;
    }
    // Compressed in a way that the kernel does not know, or twice.
    MODPROOF_TRY(check_plain(file));
    judge_without_proof(*trailer, verdict);
    if (known_ != nullptr) {
      MODPROOF_ASSIGN(position, find_payload(file, verdict.name, *known_));
      if (position) {
        verdict.detail +=
            "; its payload is in the tree, so whatever made this initramfs took the proof away";
      }
    }
    return verdict;
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
