// SPDX-License-Identifier: LGPL-2.1-or-later
// attach: find the leaf that a module has in the tree, and append the proof that follows from it.
//
// Which of the forms of a module a file is, is first guessed by the size of its payload, which the
// tree file holds for each leaf; hashing at the position of that leaf then decides. Two forms of
// one size are rare (a module without debug information), so another form of the same size is tried
// in a second pass and costs nothing otherwise.
//
// A plain module is copied while it is hashed. A compressed one is compressed again, proof and all,
// as soon as it is decompressed, whatever its leaf will be: the encoder, which takes far more
// memory than all else, then lives no longer than one module, and each thread has one.
#include "modproof/ops/attach.h"

#include <utility>

#include "base/replacement.h"
#include "base/try.h"
#include "format/compression.h"
#include "ops/commit_queue.h"
#include "ops/hash_modules.h"
#include "ops/known_tree.h"
#include "ops/recompress.h"
#include "ops/retry.h"

namespace modproof {
namespace {

class Attacher : public ModuleVisitor {
 public:
  Attacher(const std::vector<ModuleFile>& modules, const KnownTree& known,
           const ChangeOptions& options, const Cancel* cancel)
      : modules_(modules),
        known_(known),
        options_(options),
        cancel_(cancel),
        works_(modules.size()),
        changes_(modules.size()),
        queue_(options.sync,
               [this](std::size_t index, Status status) { settle(index, std::move(status)); }) {
    for (std::size_t i = 0; i < modules.size(); ++i) {
      changes_[i].path = modules[i].path;
      works_[i].index = i;
    }
  }

  /// Passes over the modules until each is settled.
  Status run(const RunOptions& options) {
    std::vector<ModuleFile> pass = modules_;
    while (!pass.empty()) {
      MODPROOF_TRY(hash_modules(pass, *this, options));
      std::vector<Work> again;
      pass.clear();
      for (Work& work : works_) {
        if (work.again) {
          pass.push_back(modules_[work.index]);
          Work next;
          next.index = work.index;
          next.variant = work.variant + 1;
          again.push_back(std::move(next));
        }
      }
      works_ = std::move(again);
    }
    return queue_.finish();
  }

  [[nodiscard]] std::vector<ModuleChange> changes() && { return std::move(changes_); }

  Result<std::optional<std::uint32_t>> begin(std::size_t slot, const OpenModule& module,
                                             Bytes head) override {
    MODPROOF_TRY(check_not_compressed(head));
    Work& work = works_[slot];
    ModuleChange& change = changes_[work.index];
    const auto in_tree = known_.find(modules_[work.index].name);
    if (!in_tree) {
      change.change = Change::not_in_tree;
      return std::nullopt;
    }
    const auto leaves = known_.file().leaves_of(*in_tree);
    work.variant = next_of_size(leaves, work.variant, module.trailer.payload_size);
    if (work.variant == leaves.size()) {
      change.change = Change::payload_unknown;
      return std::nullopt;
    }
    work.last =
        next_of_size(leaves, work.variant + 1, module.trailer.payload_size) == leaves.size();
    change.position = known_.first_position(*in_tree) + static_cast<std::uint32_t>(work.variant);
    change.variant = known_.variant_at(change.position);
    work.proof = known_.tree().proof(change.position);
    work.has_proof =
        module.trailer.kind == TrailerKind::merkle && module.trailer.proof == work.proof;
    if (!work.has_proof && !options_.dry_run) {
      MODPROOF_ASSIGN(copy, Replacement::create(module.file.path()));
      work.copy = std::move(copy);
      work.to_come = module.trailer.payload_size;
      if (module.compression != Compression::none) {
        MODPROOF_TRY(compress(module, work));
      }
    }
    return change.position;
  }

  Status payload(std::size_t slot, Bytes chunk) override {
    Work& work = works_[slot];
    if (!work.copy || work.compressed) {
      return {};
    }
    work.to_come -= chunk.size();
    // The trailer goes with the last bytes: if the leaf is not as expected, the copy is dropped.
    return work.to_come > 0 ? work.copy->append(chunk)
                            : work.copy->append(chunk, encode_trailer(work.proof));
  }

  Status finish(std::size_t slot, const OpenModule& module, const Digest& leaf) override {
    Work& work = works_[slot];
    ModuleChange& change = changes_[work.index];
    if (leaf != known_.tree().leaves()[change.position]) {
      work.copy.reset();
      work.again = !work.last;
      change.change = Change::payload_unknown;
      return {};
    }
    change.change = work.has_proof ? Change::unchanged : Change::attached;
    if (work.copy) {
      // Committed or not is known only when the batch is: until then the module counts as failed.
      change.change = Change::failed;
      MODPROOF_TRY(work.copy->keep_metadata(module.file, Times::keep));
      MODPROOF_TRY(work.copy->close());
      queue_.add(work.index, std::move(*std::exchange(work.copy, std::nullopt)));
    }
    return {};
  }

  void failed(std::size_t slot, Error error) override {
    works_[slot].copy.reset();
    settle(works_[slot].index, std::unexpected(std::move(error)));
  }

 private:
  /// What a pass knows of one module.
  struct Work {
    std::size_t index = 0;      ///< of the module in modules_
    std::size_t variant = 0;    ///< the first variant that may be tried; then the one that is
    bool last = true;           ///< no other variant has this size
    bool again = false;         ///< was not this variant; try the next
    bool has_proof = false;     ///< carries the right proof, if its payload is right
    bool compressed = false;    ///< the copy, which is whole then
    std::uint64_t to_come = 0;  ///< bytes of the payload that are not in the copy yet
    Proof proof;
    std::optional<Replacement> copy;
  };

  /// Fills the copy of a compressed module.
  Status compress(const OpenModule& module, Work& work) {
    const std::uint64_t size = module.trailer.payload_size;
    const PayloadBytes payload =
        module.decompressed ? PayloadBytes(*FileRange(*module.decompressed).part(0, size))
                            : PayloadBytes(module.held.first(static_cast<std::size_t>(size)));
    work.compressed = true;
    return recompress(module.file, module.compression, payload, encode_trailer(work.proof), cancel_,
                      [&](Bytes bytes) { return work.copy->append(bytes); });
  }

  static std::size_t next_of_size(std::span<const Leaf> leaves, std::size_t from,
                                  std::uint64_t payload_size) {
    while (from < leaves.size() && leaves[from].payload_size != payload_size) {
      ++from;
    }
    return from;
  }

  void settle(std::size_t index, Status status) {
    changes_[index].change = status ? Change::attached : Change::failed;
    if (!status) {
      changes_[index].error = std::move(status.error());
    }
  }

  const std::vector<ModuleFile>& modules_;
  const KnownTree& known_;
  const ChangeOptions& options_;
  const Cancel* cancel_;
  std::vector<Work> works_;  // a slot for each module of the pass
  std::vector<ModuleChange> changes_;
  CommitQueue queue_;
};

}  // namespace

std::string_view name_of(Change change) noexcept {
  switch (change) {
    case Change::attached:
      return "attached";
    case Change::detached:
      return "detached";
    case Change::unchanged:
      return "unchanged";
    case Change::not_in_tree:
      return "not-in-tree";
    case Change::payload_unknown:
      return "payload-unknown";
    case Change::failed:
      return "failed";
  }
  return "unknown";
}

Result<std::vector<ModuleChange>> attach(const std::vector<ModuleFile>& modules,
                                         const std::string& tree, const ChangeOptions& options,
                                         const RunOptions& run) {
  MODPROOF_ASSIGN(known, KnownTree::load(tree));
  return retry(modules,
               [&](const std::vector<ModuleFile>& pass) -> Result<std::vector<ModuleChange>> {
                 Attacher attacher(pass, known, options, run.cancel);
                 MODPROOF_TRY(attacher.run(run));
                 return std::move(attacher).changes();
               });
}

}  // namespace modproof
