// SPDX-License-Identifier: LGPL-2.1-or-later
#include "modproof/ops/verify.h"

#include <mutex>
#include <optional>
#include <utility>

#include "modproof/merkle/tree.h"

#include "base/try.h"
#include "format/compression.h"
#include "ops/diagnose.h"
#include "ops/hash_modules.h"
#include "ops/known_tree.h"
#include "ops/missing_modules.h"
#include "ops/verify_initramfs.h"

namespace modproof {
namespace {

class Verifier : public ModuleVisitor {
 public:
  Verifier(const std::vector<ModuleFile>& modules, const Root& root, const KnownTree* known)
      : root_(root), known_(known), verdicts_(modules.size()), errors_(modules.size()) {
    for (std::size_t i = 0; i < modules.size(); ++i) {
      verdicts_[i].path = modules[i].path;
      verdicts_[i].name = modules[i].name;
    }
  }

  Result<std::optional<std::uint32_t>> begin(std::size_t index, const OpenModule& module,
                                             Bytes head) override {
    if (module.trailer.kind == TrailerKind::merkle) {
      return module.trailer.proof.position;
    }
    // The kernel sees what stands inside a compressed file, and so must who checks it.
    MODPROOF_TRY(check_not_compressed(head));
    judge_without_proof(module.trailer, verdicts_[index]);
    return std::nullopt;
  }

  Status finish(std::size_t index, const OpenModule& module, const Digest& leaf) override {
    std::vector<Waiting> batch;
    {
      const std::lock_guard lock(mutex_);
      waiting_.push_back({index, {.proof = module.trailer.proof, .leaf = leaf}});
      if (waiting_.size() < kBatch) {
        return {};
      }
      batch.swap(waiting_);
    }
    judge_all(std::move(batch));
    return {};
  }

  void failed(std::size_t index, Error error) override { errors_[index] = std::move(error); }

  void bad_trailer(std::size_t index, Error error) override {
    verdicts_[index].reason = Reason::malformed_trailer;
    verdicts_[index].detail = std::move(error.message);
    verdicts_[index].offset = error.offset;
  }

  /// Comes after the last call of any other.
  [[nodiscard]] VerifyReport report() && {
    judge_all(std::move(waiting_));
    VerifyReport report;
    for (std::size_t i = 0; i < verdicts_.size(); ++i) {
      if (errors_[i]) {
        report.errors.push_back(std::move(*errors_[i]));
      } else {
        report.verdicts.push_back(std::move(verdicts_[i]));
      }
    }
    return report;
  }

 private:
  /// A module that is hashed but not judged: proofs are followed many at a time.
  struct Waiting {
    std::size_t index;
    Claim claim;
  };

  static constexpr std::size_t kBatch = 64;

  void judge_all(std::vector<Waiting> batch) {
    std::vector<Claim> claims;
    claims.reserve(batch.size());
    for (Waiting& waiting : batch) {
      claims.push_back(std::move(waiting.claim));
    }
    const std::vector<ProofVerdict> checked = check_each(claims, root_);
    for (std::size_t i = 0; i < batch.size(); ++i) {
      judge(claims[i], checked[i], root_, known_, verdicts_[batch[i].index]);
    }
  }

  const Root& root_;
  const KnownTree* known_;
  std::vector<Verdict> verdicts_;             // a slot for each module, so that no lock is needed
  std::vector<std::optional<Error>> errors_;  // likewise
  std::mutex mutex_;                          // guards waiting_
  std::vector<Waiting> waiting_;
};

}  // namespace

void add_missing(const std::vector<ModuleFile>& modules, const KnownTree& known,
                 VerifyReport& report) {
  const std::vector<std::string>& names = known.file().names;
  std::vector<bool> present(names.size());
  for (const ModuleFile& module : modules) {
    if (const auto index = known.find(module.name)) {
      present[*index] = true;
    }
  }
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (!present[i]) {
      Verdict verdict;
      verdict.name = names[i];
      verdict.reason = Reason::missing;
      verdict.detail = "listed in the tree, but there is no such module";
      report.verdicts.push_back(std::move(verdict));
    }
  }
}

std::string_view name_of(Reason reason) noexcept {
  switch (reason) {
    case Reason::accepted:
      return "accepted";
    case Reason::no_trailer:
      return "no-trailer";
    case Reason::other_signature:
      return "other-signature";
    case Reason::malformed_trailer:
      return "malformed-trailer";
    case Reason::proof_length:
      return "proof-length";
    case Reason::position_outside:
      return "position-outside";
    case Reason::payload_changed:
      return "payload-changed";
    case Reason::proof_altered:
      return "proof-altered";
    case Reason::other_root:
      return "other-root";
    case Reason::not_in_tree:
      return "not-in-tree";
    case Reason::missing:
      return "missing";
  }
  return "unknown";
}

Result<VerifyReport> verify(const std::vector<ModuleFile>& modules, const VerifyOptions& options,
                            const RunOptions& run) {
  MODPROOF_ASSIGN(known, KnownTree::load_if_named(options.tree));
  if (!options.root && !known) {
    return fail(ErrorKind::usage, {}, "neither a root nor a tree file to check against");
  }
  const Root root = options.root ? *options.root : known->root();
  Verifier verifier(modules, root, known ? &*known : nullptr);
  MODPROOF_TRY(hash_modules(modules, verifier, run));
  VerifyReport report = std::move(verifier).report();
  report.root = root;
  if (options.report_missing && known) {
    add_missing(modules, *known, report);
  }
  MODPROOF_TRY(verify_initramfs(options, known ? &*known : nullptr, run, report));
  return report;
}

}  // namespace modproof
