// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cli/statement.h"

#include <array>
#include <utility>

#include <fmt/core.h>

#include "modproof/format/root_text.h"

#include "base/try.h"
#include "cli/strict_json.h"

namespace modproof::cli {
namespace {

constexpr std::array<const char*, 7> kCounts{"added",        "different", "gone", "moved",
                                             "not_compared", "renamed",   "same"};

std::unexpected<Error> bad_statement(std::string message) {
  return fail(ErrorKind::malformed, {}, std::move(message));
}

StrictJson subject(const std::string& name, const Digest& digest) {
  return {{"name", name}, {"digest", {{"sha256", to_hex(digest)}}}};
}

StrictJson json_of(const Compared& compared) {
  return {{"counts", compared.counts},
          {"ignore_signatures", compared.ignore_signatures},
          {"kernels_compared", compared.kernels},
          {"root_a", compared.root_a},
          {"root_b", compared.root_b},
          {"same", compared.same},
          {"same_root", compared.same_root}};
}

/// A root as text, or nothing at all.
Result<std::string> root_or_empty(const StrictJson& object, const char* key) {
  MODPROOF_ASSIGN(text, string_at(object, key));
  if (!text.empty()) {
    const auto root = root_from_text(text);
    if (!root || to_text(*root) != text) {
      return bad_statement(fmt::format("'{}' is no root (sha256:LEVELS:HEX)", key));
    }
  }
  return text;
}

/// What reports and statements have in common, under the same names.
Status read_findings(const StrictJson& object, Compared& compared) {
  MODPROOF_ASSIGN(same, bool_at(object, "same"));
  MODPROOF_ASSIGN(same_root, bool_at(object, "same_root"));
  MODPROOF_ASSIGN(ignore_signatures, bool_at(object, "ignore_signatures"));
  MODPROOF_ASSIGN(kernels, bool_at(object, "kernels_compared"));
  compared.same = same;
  compared.same_root = same_root;
  compared.ignore_signatures = ignore_signatures;
  compared.kernels = kernels;
  const auto counts = object.find("counts");
  if (counts == object.end()) {
    return bad_statement("there is no 'counts'");
  }
  MODPROOF_TRY(
      check_keys(*counts, "'counts'",
                 {"added", "different", "gone", "moved", "not_compared", "renamed", "same"}));
  for (const char* name : kCounts) {
    MODPROOF_ASSIGN(count, count_at(*counts, name));
    compared.counts[name] = count;
  }
  return {};
}

/// Findings that no comparison can have are not worth a verdict.
Status check_consistent(const Compared& compared) {
  const bool both = !compared.root_a.empty() && !compared.root_b.empty();
  const bool other_roots = both && compared.root_a != compared.root_b;
  if (compared.same_root != (both && !other_roots)) {
    return bad_statement("'same_root' contradicts 'root_a' and 'root_b'");
  }
  std::string unlike;
  for (const auto& [name, count] : compared.counts) {
    if (name != "same" && count != 0) {
      unlike = name;
    }
  }
  if (compared.same && !unlike.empty()) {
    return bad_statement(fmt::format("'same' contradicts '{}' in 'counts'", unlike));
  }
  if (compared.same && other_roots && !compared.ignore_signatures) {
    return bad_statement("'same' contradicts 'same_root'");
  }
  if (!compared.same && unlike.empty() && !other_roots && !compared.kernels) {
    return bad_statement("'same' is false, and nothing differs");
  }
  return {};
}

Result<Compared> read_compared(const StrictJson& object) {
  MODPROOF_TRY(check_keys(object, "'compared'",
                          {"counts", "ignore_signatures", "kernels_compared", "root_a", "root_b",
                           "same", "same_root"}));
  Compared compared;
  MODPROOF_TRY(read_findings(object, compared));
  MODPROOF_ASSIGN(root_a, root_or_empty(object, "root_a"));
  MODPROOF_ASSIGN(root_b, root_or_empty(object, "root_b"));
  compared.root_a = std::move(root_a);
  compared.root_b = std::move(root_b);
  MODPROOF_TRY(check_consistent(compared));
  return compared;
}

bool is_about(const Compared& compared, const std::string& root) {
  return compared.root_a == root || compared.root_b == root;
}

Status read_subjects(const StrictJson& subjects, const std::string& root, Statement& statement) {
  if (!subjects.is_array()) {
    return bad_statement("'subject' is no list");
  }
  std::map<std::string, Digest> all;
  for (const StrictJson& item : subjects) {
    MODPROOF_TRY(check_keys(item, "a subject", {"digest", "name"}));
    MODPROOF_TRY(check_keys(item["digest"], "the digest of a subject", {"sha256"}));
    MODPROOF_ASSIGN(name, string_at(item, "name"));
    MODPROOF_ASSIGN(hex, string_at(item["digest"], "sha256"));
    const auto digest = digest_from_hex(hex);
    if (!digest || to_hex(*digest) != hex) {
      return bad_statement(fmt::format(
          "subject {} has no SHA-256 (64 lower-case hexadecimal digits)", printable(name)));
    }
    if (name.empty() || name.find('/') != std::string::npos) {
      return bad_statement(fmt::format("subject '{}' is no name of a file", printable(name)));
    }
    if (!all.emplace(name, *digest).second) {
      return bad_statement(fmt::format("subject {} stands twice", printable(name)));
    }
  }
  const auto found = all.find(root);
  if (found == all.end() || found->second != statement.root.hash) {
    return bad_statement("the root is not among the subjects");
  }
  all.erase(found);
  statement.files = std::move(all);
  return {};
}

Status read_predicate(const StrictJson& predicate, Statement& statement) {
  MODPROOF_TRY(
      check_keys(predicate, "the predicate",
                 {"architecture", "compared", "kernel", "manifest", "modules", "root", "verdict"}));
  MODPROOF_ASSIGN(architecture, string_at(predicate, "architecture"));
  MODPROOF_ASSIGN(kernel, string_at(predicate, "kernel"));
  MODPROOF_ASSIGN(manifest, string_at(predicate, "manifest"));
  MODPROOF_ASSIGN(modules, count_at(predicate, "modules"));
  MODPROOF_ASSIGN(root_text, root_or_empty(predicate, "root"));
  MODPROOF_ASSIGN(root, root_from_text(root_text));
  statement.architecture = std::move(architecture);
  statement.kernel = std::move(kernel);
  statement.manifest = std::move(manifest);
  statement.modules = modules;
  statement.root = root;
  if (!predicate["compared"].is_null()) {
    MODPROOF_ASSIGN(compared, read_compared(predicate["compared"]));
    statement.compared = std::move(compared);
    if (!is_about(*statement.compared, root_text)) {
      return bad_statement("what was compared has another root");
    }
  }
  MODPROOF_ASSIGN(verdict, string_at(predicate, "verdict"));
  if (verdict != name_of(verdict_of(statement))) {
    return bad_statement("'verdict' is not what follows from 'compared'");
  }
  return {};
}

}  // namespace

AttestedVerdict verdict_of(const Statement& statement) {
  if (!statement.compared) {
    return AttestedVerdict::not_compared;
  }
  const Compared& compared = *statement.compared;
  if (!compared.same) {
    return AttestedVerdict::different;
  }
  if (!compared.same_root || compared.ignore_signatures) {
    return AttestedVerdict::partly_reproduced;
  }
  return compared.kernels ? AttestedVerdict::reproduced : AttestedVerdict::modules_reproduced;
}

const char* name_of(AttestedVerdict verdict) noexcept {
  switch (verdict) {
    case AttestedVerdict::not_compared:
      return "not-compared";
    case AttestedVerdict::different:
      return "different";
    case AttestedVerdict::reproduced:
      return "reproduced";
    case AttestedVerdict::modules_reproduced:
      return "modules-reproduced";
    case AttestedVerdict::partly_reproduced:
      return "partly-reproduced";
  }
  return "";
}

Result<std::string> encode_statement(const Statement& statement) {
  const std::string root = to_text(statement.root);
  std::map<std::string, Digest> subjects = statement.files;
  if (!subjects.emplace(root, statement.root.hash).second) {
    return fail(ErrorKind::duplicate, {}, fmt::format("a file is called as the root is: {}", root));
  }
  StrictJson json = {{"_type", kStatementType},
                     {"subject", StrictJson::array()},
                     {"predicateType", kPredicateType},
                     {"predicate",
                      {{"architecture", statement.architecture},
                       {"compared", nullptr},
                       {"kernel", statement.kernel},
                       {"manifest", statement.manifest},
                       {"modules", statement.modules},
                       {"root", root},
                       {"verdict", name_of(verdict_of(statement))}}}};
  for (const auto& [name, digest] : subjects) {
    json["subject"].push_back(subject(name, digest));
  }
  if (statement.compared) {
    json["predicate"]["compared"] = json_of(*statement.compared);
  }
  try {
    return json.dump();
  } catch (const StrictJson::type_error&) {
    return fail(ErrorKind::unsupported, {}, "a name of a file or of the kernel is no UTF-8");
  }
}

Result<Statement> decode_statement(std::string_view text) {
  MODPROOF_ASSIGN(json, parse_strict(text));
  MODPROOF_TRY(
      check_keys(json, "the statement", {"_type", "predicate", "predicateType", "subject"}));
  MODPROOF_ASSIGN(type, string_at(json, "_type"));
  MODPROOF_ASSIGN(predicate_type, string_at(json, "predicateType"));
  if (type != kStatementType || predicate_type != kPredicateType) {
    return fail(ErrorKind::unsupported, {},
                fmt::format("a statement of type {} with a predicate of type {} is unknown to this "
                            "release",
                            printable(type), printable(predicate_type)));
  }
  Statement statement;
  MODPROOF_TRY(read_predicate(json["predicate"], statement));
  MODPROOF_TRY(read_subjects(json["subject"], to_text(statement.root), statement));
  if (!statement.files.contains(statement.manifest)) {
    return bad_statement("the manifest is not among the subjects");
  }
  return statement;
}

Result<Compared> compared_of_report(std::string_view text) {
  MODPROOF_ASSIGN(json, parse_strict(text));
  if (!json.is_object() || json.value("command", StrictJson()) != "diff" ||
      json.value("schema_version", StrictJson()) != 1) {
    return fail(ErrorKind::unsupported, {}, "not what `modproof diff --json` prints");
  }
  if (json.value("errors", StrictJson()) != StrictJson::array()) {
    return bad_statement("the comparison did not get to its end");
  }
  Compared compared;
  MODPROOF_TRY(read_findings(json, compared));
  for (const auto& [side, root] :
       {std::pair("a", &compared.root_a), std::pair("b", &compared.root_b)}) {
    const StrictJson build = json.value(side, StrictJson());
    if (!build.is_object()) {
      return bad_statement(fmt::format("there is no '{}'", side));
    }
    if (build.contains("root")) {
      MODPROOF_ASSIGN(found, root_or_empty(build, "root"));
      *root = std::move(found);
    }
  }
  MODPROOF_TRY(check_consistent(compared));
  return compared;
}

}  // namespace modproof::cli
