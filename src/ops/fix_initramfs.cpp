// SPDX-License-Identifier: LGPL-2.1-or-later
// Proofs that whatever made an initramfs took away, attached again in a new image.
#include <string>
#include <utility>
#include <vector>

#include "modproof/format/module_name.h"
#include "modproof/format/trailer.h"
#include "modproof/ops/verify.h"

#include "base/file.h"
#include "base/replacement.h"
#include "base/temporary_file.h"
#include "base/try.h"
#include "format/initramfs_edit.h"
#include "ops/find_payload.h"
#include "ops/known_tree.h"
#include "ops/module_contents.h"
#include "ops/read_trailer.h"
#include "ops/recompress.h"
#include "ops/run.h"

namespace modproof {
namespace {

/// A module of an initramfs, and whether it gets a proof.
class Fixer {
 public:
  Fixer(const KnownTree& known, const RunOptions& run) : known_(known), run_(run) {}

  /// The proof that the module lost, at the end of it; no change, if it carries one, is broken, or
  /// is not in the tree: verify says what is wrong with it then.
  [[nodiscard]] Result<InitramfsChange> fix(const std::string& name, File stored) const {
    auto contents = ModuleContents::of(std::move(stored), run_.max_module_size);
    if (!contents) {
      return unless_broken(std::move(contents.error()));
    }
    const File& module = contents->file();
    auto trailer = read_trailer(module);
    if (!trailer) {
      return unless_broken(std::move(trailer.error()));
    }
    // Another signature is a part of the payload: it stood below the proof that was taken away.
    if (trailer->kind == TrailerKind::merkle) {
      return InitramfsChange{};
    }
    MODPROOF_ASSIGN(position, find_payload(module, module.size(), *module_name_of(name), known_));
    if (!position) {
      return InitramfsChange{};
    }
    InitramfsChange change;
    const ByteVector lost = encode_trailer(known_.tree().proof(*position));
    if (contents->compression() == Compression::none) {
      change.appended = lost;
      return change;
    }
    MODPROOF_ASSIGN(compressed, TemporaryFile::create());
    MODPROOF_TRY(recompress(contents->stored(), contents->compression(), FileRange(module), lost,
                            run_.cancel, [&](Bytes bytes) { return compressed.append(bytes); }));
    MODPROOF_ASSIGN(file, std::move(compressed).finish(module.path()));
    change.replaced = std::move(file);
    return change;
  }

 private:
  static Result<InitramfsChange> unless_broken(Error error) {
    if (error.kind == ErrorKind::malformed || error.kind == ErrorKind::unsupported) {
      return InitramfsChange{};
    }
    return std::unexpected(std::move(error));
  }

  const KnownTree& known_;
  const RunOptions& run_;
};

}  // namespace

Result<std::vector<std::string>> fix_initramfs(const std::string& path, const std::string& tree,
                                               const std::string& output, const FixOptions& options,
                                               const RunOptions& run) {
  MODPROOF_ASSIGN(known, KnownTree::load(tree));
  MODPROOF_ASSIGN(file, File::open(path));
  MODPROOF_ASSIGN(copy, Replacement::create(output));
  const Fixer fixer(known, run);
  std::vector<std::string> fixed;
  const InitramfsEditor editor{
      .wants = [](const std::string& name) { return module_name_of(name).has_value(); },
      .edit = [&](const std::string& name, File contents) -> Result<InitramfsChange> {
        if (cancelled(run.cancel)) {
          return fail_interrupted();
        }
        std::string module = contents.path();
        auto change = fixer.fix(name, std::move(contents));
        if (change && (change->replaced || !change->appended.empty())) {
          fixed.push_back(std::move(module));
        }
        return change;
      }};
  MODPROOF_TRY(edit_initramfs(file, options.max_size, editor,
                              [&](Bytes bytes) { return copy.append(bytes); }));
  const bool same_file = copy.replaces(file);
  MODPROOF_TRY(copy.keep_metadata(file, Times::renew, same_file ? Keep::all : Keep::possible));
  if (!same_file) {
    copy.replace_anything();
  }
  MODPROOF_TRY(file.check_unchanged());
  if (options.sync) {
    MODPROOF_TRY(copy.sync());
  }
  MODPROOF_TRY(copy.commit());
  if (options.sync) {
    MODPROOF_TRY(copy.sync_directory());
  }
  return fixed;
}

}  // namespace modproof
