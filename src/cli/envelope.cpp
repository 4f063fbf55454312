// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cli/envelope.h"

#include <fmt/core.h>

#include "modproof/format/dsse.h"

#include "base/try.h"
#include "cli/strict_json.h"

namespace modproof::cli {
namespace {

/// Each costs a run of a program for each key.
constexpr std::size_t kMostSignatures = 16;

/// The bytes at `key`, which stand there in base64.
Result<ByteVector> decoded_at(const StrictJson& object, const char* key) {
  MODPROOF_ASSIGN(text, string_at(object, key));
  auto bytes = from_either_base64(text);
  if (!bytes) {
    return fail(ErrorKind::malformed, {}, fmt::format("'{}': {}", key, bytes.error().message));
  }
  return bytes;
}

}  // namespace

std::string Envelope::signed_bytes() const {
  return pre_authentication_encoding(kInTotoPayloadType, payload);
}

std::string encode_envelope(const Envelope& envelope) {
  StrictJson json = {{"payload", to_base64(envelope.payload)},
                     {"payloadType", kInTotoPayloadType},
                     {"signatures", StrictJson::array()}};
  for (const ByteVector& signature : envelope.signatures) {
    json["signatures"].push_back({{"keyid", ""}, {"sig", to_base64(signature)}});
  }
  return json.dump() + "\n";
}

Result<Envelope> decode_envelope(std::string_view text) {
  MODPROOF_ASSIGN(json, parse_strict(text));
  if (!json.is_object()) {
    return fail(ErrorKind::malformed, {}, "the envelope is no object");
  }
  MODPROOF_ASSIGN(type, string_at(json, "payloadType"));
  if (type != kInTotoPayloadType) {
    return fail(ErrorKind::unsupported, {},
                fmt::format("the payload is {}, not a statement of in-toto", printable(type)));
  }
  MODPROOF_ASSIGN(payload, decoded_at(json, "payload"));
  Envelope envelope;
  envelope.payload.assign(payload.begin(), payload.end());
  const StrictJson signatures = json.value("signatures", StrictJson());
  if (!signatures.is_array() || signatures.empty()) {
    return fail(ErrorKind::malformed, {}, "the envelope has no signature");
  }
  if (signatures.size() > kMostSignatures) {
    return fail(ErrorKind::unsupported, {},
                fmt::format("the envelope has more than {} signatures", kMostSignatures));
  }
  for (const StrictJson& item : signatures) {
    if (!item.is_object()) {
      return fail(ErrorKind::malformed, {}, "a signature is no object");
    }
    if (item.contains("keyid") && !item["keyid"].is_string()) {
      return fail(ErrorKind::malformed, {}, "the 'keyid' of a signature is no string");
    }
    MODPROOF_ASSIGN(signature, decoded_at(item, "sig"));
    envelope.signatures.push_back(std::move(signature));
  }
  return envelope;
}

}  // namespace modproof::cli
