// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cli/verdict.h"

#include <algorithm>

#include <fmt/core.h>

#include "modproof/format/root_text.h"

#include "cli/text.h"

namespace modproof::cli {

std::string line_of(const Verdict& verdict, const Output& output) {
  const Paint paint = verdict.reason == Reason::accepted ? Paint::good : Paint::bad;
  std::string line =
      fmt::format("{}: {}", printable(verdict.path.empty() ? verdict.name : verdict.path),
                  output.paint(paint, name_of(verdict.reason)));
  if (verdict.offset) {
    line += fmt::format(": offset {}", *verdict.offset);
  }
  if (!verdict.detail.empty()) {
    line += ": " + verdict.detail;
  }
  return line;
}

Json document_of(const Verdict& verdict) {
  Json json = {{"name", verdict.name}, {"reason", name_of(verdict.reason)}};
  if (!verdict.path.empty()) {
    json["path"] = verdict.path;
  }
  if (!verdict.detail.empty()) {
    json["detail"] = verdict.detail;
  }
  if (verdict.offset) {
    json["offset"] = *verdict.offset;
  }
  if (verdict.position) {
    json["position"] = *verdict.position;
  }
  if (verdict.leads_to) {
    json["leads_to"] = to_text(*verdict.leads_to);
  }
  if (verdict.level) {
    json["level"] = *verdict.level;
  }
  return json;
}

Counts& Counts::operator+=(const Counts& other) {
  accepted += other.accepted;
  refused += other.refused;
  missing += other.missing;
  not_checked += other.not_checked;
  images_not_read += other.images_not_read;
  return *this;
}

void count(Reason reason, Counts& counts) {
  ++(reason == Reason::accepted  ? counts.accepted
     : reason == Reason::missing ? counts.missing
                                 : counts.refused);
}

void count_errors(const std::vector<Error>& errors, const std::vector<std::string>& images,
                  Counts& counts) {
  for (const Error& error : errors) {
    ++(std::ranges::find(images, error.path) != images.end() ? counts.images_not_read
                                                             : counts.not_checked);
  }
}

std::string summary_of(const Counts& counts) {
  std::string summary =
      fmt::format("{}: {} accepted, {} refused",
                  count_of(counts.accepted + counts.refused + counts.not_checked, "module"),
                  counts.accepted, counts.refused);
  if (counts.missing > 0) {
    summary += fmt::format(", {} missing", counts.missing);
  }
  if (counts.not_checked > 0) {
    summary += fmt::format(", {} not checked", counts.not_checked);
  }
  if (counts.images_not_read > 0) {
    summary += fmt::format(", {} not read to the end", count_of(counts.images_not_read, "image"));
  }
  return summary;
}

Json document_of(const Counts& counts) {
  return {{"accepted", counts.accepted},
          {"refused", counts.refused},
          {"missing", counts.missing},
          {"not_checked", counts.not_checked + counts.images_not_read}};
}

}  // namespace modproof::cli
