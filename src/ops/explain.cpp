// SPDX-License-Identifier: LGPL-2.1-or-later
// explain starts from the verdict of verify and asks further questions of the file: is its payload
// a form that the tree knows, at whatever position? does it become one without its signature? has
// it lost its debug sections? do several modules lead to the same other root?
#include "modproof/ops/explain.h"

#include <map>
#include <set>
#include <utility>

#include <fmt/core.h>

#include "modproof/format/root_text.h"

#include "base/file.h"
#include "base/try.h"
#include "format/elf.h"
#include "ops/diagnose.h"
#include "ops/explain_one.h"
#include "ops/find_payload.h"
#include "ops/initramfs_modules.h"
#include "ops/known_tree.h"
#include "ops/leaf_of.h"
#include "ops/module_contents.h"
#include "ops/read_trailer.h"
#include "ops/run.h"

namespace modproof {
namespace {

/// One module on its way to an explanation.
struct Case {
  const File& file;
  const Trailer& trailer;
  const KnownTree* known;
  Explanation& result;

  void conclude(Cause cause, std::string advice) const {
    result.cause = cause;
    result.advice = std::move(advice);
  }
  void evidence(std::string clause) const { result.evidence.push_back(std::move(clause)); }
};

/// Says so and gives true, if the payload is one that the tree knows.
Result<bool> payload_is_known(const Case& c) {
  MODPROOF_ASSIGN(position,
                  find_payload(c.file, c.trailer.payload_size, c.result.verdict.name, *c.known));
  if (!position) {
    return false;
  }
  c.result.tree_position = position;
  c.result.variant = c.known->variant_at(*position);
  c.evidence(fmt::format("the payload is the one at position {} of the tree ({})", *position,
                         name_of(*c.result.variant)));
  return true;
}

/// Why the payload is none of those that the tree knows.
Status explain_payload(const Case& c) {
  const auto own = c.known->find(c.result.verdict.name);
  if (!own) {
    c.evidence(fmt::format("the tree has no module {}", printable(c.result.verdict.name)));
    c.conclude(Cause::foreign,
               "sign it, or add it to the tree with `modproof tree --extra`, and patch the kernel");
    return {};
  }
  if (c.trailer.kind == TrailerKind::pkcs7 || c.trailer.kind == TrailerKind::other) {
    MODPROOF_ASSIGN(position,
                    find_payload(c.file, c.trailer.body_offset, c.result.verdict.name, *c.known));
    if (position) {
      c.evidence(
          fmt::format("without its signature the payload is the one at position {} of the "
                      "tree",
                      *position));
      c.conclude(Cause::signed_after,
                 "make the tree of the signed modules, or install this one unsigned");
      return {};
    }
  }
  const auto leaves = c.known->file().leaves_of(*own);
  const bool knows_stripped = leaves.size() > 1;
  const auto image = read_elf(c.file);
  if (image && !has_debug_sections(*image) && !knows_stripped &&
      c.trailer.payload_size < leaves.front().payload_size) {
    c.evidence(fmt::format("it has no debug sections and {} bytes; as linked it has {}",
                           c.trailer.payload_size, leaves.front().payload_size));
    c.conclude(Cause::stripped,
               "make the tree with `--variant strip`, or install the module unstripped");
    return {};
  }
  for (std::size_t v = 0; v < leaves.size(); ++v) {
    c.evidence(fmt::format(
        "the payload has {} bytes; the tree knows this module ({}) with {} bytes",
        c.trailer.payload_size, name_of(c.known->file().variants[v]), leaves[v].payload_size));
  }
  c.conclude(Cause::payload_changed,
             "install the module of this build again, or make the tree and the kernel anew");
  return {};
}

/// The module carries a proof that does not lead to the root.
Status explain_refused_proof(const Case& c) {
  const Verdict& verdict = c.result.verdict;
  if (c.known == nullptr) {
    c.conclude(Cause::unknown, "give the tree file of the build with --tree to learn more");
    return {};
  }
  MODPROOF_ASSIGN(known_payload, payload_is_known(c));
  if (verdict.leads_to == c.known->root()) {
    c.conclude(Cause::stale_kernel,
               "the kernel is not of the build of this module: patch or install the kernel that "
               "belongs to the tree");
  } else if (verdict.reason == Reason::payload_changed &&
             c.known->find(verdict.name) != c.known->module_at(c.trailer.proof.position)) {
    c.conclude(Cause::proof_of_other, "run `modproof attach` on the module of this build");
  } else if (known_payload) {
    // A damaged position leaves siblings that are those of the tree.
    const bool own_siblings =
        c.trailer.proof.siblings == c.known->tree().proof(*c.result.tree_position).siblings;
    c.conclude(own_siblings || verdict.reason == Reason::proof_altered ? Cause::proof_altered
                                                                       : Cause::stale_module,
               "run `modproof attach` with this tree file");
  } else if (verdict.reason == Reason::payload_changed) {
    c.evidence(
        fmt::format("with the leaf of the tree in its place the proof leads to the root, so "
                    "module {} was changed after the proof was attached",
                    printable(verdict.name)));
    c.conclude(Cause::payload_changed, "install the module of this build again");
  } else if (verdict.reason == Reason::not_in_tree) {
    c.conclude(Cause::foreign, "it is from another build: install the module of this build");
  } else {
    c.conclude(Cause::stale_module,
               "module and proof are of another build: install the module of this build");
  }
  return {};
}

Status explain_accepted(const Case& c) {
  if (c.known != nullptr && c.result.verdict.leads_to != c.known->root()) {
    c.conclude(Cause::stale_tree, "the tree file is of another build than kernel and module");
  }
  return {};
}

Status explain_without_proof(const Case& c) {
  if (c.known == nullptr) {
    c.conclude(Cause::unknown, "give the tree file of the build with --tree to learn more");
    return {};
  }
  MODPROOF_ASSIGN(known_payload, payload_is_known(c));
  if (known_payload) {
    c.conclude(Cause::not_attached, "run `modproof attach` with this tree file");
    return {};
  }
  return explain_payload(c);
}

Status explain_contents(File stored, std::uint64_t max_module_size, const Root& root,
                        const KnownTree* known, Explanation& result) {
  MODPROOF_ASSIGN(contents, ModuleContents::of(std::move(stored), max_module_size));
  const File& file = contents.file();
  MODPROOF_TRY(check_plain(file));
  auto trailer = read_trailer(file);
  if (!trailer) {
    if (trailer.error().kind != ErrorKind::malformed) {
      return std::unexpected(std::move(trailer.error()));
    }
    result.verdict.reason = Reason::malformed_trailer;
    result.verdict.detail = std::move(trailer.error().message);
    result.verdict.offset = trailer.error().offset;
    result.cause = Cause::malformed;
    result.advice = "install the module of this build again";
    return {};
  }
  const Case c{.file = file, .trailer = *trailer, .known = known, .result = result};
  if (trailer->kind != TrailerKind::merkle) {
    judge_without_proof(*trailer, result.verdict);
    return explain_without_proof(c);
  }
  MODPROOF_ASSIGN(leaf, leaf_of(file, trailer->payload_size, trailer->proof.position));
  MODPROOF_TRY(contents.stored().check_unchanged());
  judge({.proof = trailer->proof, .leaf = leaf}, check(trailer->proof, leaf, root), root, known,
        result.verdict);
  return result.verdict.reason == Reason::accepted ? explain_accepted(c) : explain_refused_proof(c);
}

/// True if the proof may be from another build, as far as one module alone can tell. Unknown is the
/// cause of every proof that leads elsewhere, where there is no tree file.
bool may_be_stale(const Explanation& explanation) {
  return explanation.verdict.leads_to &&
         (explanation.cause == Cause::stale_module || explanation.cause == Cause::proof_altered ||
          explanation.cause == Cause::unknown);
}

}  // namespace

Result<Explanation> explain_one(std::string name, File stored, std::uint64_t max_module_size,
                                const Root& root, const KnownTree* known) {
  Explanation result;
  result.verdict.path = stored.path();
  result.verdict.name = std::move(name);
  MODPROOF_TRY(explain_contents(std::move(stored), max_module_size, root, known, result));
  return result;
}

void advise_for_container(Explanation& explanation, std::string_view container) {
  switch (explanation.cause) {
    case Cause::not_attached:
      if (container == kInitramfs) {
        explanation.advice =
            "run `modproof verify --fix` with this tree file, which writes an initramfs with this "
            "proof, and keep what makes the initramfs from taking it away";
        return;
      }
      break;
    case Cause::none:
    case Cause::stale_kernel:
    case Cause::stale_tree:
    case Cause::unknown:
      return;  // the container is not to blame
    default:
      break;
  }
  explanation.advice += fmt::format("; then make the {} anew", container);
}

void name_other_roots(ExplainReport& report) {
  std::map<std::string, std::set<std::string>> names;  // one module in two places is one
  for (const Explanation& explanation : report.modules) {
    if (may_be_stale(explanation)) {
      names[to_text(*explanation.verdict.leads_to)].insert(explanation.verdict.name);
    }
  }
  for (Explanation& explanation : report.modules) {
    if (!may_be_stale(explanation)) {
      continue;
    }
    const std::string root = to_text(*explanation.verdict.leads_to);
    if (const std::size_t agreeing = names[root].size(); agreeing > 1) {
      if (explanation.cause == Cause::unknown) {
        explanation.advice =
            "kernel and modules are of different builds: install the modules of this kernel, or "
            "the kernel of these modules";
      }
      explanation.cause = Cause::stale_module;
      explanation.evidence.push_back(
          fmt::format("{} of these modules lead to {}: the root of that build", agreeing, root));
    }
  }
}

std::string_view name_of(Cause cause) noexcept {
  switch (cause) {
    case Cause::none:
      return "none";
    case Cause::not_attached:
      return "not-attached";
    case Cause::stripped:
      return "stripped";
    case Cause::signed_after:
      return "signed-after";
    case Cause::payload_changed:
      return "payload-changed";
    case Cause::proof_altered:
      return "proof-altered";
    case Cause::proof_of_other:
      return "proof-of-other";
    case Cause::stale_module:
      return "stale-module";
    case Cause::stale_kernel:
      return "stale-kernel";
    case Cause::stale_tree:
      return "stale-tree";
    case Cause::foreign:
      return "foreign";
    case Cause::malformed:
      return "malformed";
    case Cause::unknown:
      return "unknown";
  }
  return "unknown";
}

Result<ExplainReport> explain(const std::vector<ModuleFile>& modules, const ExplainOptions& options,
                              const RunOptions& run) {
  ExplainReport report;
  MODPROOF_ASSIGN(known, KnownTree::load_if_named(options.tree));
  if (known) {
    report.tree_root = known->root();
  }
  report.kernel_root = options.kernel_root;
  if (!report.kernel_root && !report.tree_root) {
    return fail(ErrorKind::usage, {}, "neither a kernel nor a tree file to compare with");
  }
  const Root root = report.kernel_root.value_or(report.tree_root.value_or(Root{}));
  const KnownTree* tree = known ? &*known : nullptr;
  for (const ModuleFile& module : modules) {
    if (cancelled(run.cancel)) {
      return fail_interrupted();
    }
    auto file = File::open(module.path);
    auto explained =
        file ? explain_one(module.name, std::move(*file), run.max_module_size, root, tree)
             : std::unexpected(std::move(file.error()));
    if (explained) {
      report.modules.push_back(std::move(*explained));
    } else {
      if (explained.error().path.empty()) {
        explained.error().path = module.path;
      }
      report.errors.push_back(std::move(explained.error()));
    }
  }
  MODPROOF_TRY(visit_modules_in(
      options.images, options.max_initramfs_size, run.cancel,
      [&](std::string name, File stored) -> Status {
        MODPROOF_ASSIGN(explanation, explain_one(std::move(name), std::move(stored),
                                                 run.max_module_size, root, tree));
        advise_for_container(explanation, kInitramfs);
        report.modules.push_back(std::move(explanation));
        return {};
      },
      report.errors));
  name_other_roots(report);
  return report;
}

}  // namespace modproof
