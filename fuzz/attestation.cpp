// SPDX-License-Identifier: LGPL-2.1-or-later
// Any bytes as an envelope, as the statement in one, and as the report of `modproof diff` that goes
// into one. What is taken is written again and read back as the same.
#include <string_view>

#include "modproof/format/dsse.h"
#include "modproof/format/root_text.h"

#include "check.h"
#include "cli/envelope.h"
#include "cli/statement.h"
#include "cli/strict_json.h"

namespace {

using namespace modproof;
using namespace modproof::cli;

template <typename T>
void check_error(const Result<T>& result) {
  FUZZ_CHECK(result.error().kind == ErrorKind::malformed ||
             result.error().kind == ErrorKind::unsupported);
  FUZZ_CHECK(result.error().path.empty());
  FUZZ_CHECK(describe(result.error()).find('\n') == std::string::npos);
}

void check_statement(const Statement& statement) {
  const auto text = encode_statement(statement);
  FUZZ_CHECK(text.has_value());
  const auto again = decode_statement(*text);
  FUZZ_CHECK(again.has_value() && *again == statement);
}

bool read_statement(std::string_view text) {
  const auto statement = decode_statement(text);
  if (!statement) {
    check_error(statement);
    return false;
  }
  FUZZ_CHECK(statement->files.contains(statement->manifest));
  check_statement(*statement);
  return true;
}

bool read_envelope(std::string_view text) {
  const auto envelope = decode_envelope(text);
  if (!envelope) {
    check_error(envelope);
    return false;
  }
  FUZZ_CHECK(!envelope->signatures.empty());
  FUZZ_CHECK(envelope->signed_bytes().ends_with(envelope->payload));
  const auto again = decode_envelope(encode_envelope(*envelope));
  FUZZ_CHECK(again.has_value() && again->payload == envelope->payload &&
             again->signatures == envelope->signatures);
  return read_statement(envelope->payload);
}

/// A report is attested with the root of either build.
bool read_report(std::string_view text) {
  const auto compared = compared_of_report(text);
  if (!compared) {
    check_error(compared);
    return false;
  }
  for (const std::string& root_text : {compared->root_a, compared->root_b}) {
    if (root_text.empty()) {
      continue;
    }
    const auto root = root_from_text(root_text);
    FUZZ_CHECK(root.has_value());
    check_statement({.kernel = "7.3.0",
                     .architecture = "x86_64",
                     .root = *root,
                     .modules = 1,
                     .manifest = "manifest",
                     .files = {{"manifest", Digest{}}},
                     .compared = *compared});
  }
  return true;
}

void read_base64(std::string_view text) {
  if (const auto bytes = from_base64(text)) {
    FUZZ_CHECK(to_base64(*bytes) == text);
  }
  static_cast<void>(from_either_base64(text).has_value());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  read_base64(text);
  if (const auto json = parse_strict(text); !json) {
    check_error(json);
    FUZZ_CHECK(!decode_envelope(text));
    return fuzz::refused(json.error());
  }
  const bool envelope = read_envelope(text);
  const bool statement = read_statement(text);
  const bool report = read_report(text);
  FUZZ_CHECK(!(envelope && statement) && !(statement && report));
  return envelope || statement || report ? fuzz::taken() : fuzz::refused("none of the three");
}
