// SPDX-License-Identifier: LGPL-2.1-or-later
// Any bytes as a section .BTF, in either byte order: read within their bounds, and related to
// themselves as what they are.
#include "format/btf.h"

#include <cstddef>
#include <cstdint>

#include "check.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  for (const bool big : {false, true}) {
    if (const auto summary = modproof::read_btf({data, size}, big)) {
      FUZZ_CHECK(summary->described.size() == summary->types);
      FUZZ_CHECK(modproof::relation_of(*summary, *summary) == modproof::BtfRelation::renumbered);
    }
  }
  return 0;
}
