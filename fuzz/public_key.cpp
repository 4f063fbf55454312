// SPDX-License-Identifier: LGPL-2.1-or-later
// Any bytes as a public key in PEM, as one of SSH, and as the DER of one. A key that is taken is
// the same key when it is written again, and has one identity.
#include <string>
#include <string_view>

#include "modproof/format/dsse.h"
#include "modproof/hash/sha256.h"

#include "check.h"
#include "ops/key_identity.h"

namespace {

using namespace modproof;

void check_key(Bytes key) {
  const std::string identity = identity_of(key);
  FUZZ_CHECK(digest_from_hex(identity).has_value());
  ByteVector longer(key.begin(), key.end());
  longer.push_back(0);
  FUZZ_CHECK(identity_of(longer) != identity);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Bytes bytes(data, size);
  check_key(bytes);
  if (const auto key = public_key_of_ssh_ed25519(bytes)) {
    FUZZ_CHECK(key->size() == 44 && identity_of(*key) == to_hex(Sha256::of(*key)));
    check_key(*key);
    return fuzz::taken();
  }
  const auto key = public_key_of_pem({reinterpret_cast<const char*>(data), size});
  if (!key) {
    return fuzz::refused("no public key");
  }
  check_key(*key);
  // In one line instead of those of PEM, and with more behind it.
  const std::string again =
      std::string(kPublicKeyBegin) + to_base64(*key) + std::string(kPublicKeyEnd) + "more\n";
  FUZZ_CHECK(public_key_of_pem(again) == key);
  return key->empty() ? fuzz::refused("an empty key") : fuzz::taken();
}
