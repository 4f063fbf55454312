// SPDX-License-Identifier: LGPL-2.1-or-later
// What an attestation says: an in-toto Statement v1 about a build. docs/attest.md specifies it.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "modproof/base/digest.h"
#include "modproof/base/result.h"

namespace modproof::cli {

/// https://github.com/in-toto/attestation/blob/main/spec/v1/statement.md
inline constexpr const char* kStatementType = "https://in-toto.io/Statement/v1";
/// A name that nobody else has and that needs no domain (RFC 9562; the fragment is for people).
inline constexpr const char* kPredicateType =
    "urn:uuid:8c99b709-fc65-461b-995b-2d4589f9fed3#modproof-build-v1";

/// What `modproof diff` found.
struct Compared {
  bool same = false;
  bool same_root = false;
  bool ignore_signatures = false;
  bool kernels = false;  ///< kernels were compared, too
  std::string root_a;    ///< as text; empty if that build has none
  std::string root_b;
  std::map<std::string, std::uint64_t> counts;  ///< those of the report, all seven

  friend bool operator==(const Compared&, const Compared&) = default;
};

struct Statement {
  std::string kernel;        ///< release; empty if not known
  std::string architecture;  ///< empty if not known
  Root root;
  std::uint64_t modules = 0;
  std::string manifest;                 ///< which of the files
  std::map<std::string, Digest> files;  ///< SHA-256 of each, by name without directory
  std::optional<Compared> compared;

  friend bool operator==(const Statement&, const Statement&) = default;
};

/// What follows from what was compared.
enum class AttestedVerdict : std::uint8_t {
  not_compared,
  different,
  reproduced,          ///< modules, root and kernel, byte for byte
  modules_reproduced,  ///< modules and root, byte for byte; no kernels were compared
  partly_reproduced,   ///< the same, but signatures were left out, or one build has no root
};

[[nodiscard]] AttestedVerdict verdict_of(const Statement& statement);

/// `not-compared`, `different`, `reproduced`, `modules-reproduced`, `partly-reproduced`.
[[nodiscard]] const char* name_of(AttestedVerdict verdict) noexcept;

/// The bytes that get signed: keys and subjects sorted, no blanks. Errors (path empty): unsupported
/// (a name that is no UTF-8); duplicate (a file that is called as the root is).
[[nodiscard]] Result<std::string> encode_statement(const Statement& statement);

/// Errors (path empty): malformed (findings that contradict each other among it); unsupported
/// (another type of statement or predicate).
[[nodiscard]] Result<Statement> decode_statement(std::string_view text);

/// Takes what an attestation needs out of the document of `modproof diff --json`.
/// Errors (path empty): malformed (as decode_statement()); unsupported (another schema version).
[[nodiscard]] Result<Compared> compared_of_report(std::string_view text);

}  // namespace modproof::cli
