// SPDX-License-Identifier: LGPL-2.1-or-later
// What the library decides about a module file, in the kernel's errors: what kernel_verify() is
// compared with in the test and in the fuzz target.
#pragma once

#include <cerrno>
#include <cstdint>

#include "modproof/base/bytes.h"
#include "modproof/format/trailer.h"
#include "modproof/merkle/tree.h"

namespace modproof {

struct LibraryVerdict {
  int error = 0;                   ///< 0 if it accepts, else as the kernel has them: negative
  std::uint64_t payload_size = 0;  ///< where it accepts
};

[[nodiscard]] inline LibraryVerdict library_verify(const Root& root, Bytes file) {
  const auto trailer = parse_trailer(file, file.size());
  if (!trailer) {
    return {.error = -EBADMSG};
  }
  if (trailer->kind != TrailerKind::merkle) {
    return {.error = -ENODATA};
  }
  const Digest leaf = leaf_hash(trailer->proof.position, file.first(trailer->payload_size));
  if (check(trailer->proof, leaf, root) != ProofVerdict::accepted) {
    return {.error = -EKEYREJECTED};
  }
  return {.payload_size = trailer->payload_size};
}

}  // namespace modproof
