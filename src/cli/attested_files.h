// SPDX-License-Identifier: LGPL-2.1-or-later
// The files that an attestation is about: their digests, and what manifests among them say.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "modproof/base/cancel.h"
#include "modproof/base/digest.h"
#include "modproof/base/result.h"

#include "cli/statement.h"

namespace modproof::cli {

/// By name without directory.
using FileDigests = std::map<std::string, Digest>;

/// What a manifest says of its build, and the manifest as the only file. The root is computed again
/// from the leaves, and the digest is of the bytes that were read here.
/// Errors: io, changed; malformed, unsupported, duplicate (as decode_manifest() and
/// KnownTree::from()).
[[nodiscard]] Result<Statement> statement_of_manifest(const std::string& path);

struct AttestedFiles {
  FileDigests digests;                         ///< of all files
  std::map<std::string, Statement> manifests;  ///< of those that are manifests, by the same names
};

/// Reads `paths`. A file that starts as a manifest does has to be one.
/// Errors: those of digest_file() and statement_of_manifest(); duplicate (two files of one name).
[[nodiscard]] Result<AttestedFiles> read_attested_files(const std::vector<std::string>& paths,
                                                        const Cancel& cancel);

/// In what `manifest` is of another build than `statement` is about, as the end of a sentence about
/// the manifest; empty if in nothing.
[[nodiscard]] std::string differs_in(const Statement& manifest, const Statement& statement);

}  // namespace modproof::cli
