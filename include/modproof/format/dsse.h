// SPDX-License-Identifier: LGPL-2.1-or-later
// What a signature in a DSSE envelope is made over, and the base64 that the envelope is written in.
//
//     {"payload": BASE64(body), "payloadType": type, "signatures": [{"keyid": "", "sig": BASE64}]}
//
// A signature is made over the pre-authentication encoding of type and body, never over the body
// alone: so a signature of one kind of document is none of another.
// https://github.com/secure-systems-lab/dsse/blob/v1.0.2/protocol.md specifies both.
#pragma once

#include <string>
#include <string_view>

#include "modproof/base/bytes.h"
#include "modproof/base/result.h"

namespace modproof {

/// The type of an in-toto statement in an envelope.
inline constexpr std::string_view kInTotoPayloadType = "application/vnd.in-toto+json";

/// `DSSEv1 LEN(type) type LEN(body) body`, lengths in bytes and in decimal.
[[nodiscard]] std::string pre_authentication_encoding(std::string_view type, std::string_view body);

/// The one spelling of `bytes` in base64 of RFC 4648, section 4: standard alphabet, padded, in one
/// line.
[[nodiscard]] std::string to_base64(Bytes bytes);
[[nodiscard]] std::string to_base64(std::string_view text);

/// Reads what to_base64() writes and nothing else: no blanks, no missing padding, no bits behind
/// the last byte. Errors (path empty): malformed, with the offset within `text`.
[[nodiscard]] Result<ByteVector> from_base64(std::string_view text);

/// The same for what others write into envelopes: DSSE leaves open whether the alphabet is the
/// standard one or that for URLs and file names (RFC 4648, section 5). One text keeps to one of
/// them. Errors: as from_base64().
[[nodiscard]] Result<ByteVector> from_either_base64(std::string_view text);

}  // namespace modproof
