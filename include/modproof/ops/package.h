// SPDX-License-Identifier: LGPL-2.1-or-later
// Packages (.deb, .rpm, .pkg.tar.zst, tar): the modules and kernel images in them, checked without
// unpacking them. docs/artefacts.md says what is looked at, and what makes a package malformed.
//
// A module counts for the kernel version whose directory it stands in (lib/modules/VERSION), and is
// checked against the kernel image of that version, in whichever of the packages it is. Paths in
// reports are PACKAGE:PATH IN IT.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "modproof/base/cancel.h"
#include "modproof/base/result.h"
#include "modproof/ops/explain.h"
#include "modproof/ops/kernel.h"
#include "modproof/ops/run_options.h"
#include "modproof/ops/verify.h"

namespace modproof {

/// True if the file `path` starts like a package. False if it cannot be opened or is no regular
/// file. Errors: io; changed.
[[nodiscard]] Result<bool> is_package_file(const std::string& path);

/// A kernel image in a package.
struct PackageKernel {
  std::string version;  ///< by its place in the package
  std::string path;     ///< in the package
  KernelDescription description;
};

struct PackageInfo {
  std::uint64_t file_size = 0;
  std::string format;                            ///< `deb, tar, xz`, `rpm, cpio, zstd`, `tar`
  std::map<std::string, std::uint64_t> modules;  ///< how many of each version
  std::vector<PackageKernel> kernels;            ///< in their order
  /// Symbolic links that are called like a module or a kernel image: not followed.
  std::vector<std::string> links;
};

/// Describes the package `path`. All of it is read.
/// Errors: io; malformed (the package, or a kernel image in it); unsupported; changed; interrupted.
[[nodiscard]] Result<PackageInfo> describe_package(const std::string& path,
                                                   const KernelOptions& kernel,
                                                   const Cancel* cancel);

/// What modules in packages have to lead to, and how they are read.
struct PackageOptions {
  /// The root for modules of every version; where there is none, that of the tree file; where
  /// there is none either, that of the kernel image of their version.
  std::optional<Root> root;
  std::string tree;             ///< as in VerifyOptions
  bool report_missing = false;  ///< as in VerifyOptions
  KernelOptions kernel;
};

/// The root that the modules of one version had to lead to.
struct PackageRoot {
  std::string version;  ///< empty: what holds for all of them
  Root root;
  std::string source;  ///< path of the kernel image; empty where the caller chose the root
};

/// What was found out besides verdicts.
struct PackageNotes {
  /// Packages that could not be read to their end, modules and kernel images that could not be
  /// read, versions without a kernel, in this order.
  std::vector<Error> errors;
  /// Clauses for people: links that were not followed, images that were passed over.
  std::vector<std::string> notes;
  /// Modules for which there was no root; they have no verdict.
  std::uint64_t without_root = 0;
};

struct VerifiedVersion {
  PackageRoot root;
  VerifyReport report;  ///< its errors are modules that could not be read
};

struct PackagesReport {
  std::vector<VerifiedVersion> versions;  ///< sorted by version
  PackageNotes notes;
};

/// Checks every module in `packages`, each of which is read once. Modules are hashed as they are
/// read, by all threads that there may be.
/// Errors: those of reading the tree file; missing (no module in any of the packages); interrupted.
[[nodiscard]] Result<PackagesReport> verify_packages(const std::vector<std::string>& packages,
                                                     const PackageOptions& options,
                                                     const RunOptions& run);

struct ExplainedVersion {
  PackageRoot root;
  ExplainReport report;
};

struct PackagesExplained {
  std::vector<ExplainedVersion> versions;  ///< sorted by version
  PackageNotes notes;
};

/// Explains every module in `packages`. Where the roots are those of kernel images in them, they
/// are read twice.
/// Errors: as verify_packages().
[[nodiscard]] Result<PackagesExplained> explain_packages(const std::vector<std::string>& packages,
                                                         const PackageOptions& options,
                                                         const RunOptions& run);

}  // namespace modproof
