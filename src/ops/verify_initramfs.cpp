// SPDX-License-Identifier: LGPL-2.1-or-later
// Checking the modules in an initramfs, where they stand.
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "modproof/format/module_name.h"
#include "modproof/merkle/tree.h"
#include "modproof/ops/verify.h"

#include "base/file.h"
#include "base/try.h"
#include "format/initramfs.h"
#include "ops/diagnose.h"
#include "ops/find_payload.h"
#include "ops/known_tree.h"
#include "ops/leaf_of.h"
#include "ops/module_contents.h"
#include "ops/read_trailer.h"
#include "ops/run.h"

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

Result<bool> is_initramfs_file(const std::string& path) {
  const auto file = File::open(path);
  if (!file) {
    return false;  // who reads it will say why
  }
  auto found = is_initramfs(*file);
  if (!found && (found.error().kind == ErrorKind::malformed ||
                 found.error().kind == ErrorKind::unsupported)) {
    return false;
  }
  return found;
}

Status verify_initramfs(const std::vector<std::string>& paths, const VerifyOptions& verify_options,
                        std::uint64_t max_size, const RunOptions& run, VerifyReport& report) {
  std::optional<KnownTree> known;
  if (!verify_options.tree.empty()) {
    MODPROOF_ASSIGN(loaded, KnownTree::load(verify_options.tree));
    known = std::move(loaded);
  }
  const Judge judge(run.max_module_size, report.root, known ? &*known : nullptr);
  const InitramfsVisitor visitor{
      .wants = [](const std::string& name) { return module_name_of(name).has_value(); },
      .take = [&](const std::string& name, File contents) -> Status {
        if (cancelled(run.cancel)) {
          return fail_interrupted();
        }
        auto verdict = judge.judge_module(*module_name_of(name), std::move(contents));
        if (verdict) {
          report.verdicts.push_back(std::move(*verdict));
        } else {
          report.errors.push_back(std::move(verdict.error()));
        }
        return {};
      }};
  for (const std::string& path : paths) {
    auto file = File::open(path);
    auto status = file ? visit_initramfs(*file, max_size, visitor)
                       : Status(std::unexpected(std::move(file.error())));
    if (!status) {
      if (status.error().kind == ErrorKind::interrupted) {
        return status;
      }
      report.errors.push_back(std::move(status.error()));
    }
  }
  return {};
}

}  // namespace modproof
