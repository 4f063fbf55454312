// SPDX-License-Identifier: LGPL-2.1-or-later
// Any bytes as a section .BTF, in either byte order: read within their bounds, and related to
// themselves as what they are.
#include "format/btf.h"

#include <cstddef>
#include <cstdint>

#include "check.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace modproof;
  bool read = false;
  for (const bool big : {false, true}) {
    if (const auto summary = read_btf({data, size}, big)) {
      read = true;
      FUZZ_CHECK(summary->described.size() == summary->types);
      FUZZ_CHECK(relation_of(*summary, *summary) == BtfRelation::renumbered);
    }
  }
  return read ? fuzz::taken() : fuzz::refused("no BTF in either byte order");
}
