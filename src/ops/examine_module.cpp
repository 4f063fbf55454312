// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ops/examine_module.h"

#include <utility>

#include <fmt/core.h>

#include "base/try.h"
#include "ops/diagnose.h"
#include "ops/find_payload.h"
#include "ops/leaf_of.h"
#include "ops/module_contents.h"
#include "ops/read_trailer.h"

namespace modproof {

Result<ExaminedModule> examine_module(std::string name, File stored, const Examination& how) {
  ExaminedModule result;
  Verdict& verdict = result.verdict;
  verdict.path = stored.path();
  verdict.name = std::move(name);
  MODPROOF_ASSIGN(contents, ModuleContents::of(std::move(stored), how.max_module_size));
  const File& file = contents.file();
  auto trailer = read_trailer(file);
  if (!trailer) {
    if (trailer.error().kind != ErrorKind::malformed) {
      return std::unexpected(std::move(trailer.error()));
    }
    verdict.reason = Reason::malformed_trailer;
    verdict.detail = std::move(trailer.error().message);
    verdict.offset = trailer.error().offset;
    return result;
  }
  if (trailer->kind == TrailerKind::merkle) {
    MODPROOF_ASSIGN(leaf, leaf_of(file, trailer->payload_size, trailer->proof.position));
    result.claim = Claim{.proof = std::move(trailer->proof), .leaf = leaf};
    return result;
  }
  // Compressed in a way that the kernel does not know, or twice.
  MODPROOF_TRY(check_plain(file));
  judge_without_proof(*trailer, verdict);
  if (how.known != nullptr) {
    MODPROOF_ASSIGN(position, find_payload(file, file.size(), verdict.name, *how.known));
    if (position) {
      verdict.detail +=
          fmt::format("; its payload is in the tree, so whatever made this {} took the proof away",
                      how.container);
    }
  }
  return result;
}

}  // namespace modproof
