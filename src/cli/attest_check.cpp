// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cli/attest_check.h"

#include <algorithm>
#include <utility>

#include <fmt/core.h>

#include "modproof/format/root_text.h"

#include "base/file.h"
#include "base/try.h"
#include "cli/envelope.h"
#include "ops/trusted_keys.h"

namespace modproof::cli {
namespace {

/// Some ten thousand subjects.
constexpr std::uint64_t kEnvelopeLimit = std::uint64_t{4} << 20U;

std::unexpected<Error> of_envelope(const std::string& path, Error error) {
  error.path = path;
  return std::unexpected(std::move(error));
}

/// Why what was compared is too little; empty if it is enough.
std::string objection_to_verdict(const Statement& statement, const CheckRequest& request) {
  switch (verdict_of(statement)) {
    case AttestedVerdict::not_compared:
    case AttestedVerdict::reproduced:
      return {};
    case AttestedVerdict::different:
      return "it says that the builds were different";
    case AttestedVerdict::modules_reproduced:
      return request.modules_only ? ""
                                  : "it says that the modules were reproduced, and the kernels not "
                                    "compared (see --modules-only)";
    case AttestedVerdict::partly_reproduced:
      return statement.compared->ignore_signatures
                 ? "it says that the builds were the same but for signatures"
                 : "it says that the builds were the same, and one of them without a root";
  }
  return {};
}

/// Where the statement says of the build something else than the manifest at hand; empty if
/// nowhere. That the manifest is the one that was attested, its digest says.
std::string objection_to_manifest(const Statement& statement, const AttestedFiles& files) {
  for (const auto& [name, manifest] : files.manifests) {
    if (const std::string other = differs_in(manifest, statement); !other.empty()) {
      return fmt::format("it attests another build: {} {}", printable(name), other);
    }
  }
  if (files.digests.contains(statement.manifest) && !files.manifests.contains(statement.manifest)) {
    return fmt::format("{}, from which its root is said to come, is no manifest",
                       printable(statement.manifest));
  }
  return {};
}

/// Why the statement is not about what is at hand; empty if it is.
std::string objection(const Statement& statement, const CheckRequest& request) {
  const FileDigests& files = request.files.digests;
  if (request.root && statement.root != *request.root) {
    return "it attests root " + to_text(statement.root);
  }
  if (std::string found = objection_to_verdict(statement, request); !found.empty()) {
    return found;
  }
  for (const auto& [name, digest] : files) {
    const auto attested = statement.files.find(name);
    if (attested == statement.files.end()) {
      return fmt::format("{} is not among its subjects", printable(name));
    }
    if (attested->second != digest) {
      return fmt::format("{} is not the file that it attests", printable(name));
    }
  }
  if (std::string found = objection_to_manifest(statement, request.files); !found.empty()) {
    return found;
  }
  if (files.empty() || request.partial) {
    return {};
  }
  for (const auto& [name, digest] : statement.files) {
    if (!files.contains(name)) {
      return fmt::format("its subject {} is not among the files named (see --partial)",
                         printable(name));
    }
  }
  return {};
}

/// True if an envelope is to blame and not the machine: whoever can put a file beside the others
/// must not be able to keep those from being counted.
bool is_about_contents(const Error& error) {
  return error.kind == ErrorKind::malformed || error.kind == ErrorKind::unsupported;
}

/// The bytes that are verified are those that get parsed, and only if a trusted key signed them.
Result<CheckedEnvelope> check_one(const std::string& path, const TrustedKeys& keys,
                                  const CheckRequest& request) {
  CheckedEnvelope checked{.path = path, .reason = {}, .keys = {}, .statement = {}};
  MODPROOF_ASSIGN(bytes, read_file(path, kEnvelopeLimit));
  const auto envelope = decode_envelope(text_of(bytes));
  if (!envelope) {
    return of_envelope(path, envelope.error());
  }
  const std::string message = envelope->signed_bytes();
  for (const ByteVector& signature : envelope->signatures) {
    const auto signer = keys.signer(signature, message);
    if (!signer) {
      return of_envelope(path, signer.error());
    }
    if (*signer) {
      checked.keys.emplace((*signer)->identity, (*signer)->name);
    }
  }
  if (checked.keys.empty()) {
    checked.reason = fmt::format("no good signature by a key of {}", printable(request.keys));
    return checked;
  }
  auto statement = decode_statement(envelope->payload);
  if (!statement) {
    return of_envelope(path, statement.error());
  }
  checked.reason = objection(*statement, request);
  checked.statement = std::move(*statement);
  return checked;
}

/// Which root the most keys attest. Two with as many are none.
void count_keys(CheckReport& report) {
  std::map<std::string, std::pair<Root, KeyNames>> by_root;
  for (const CheckedEnvelope& envelope : report.envelopes) {
    if (envelope.reason.empty()) {
      auto& [root, keys] = by_root[to_text(envelope.statement->root)];
      root = envelope.statement->root;
      keys.insert(envelope.keys.begin(), envelope.keys.end());
    }
  }
  for (const auto& [text, found] : by_root) {
    if (found.second.size() > report.keys.size()) {
      report.root = found.first;
      report.keys = found.second;
    } else if (found.second.size() == report.keys.size()) {
      report.root.reset();
    }
  }
  if (!report.root) {
    report.keys.clear();
  }
}

}  // namespace

Result<CheckReport> check_attestations(const CheckRequest& request, const Cancel& cancel) {
  MODPROOF_ASSIGN(keys, TrustedKeys::load(request.keys));
  CheckReport report;
  for (const std::string& path : request.envelopes) {
    if (cancel.requested()) {
      return fail(ErrorKind::interrupted, path, "interrupted");
    }
    auto checked = check_one(path, keys, request);
    if (!checked && request.threshold > 0 && is_about_contents(checked.error())) {
      checked = CheckedEnvelope{
          .path = path, .reason = checked.error().message, .keys = {}, .statement = {}};
    }
    if (!checked) {
      return std::unexpected(std::move(checked.error()));
    }
    report.envelopes.push_back(std::move(*checked));
  }
  count_keys(report);
  const auto counts = [&](const CheckedEnvelope& envelope) {
    return envelope.reason.empty() && envelope.statement->root == *report.root;
  };
  report.accepted =
      report.root && (request.threshold > 0
                          ? report.keys.size() >= request.threshold
                          : std::all_of(report.envelopes.begin(), report.envelopes.end(), counts));
  return report;
}

}  // namespace modproof::cli
