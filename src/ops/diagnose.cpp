// SPDX-License-Identifier: LGPL-2.1-or-later
// A proof that does not lead to the root fails for one of few causes. With the tree at hand they
// can be told apart, because each half of (payload, proof) can be exchanged for the right one:
//
//     the tree's proof for this position, the module's leaf     ->  other leaf: payload changed
//     the tree's leaf for this position, the module's siblings  ->  root:       proof intact
//
#include "ops/diagnose.h"

#include <algorithm>

#include <fmt/core.h>

#include "modproof/format/root_text.h"
#include "modproof/merkle/tree.h"

namespace modproof {
namespace {

/// The lowest level at which two proofs of equal length have different siblings.
std::optional<std::uint32_t> first_difference(const Proof& a, const Proof& b) {
  const auto [at, other] =
      std::mismatch(a.siblings.begin(), a.siblings.end(), b.siblings.begin(), b.siblings.end());
  return at == a.siblings.end()
             ? std::nullopt
             : std::optional(static_cast<std::uint32_t>(at - a.siblings.begin()));
}

void refuse(Verdict& verdict, Reason reason, std::string detail) {
  verdict.reason = reason;
  verdict.detail = std::move(detail);
}

std::string leads_elsewhere(const Verdict& verdict) {
  return "the proof leads to another root, " + to_text(*verdict.leads_to);
}

std::string levels_in_words(std::size_t levels) {
  return fmt::format("{} level{}", levels, levels == 1 ? "" : "s");
}

void refuse_foreign(Verdict& verdict) {
  refuse(verdict, Reason::not_in_tree,
         fmt::format("the tree has no module {}, and {}", printable(verdict.name),
                     leads_elsewhere(verdict)));
}

/// The proof's length and position are possible, but it leads elsewhere.
void judge_with_tree(const Proof& proof, const Digest& leaf, const KnownTree& known,
                     Verdict& verdict) {
  const auto count = known.tree().leaf_count();
  const auto own = known.find(verdict.name);
  if (proof.position >= count && own) {
    refuse(
        verdict, Reason::position_outside,
        fmt::format("position {} is outside the tree, which has {} leaves", proof.position, count));
    return;
  }
  if (proof.position >= count) {
    refuse_foreign(verdict);
    return;
  }
  const Proof right = known.tree().proof(proof.position);
  const std::string& owner = known.file().names[known.module_at(proof.position)];
  const bool foreign = own != known.module_at(proof.position);
  verdict.level = first_difference(proof, right);
  if (!verdict.level) {
    refuse(verdict, Reason::payload_changed,
           foreign
               ? fmt::format("the proof is that of module {}, not of this one", printable(owner))
               : "the proof is intact, the payload is not the one it was made for");
    return;
  }
  if (leaf == known.tree().leaves()[proof.position]) {
    refuse(verdict, Reason::proof_altered,
           fmt::format("the payload is the one of position {}, but the proof parts from the tree "
                       "at level {}",
                       proof.position, *verdict.level));
    return;
  }
  if (!own) {
    refuse_foreign(verdict);
    return;
  }
  for (std::size_t v = 0; v < known.file().variants.size(); ++v) {
    const auto position = known.first_position(*own) + static_cast<std::uint32_t>(v);
    if (proof.siblings == known.tree().proof(position).siblings) {
      refuse(verdict, Reason::proof_altered,
             fmt::format("the proof is that of position {}, but claims position {}", position,
                         proof.position));
      return;
    }
  }
  refuse(verdict, Reason::other_root, leads_elsewhere(verdict));
}

}  // namespace

void judge_without_proof(const Trailer& trailer, Verdict& verdict) {
  switch (trailer.kind) {
    case TrailerKind::none:
      refuse(verdict, Reason::no_trailer, "the module carries no proof");
      return;
    case TrailerKind::pkcs7:
      refuse(verdict, Reason::other_signature,
             "the module carries a PKCS#7 signature, but no proof");
      return;
    case TrailerKind::merkle:
    case TrailerKind::other:
      refuse(
          verdict, Reason::other_signature,
          fmt::format("the module carries a signature of type {}, but no proof", trailer.id_type));
      return;
  }
}

void judge(const Claim& claim, ProofVerdict checked, const Root& root, const KnownTree* known,
           Verdict& verdict) {
  const auto& [proof, leaf] = claim;
  verdict.position = proof.position;
  // What is accepted leads to the root; only what is refused is followed once more to see where to.
  verdict.leads_to = checked == ProofVerdict::accepted ? root : lead(proof, leaf);
  switch (checked) {
    case ProofVerdict::accepted:
      verdict.reason = Reason::accepted;
      return;
    case ProofVerdict::wrong_length:
      if (root.levels == 0) {
        refuse(verdict, Reason::proof_length,
               "the kernel holds no root yet, so it accepts no module; run `modproof patch`");
        return;
      }
      refuse(verdict, Reason::proof_length,
             fmt::format("the proof is for {}, the root has {}",
                         levels_in_words(proof.siblings.size()), root.levels));
      return;
    case ProofVerdict::position_outside:
      refuse(
          verdict, Reason::position_outside,
          fmt::format("position {} is outside any tree of {} levels", proof.position, root.levels));
      return;
    case ProofVerdict::other_root:
      break;
  }
  if (known != nullptr && known->root() == *verdict.leads_to) {
    refuse(verdict, Reason::other_root,
           "the proof leads to the root of the tree file, not to that of the kernel");
  } else if (known == nullptr || known->root() != root) {
    refuse(verdict, Reason::other_root, leads_elsewhere(verdict));
  } else {
    judge_with_tree(proof, leaf, *known, verdict);
  }
}

}  // namespace modproof
