// SPDX-License-Identifier: LGPL-2.1-or-later
// seal: tree and attach in one pass over the modules.
//
// The copy of a module is written while it is hashed; its proof is known only when all modules are
// hashed, and then appended to the copy. A module that carries a Merkle trailer already is not
// copied on the way, because most likely it carries the right one: attach() sees to it afterwards.
// So it does to a compressed module, which is decompressed twice then: an encoder cannot be kept
// waiting for each proof, and space for all modules decompressed costs more than decompressing,
// which is a small part of compressing.
#include <numeric>
#include <utility>

#include "modproof/merkle/tree.h"
#include "modproof/ops/attach.h"
#include "modproof/ops/make_tree.h"

#include "base/replacement.h"
#include "base/try.h"
#include "ops/commit_queue.h"
#include "ops/known_tree.h"
#include "ops/leaf_collector.h"
#include "ops/run.h"

namespace modproof {
namespace {

/// A module's copy without its proof, and the state of the file that was copied.
struct Copy {
  Replacement replacement;
  FileStamp original;
};

/// Collects leaves, and copies what has no Merkle trailer yet.
class CopyingCollector : public LeafCollector {
 public:
  CopyingCollector(std::vector<Leaf>& leaves, bool any_file, bool dry_run)
      : LeafCollector(first_positions(leaves.size()), leaves, any_file),
        copies_(leaves.size()),
        proofs_(leaves.size()),
        dry_run_(dry_run) {}

  Result<std::optional<std::uint32_t>> begin(std::size_t index, const OpenModule& module,
                                             Bytes head) override {
    MODPROOF_ASSIGN(position, LeafCollector::begin(index, module, head));
    if (module.trailer.kind == TrailerKind::merkle) {
      proofs_[index] = module.trailer.proof;
    } else if (module.compression == Compression::none && !dry_run_) {
      MODPROOF_ASSIGN(replacement, Replacement::create(module.file.path()));
      copies_[index] = Copy{std::move(replacement), module.file.stamp()};
    }
    return position;
  }

  Status payload(std::size_t index, Bytes chunk) override {
    return copies_[index] ? copies_[index]->replacement.append(chunk) : Status{};
  }

  Status finish(std::size_t index, const OpenModule& module, const Digest& leaf) override {
    MODPROOF_TRY(LeafCollector::finish(index, module, leaf));
    return copies_[index] ? copies_[index]->replacement.close() : Status{};
  }

  void failed(std::size_t index, Error error) override {
    copies_[index].reset();
    LeafCollector::failed(index, std::move(error));
  }

  /// One slot a module; nothing where no copy was made.
  [[nodiscard]] std::vector<std::optional<Copy>>& copies() { return copies_; }

  /// One slot a module: the proof that it carries.
  [[nodiscard]] const std::vector<std::optional<Proof>>& proofs() const { return proofs_; }

 private:
  static std::vector<std::uint32_t> first_positions(std::size_t count) {
    std::vector<std::uint32_t> positions(count);
    std::iota(positions.begin(), positions.end(), 0U);
    return positions;
  }

  std::vector<std::optional<Copy>> copies_;
  std::vector<std::optional<Proof>> proofs_;
  bool dry_run_;
};

/// Makes `copy` complete: the proof, and what the original has besides its bytes.
Status complete(Copy& copy, const Proof& proof) {
  MODPROOF_ASSIGN(original, File::open(copy.replacement.target()));
  if (!same_contents(original.stamp(), copy.original)) {
    return fail(ErrorKind::changed, original.path(),
                "somebody else changed the file meanwhile; try again");
  }
  MODPROOF_TRY(copy.replacement.append(encode_trailer(proof)));
  MODPROOF_TRY(copy.replacement.keep_metadata(original, Times::keep));
  return copy.replacement.close();
}

/// Puts the copies in place, each with its proof.
Status place(std::vector<std::optional<Copy>>& copies, const Tree& tree,
             std::vector<ModuleChange>& changes, bool sync, const RunOptions& run) {
  CommitQueue queue(sync, [&](std::size_t index, Status status) {
    changes[index].change = status ? Change::attached : Change::failed;
    if (!status) {
      changes[index].error = std::move(status.error());
    }
  });
  Workers workers(run);
  workers.crew(copies.size()).for_each(copies.size(), [&](std::size_t i) {
    if (!copies[i] || cancelled(run.cancel)) {
      return;
    }
    if (auto completed = complete(*copies[i], tree.proof(static_cast<std::uint32_t>(i)));
        !completed) {
      changes[i].error = std::move(completed.error());
      copies[i].reset();
      return;
    }
    queue.add(i, std::move(copies[i]->replacement));
  });
  if (cancelled(run.cancel)) {
    return fail_interrupted();
  }
  return queue.finish();
}

/// What would become of each module, without doing it.
void foresee(const Tree& tree, const std::vector<std::optional<Proof>>& proofs,
             std::vector<ModuleChange>& changes) {
  for (std::size_t i = 0; i < changes.size(); ++i) {
    const bool there = proofs[i] && *proofs[i] == tree.proof(changes[i].position);
    changes[i].change = there ? Change::unchanged : Change::attached;
  }
}

/// Sees to the modules that were not copied, or that somebody replaced after they were.
Status attach_rest(const std::vector<ModuleFile>& modules, const std::string& tree_path,
                   const ChangeOptions& options, const RunOptions& run,
                   std::vector<ModuleChange>& changes) {
  std::vector<ModuleFile> rest;
  std::vector<std::size_t> indices;
  for (std::size_t i = 0; i < modules.size(); ++i) {
    if (changes[i].change == Change::failed &&
        (!changes[i].error || changes[i].error->kind == ErrorKind::changed)) {
      rest.push_back(modules[i]);
      indices.push_back(i);
    }
  }
  MODPROOF_ASSIGN(attached, attach(rest, tree_path, options, run));
  for (std::size_t slot = 0; slot < indices.size(); ++slot) {
    changes[indices[slot]] = std::move(attached[slot]);
  }
  return {};
}

}  // namespace

Result<Sealed> seal(const std::vector<ModuleFile>& modules, const std::string& tree_path,
                    bool any_file, const ChangeOptions& options, const RunOptions& run) {
  MODPROOF_TRY(check_modules_differ(modules));
  Sealed sealed;
  sealed.tree.leaves.resize(modules.size());
  CopyingCollector collector(sealed.tree.leaves, any_file, options.dry_run);
  MODPROOF_TRY(hash_modules(modules, collector, run));
  MODPROOF_TRY(collector.status());

  std::vector<std::optional<Copy>> copies = std::move(collector.copies());
  for (const ModuleFile& module : modules) {
    sealed.tree.names.push_back(module.name);
  }
  const Tree tree(hashes_of(sealed.tree.leaves));
  sealed.tree.root = tree.root();
  sealed.changes.resize(modules.size());
  for (std::size_t i = 0; i < modules.size(); ++i) {
    sealed.changes[i].path = modules[i].path;
    sealed.changes[i].position = static_cast<std::uint32_t>(i);
  }
  if (options.dry_run) {
    foresee(tree, collector.proofs(), sealed.changes);
    return sealed;
  }
  MODPROOF_TRY(write_tree(tree_path, sealed.tree, options.sync));
  MODPROOF_TRY(place(copies, tree, sealed.changes, options.sync, run));
  MODPROOF_TRY(attach_rest(modules, tree_path, options, run, sealed.changes));
  return sealed;
}

}  // namespace modproof
