// SPDX-License-Identifier: LGPL-2.1-or-later
// read_pkcs7_signer on any bytes. What it refuses has a place in them; what it gives was in them;
// one byte behind a good message makes a bad one.
#include "modproof/format/pkcs7_signer.h"

#include <algorithm>

#include "check.h"

namespace {

/// True if `part` stands somewhere in `whole`.
bool holds(modproof::Bytes whole, modproof::Bytes part) {
  return std::search(whole.begin(), whole.end(), part.begin(), part.end()) != whole.end() ||
         part.empty();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace modproof;
  const Bytes body(data, size);
  const auto signer = read_pkcs7_signer(body);
  if (!signer) {
    FUZZ_CHECK(signer.error().offset.has_value() && *signer.error().offset <= size);
    return fuzz::refused(signer.error());
  }
  FUZZ_CHECK(!signer->hash.empty());
  FUZZ_CHECK(signer->signature.size() < size && signer->key.size() < size);
  FUZZ_CHECK(!signer->name || signer->name->size() < 4 * size);
  // BER may write an octet string in pieces; what is not in pieces stands there as it is.
  const bool pieces = std::find(body.begin(), body.end(), 0x24) != body.end();
  FUZZ_CHECK(pieces || holds(body, signer->signature));
  if (size == kMaxPkcs7Size) {
    return fuzz::taken();
  }
  ByteVector more(body.begin(), body.end());
  more.push_back(0);
  const auto longer = read_pkcs7_signer(more);
  FUZZ_CHECK(!longer && longer.error().offset == size);
  return fuzz::taken();
}
