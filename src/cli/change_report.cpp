// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cli/change_report.h"

#include <map>

#include <fmt/core.h>

#include "cli/text.h"

namespace modproof::cli {
namespace {

/// What the user reads for a module that was refused.
std::string_view complaint(Change change) {
  return change == Change::not_in_tree
             ? "the tree has no module of this name"
             : "the payload is no form of this module that the tree knows; see `modproof explain`";
}

bool refused(Change change) {
  return change == Change::not_in_tree || change == Change::payload_unknown;
}

void report_one(const ModuleChange& change, Output& output) {
  if (change.error) {
    output.error(*change.error);
  } else if (refused(change.change)) {
    output.line(fmt::format("{}: {}: {}", printable(change.path),
                            output.paint(Paint::bad, name_of(change.change)),
                            complaint(change.change)));
  } else if (output.verbose()) {
    output.line(fmt::format("{}: {}", printable(change.path),
                            output.paint(Paint::good, name_of(change.change))));
  }
}

Json document_of(const ModuleChange& change) {
  Json json = {{"path", change.path}, {"change", name_of(change.change)}};
  if (change.change == Change::attached || change.change == Change::unchanged) {
    json["position"] = change.position;
    json["variant"] = name_of(change.variant);
  }
  return json;
}

}  // namespace

Exit report_changes(const std::vector<ModuleChange>& changes, bool dry_run, Output& output) {
  std::map<Change, std::size_t> counts;
  Json list = Json::array();
  bool any_refused = false;
  output.document()["counts"] = Json::object();
  for (const ModuleChange& change : changes) {
    ++counts[change.change];
    any_refused = any_refused || refused(change.change);
    report_one(change, output);
    if (output.json()) {
      list.push_back(document_of(change));
    }
  }
  std::string summary = count_of(changes.size(), "module");
  const char* separator = ": ";
  for (const auto& [change, count] : counts) {
    summary += fmt::format("{}{} {}", separator, count, name_of(change));
    separator = ", ";
    output.document()["counts"][std::string(name_of(change))] = count;
  }
  if (!output.quiet()) {
    output.line(dry_run ? summary + " (dry run, nothing was written)" : summary);
  }
  output.document()["dry_run"] = dry_run;
  output.document()["modules"] = std::move(list);
  return any_refused ? Exit::refused : Exit::well;
}

}  // namespace modproof::cli
