// SPDX-License-Identifier: LGPL-2.1-or-later
// From a module's trailer and leaf to the verdict on it: what verify reports and explain builds on.
#pragma once

#include "modproof/base/digest.h"
#include "modproof/format/trailer.h"
#include "modproof/merkle/tree.h"
#include "modproof/ops/verify.h"

#include "ops/known_tree.h"

namespace modproof {

/// Fills in the verdict on a module that carries no proof.
void judge_without_proof(const Trailer& trailer, Verdict& verdict);

/// Fills in the verdict on a module that makes `claim`, of which check() against `root` found what
/// `checked` says. `known` may be null; where it is not, the reason is as exact as its leaves
/// allow.
void judge(const Claim& claim, ProofVerdict checked, const Root& root, const KnownTree* known,
           Verdict& verdict);

}  // namespace modproof
