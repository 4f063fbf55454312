// SPDX-License-Identifier: LGPL-2.1-or-later
// Guesses at why two files differ, each with what it rests on.
#pragma once

#include <vector>

#include "modproof/ops/diff.h"

#include "format/elf_contents.h"

namespace modproof {

/// The guesses that the contents of the files allow, in the order of DiffCause, one of a kind.
/// `difference` is complete except for its guesses. What cannot be read gives no guess.
[[nodiscard]] std::vector<DiffGuess> guess_causes(const ElfContents& a, const ElfContents& b,
                                                  const FileDifference& difference);

}  // namespace modproof
