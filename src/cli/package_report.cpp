// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cli/package_report.h"

#include <fmt/core.h>

#include "modproof/format/root_text.h"

namespace modproof::cli {

PackageOptions package_options(const RootArguments& arguments,
                               const std::optional<RootArguments::KernelRoot>& chosen,
                               bool report_missing) {
  return {.root = chosen ? std::optional(chosen->root) : std::nullopt,
          .tree = arguments.tree(),
          .report_missing = report_missing,
          .kernel = arguments.kernel_options()};
}

void report_version(const PackageRoot& root, const std::string& source, const Counts& counts,
                    Output& output) {
  const std::string& from = root.source.empty() ? source : root.source;
  Json entry = {
      {"root", to_text(root.root)}, {"root_source", from}, {"counts", document_of(counts)}};
  std::string version;
  if (!root.version.empty()) {
    entry["version"] = root.version;
    version = fmt::format("; kernel {}", printable(root.version));
  }
  if (!output.quiet()) {
    output.line(fmt::format("{} (root {} of {}{})", summary_of(counts), to_text(root.root),
                            printable(from), version));
  }
  output.document()["kernels"].push_back(std::move(entry));
}

Exit finish_packages(const PackageNotes& notes, Counts counts, bool any, Output& output) {
  for (const std::string& note : notes.notes) {
    output.note(note);
  }
  for (const Error& error : notes.errors) {
    output.error(error);
  }
  if (!any && notes.errors.empty()) {
    return output.fail_with({.kind = ErrorKind::missing,
                             .message = "no module was found in these packages",
                             .path = {},
                             .offset = {}});
  }
  counts.not_checked += notes.without_root;
  output.document()["counts"] = document_of(counts);
  return output.finish(counts.refused + counts.missing == 0 ? Exit::well : Exit::refused);
}

Exit report_packages(const PackagesReport& report, const std::string& source, Output& output) {
  Json list = Json::array();
  Counts all;
  output.document()["kernels"] = Json::array();
  for (const VerifiedVersion& version : report.versions) {
    Counts counts;
    for (const Verdict& verdict : version.report.verdicts) {
      if (output.json()) {
        list.push_back(document_of(verdict));
      }
      count(verdict.reason, counts);
      if (verdict.reason != Reason::accepted || output.verbose()) {
        output.line(line_of(verdict, output));
      }
    }
    for (const Error& error : version.report.errors) {
      output.error(error);
    }
    counts.not_checked = version.report.errors.size();
    report_version(version.root, source, counts, output);
    all += counts;
  }
  output.document()["modules"] = std::move(list);
  return finish_packages(report.notes, all, !report.versions.empty(), output);
}

}  // namespace modproof::cli
