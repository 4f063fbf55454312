// SPDX-License-Identifier: LGPL-2.1-or-later
// A DSSE envelope in JSON: a statement and signatures over it. See modproof/format/dsse.h.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "modproof/base/bytes.h"
#include "modproof/base/result.h"

namespace modproof::cli {

struct Envelope {
  std::string payload;  ///< the bytes that are signed and parsed
  std::vector<ByteVector> signatures;

  /// What the signatures are made over.
  [[nodiscard]] std::string signed_bytes() const;
};

/// The text of an envelope, which ends with a newline. `keyid` is written empty: who checks looks
/// at the signature.
[[nodiscard]] std::string encode_envelope(const Envelope& envelope);

/// Fields that DSSE does not name are ignored, in the envelope and in its signatures: nobody signed
/// them. Errors (path empty): malformed; unsupported (not a statement of in-toto, too many
/// signatures).
[[nodiscard]] Result<Envelope> decode_envelope(std::string_view text);

}  // namespace modproof::cli
