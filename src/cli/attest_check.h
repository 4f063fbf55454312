// SPDX-License-Identifier: LGPL-2.1-or-later
// Checking attestations: who signed what, whether it is about the files at hand, and how many keys
// say so.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "modproof/base/cancel.h"
#include "modproof/base/result.h"

#include "cli/attested_files.h"
#include "cli/statement.h"

namespace modproof::cli {

/// Keys by what is the same for all forms of one key (see Signer); the values are their names.
using KeyNames = std::map<std::string, std::string>;

struct CheckRequest {
  std::vector<std::string> envelopes;
  std::string keys;           ///< directory
  std::size_t threshold = 0;  ///< keys that have to agree; 0: every envelope has to count
  std::optional<Root> root;
  bool partial = false;       ///< attested files that are not at hand are let pass
  bool modules_only = false;  ///< a comparison without kernels counts
  AttestedFiles files;        ///< at hand; none: only roots are compared
};

/// What became of one envelope.
struct CheckedEnvelope {
  std::string path;
  std::string reason;                  ///< why it does not count; empty if it does
  KeyNames keys;                       ///< that signed it, of those that are trusted
  std::optional<Statement> statement;  ///< only if one of them did
};

struct CheckReport {
  std::vector<CheckedEnvelope> envelopes;
  std::optional<Root> root;  ///< that the most keys attest; nothing if none counts, or if as many
                             ///< attest another
  KeyNames keys;             ///< that attest it
  bool accepted = false;
};

/// Errors: io; malformed, unsupported (keys; without a threshold also an envelope, and a statement
/// that a trusted key signed); program; interrupted.
[[nodiscard]] Result<CheckReport> check_attestations(const CheckRequest& request,
                                                     const Cancel& cancel);

}  // namespace modproof::cli
