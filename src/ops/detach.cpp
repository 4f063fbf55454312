// SPDX-License-Identifier: LGPL-2.1-or-later
// detach: everything of a module but its Merkle trailer.
#include <utility>

#include "modproof/ops/attach.h"

#include "base/file.h"
#include "base/replacement.h"
#include "base/try.h"
#include "ops/commit_queue.h"
#include "ops/module_contents.h"
#include "ops/read_trailer.h"
#include "ops/recompress.h"
#include "ops/retry.h"
#include "ops/run.h"

namespace modproof {
namespace {

/// The replacement of `module`, or nothing if it has no Merkle trailer.
Result<std::optional<Replacement>> without_trailer(const ModuleFile& module, bool dry_run,
                                                   const RunOptions& run, bool& would_change) {
  MODPROOF_ASSIGN(contents, ModuleContents::open(module.path, run.max_module_size));
  const File& file = contents.file();
  MODPROOF_ASSIGN(trailer, read_trailer(file));
  if (trailer.kind == TrailerKind::none) {
    // A proof inside a file compressed otherwise would be overlooked.
    MODPROOF_TRY(check_plain(file));
  }
  would_change = trailer.kind == TrailerKind::merkle;
  if (!would_change || dry_run) {
    return std::nullopt;
  }
  MODPROOF_ASSIGN(copy, Replacement::create(module.path));
  const File& stored = contents.stored();
  if (contents.compression() == Compression::none) {
    MODPROOF_TRY(copy.append_from(file, 0, trailer.payload_size));
  } else {
    MODPROOF_TRY(recompress(stored, contents.compression(),
                            *FileRange(file).part(0, trailer.payload_size), {}, run.cancel,
                            [&](Bytes bytes) { return copy.append(bytes); }));
  }
  MODPROOF_TRY(copy.keep_metadata(stored, Times::keep));
  MODPROOF_TRY(stored.check_unchanged());
  MODPROOF_TRY(copy.close());
  return copy;
}

Result<std::vector<ModuleChange>> detach_once(const std::vector<ModuleFile>& modules,
                                              const ChangeOptions& options, const RunOptions& run) {
  std::vector<ModuleChange> changes(modules.size());
  const auto settle = [&](std::size_t index, Status status) {
    changes[index].change = status ? Change::detached : Change::failed;
    if (!status) {
      changes[index].error = std::move(status.error());
    }
  };
  CommitQueue queue(options.sync, settle);
  Workers workers(run);
  Progress progress(run, modules.size());
  workers.crew(modules.size()).for_each(modules.size(), [&](std::size_t i) {
    if (cancelled(run.cancel)) {
      return;
    }
    changes[i].path = modules[i].path;
    bool would_change = false;
    auto copy = without_trailer(modules[i], options.dry_run, run, would_change);
    if (!copy) {
      settle(i, std::unexpected(std::move(copy.error())));
    } else if (*copy) {
      queue.add(i, std::move(**copy));
    } else {
      changes[i].change = would_change ? Change::detached : Change::unchanged;
    }
    progress.one_done();
  });
  if (cancelled(run.cancel)) {
    return fail_interrupted();
  }
  MODPROOF_TRY(queue.finish());
  return changes;
}

}  // namespace

Result<std::vector<ModuleChange>> detach(const std::vector<ModuleFile>& modules,
                                         const ChangeOptions& options, const RunOptions& run) {
  return retry(modules, [&](const std::vector<ModuleFile>& pass) {
    return detach_once(pass, options, run);
  });
}

}  // namespace modproof
