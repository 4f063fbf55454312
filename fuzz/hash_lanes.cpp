// SPDX-License-Identifier: LGPL-2.1-or-later
// Any use of Sha256Lanes, by every backend of this machine, against EVP. What the input means is
// described in the interpreter that the unit tests share.
#include <cstdio>
#include <cstdlib>

#include "../tests/unit/hash/lane_script.h"
#include "check.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  for (const modproof::Sha256Backend* backend : modproof::sha256_backends()) {
    if (const auto wrong = modproof::test::LaneScript(*backend, {data, size}).run()) {
      std::fprintf(stderr, "%s\n", wrong->c_str());
      std::abort();
    }
  }
  return modproof::fuzz::taken();
}
