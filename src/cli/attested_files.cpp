// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cli/attested_files.h"

#include <cstdint>
#include <filesystem>
#include <utility>

#include <fmt/core.h>

#include "modproof/format/manifest.h"
#include "modproof/format/root_text.h"
#include "modproof/hash/sha256.h"

#include "base/file.h"
#include "base/file_range.h"
#include "base/try.h"
#include "ops/digest_file.h"
#include "ops/known_tree.h"

namespace modproof::cli {
namespace {

constexpr std::uint64_t kManifestLimit = std::uint64_t{1} << 30U;

std::unexpected<Error> about_manifest(const std::string& path, Error error) {
  error.path = path;
  return std::unexpected(std::move(error));
}

Result<bool> is_manifest(const std::string& path) {
  MODPROOF_ASSIGN(file, File::open(path));
  MODPROOF_ASSIGN(head, FileRange(file).head(kManifestMagic.size()));
  return text_of(head) == kManifestMagic;
}

}  // namespace

Result<Statement> statement_of_manifest(const std::string& path) {
  MODPROOF_ASSIGN(bytes, read_file(path, kManifestLimit));
  if (!text_of(bytes).starts_with(kManifestMagic)) {
    return fail(ErrorKind::malformed, path, "not a manifest; `modproof manifest` makes one");
  }
  auto manifest = decode_manifest(bytes);
  if (!manifest) {
    return about_manifest(path, manifest.error());
  }
  Statement statement;
  statement.kernel = manifest->kernel;
  statement.architecture = manifest->architecture;
  statement.root = manifest->tree.root;
  statement.modules = manifest->tree.names.size();
  statement.manifest = std::filesystem::path(path).filename();
  statement.files.emplace(statement.manifest, Sha256::of(bytes));
  if (const auto tree = KnownTree::from(std::move(manifest->tree)); !tree) {
    return about_manifest(path, tree.error());
  }
  return statement;
}

Result<AttestedFiles> read_attested_files(const std::vector<std::string>& paths,
                                          const Cancel& cancel) {
  AttestedFiles files;
  for (const std::string& path : paths) {
    const std::string name = std::filesystem::path(path).filename();
    if (files.digests.contains(name)) {
      return fail(ErrorKind::duplicate, path, "another file has the same name");
    }
    MODPROOF_ASSIGN(manifest, is_manifest(path));
    if (manifest) {
      MODPROOF_ASSIGN(statement, statement_of_manifest(path));
      files.digests.emplace(name, statement.files.at(name));
      files.manifests.emplace(name, std::move(statement));
    } else {
      MODPROOF_ASSIGN(digest, digest_file(path, cancel));
      files.digests.emplace(name, digest);
    }
  }
  return files;
}

std::string differs_in(const Statement& manifest, const Statement& statement) {
  if (manifest.root != statement.root) {
    return "has root " + to_text(manifest.root);
  }
  if (manifest.kernel != statement.kernel) {
    return fmt::format("is of kernel '{}'", printable(manifest.kernel));
  }
  if (manifest.architecture != statement.architecture) {
    return fmt::format("is of architecture '{}'", printable(manifest.architecture));
  }
  if (manifest.modules != statement.modules) {
    return fmt::format("has {} modules", manifest.modules);
  }
  return {};
}

}  // namespace modproof::cli
