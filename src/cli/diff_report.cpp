// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cli/diff_report.h"

#include <map>

#include <fmt/core.h>

#include "modproof/format/root_text.h"

#include "cli/text.h"

namespace modproof::cli {
namespace {

/// Different modules that are printed in full unless -v is given: a page or two, so that what is
/// said of all of them stays in sight.
constexpr std::size_t kPrinted = 10;

bool is_renamed(const ModulePair& pair) { return pair.name != pair.name_b; }

std::string title_of(const ModulePair& pair) {
  return is_renamed(pair)
             ? fmt::format("{} (in B {})", printable(pair.name), printable(pair.name_b))
             : printable(pair.name);
}

void print_difference(const FileDifference& difference, Output& output) {
  for (const SectionDifference& section : difference.sections) {
    output.line(fmt::format("  {:<24} {}", printable(section.name), section_text(section)));
    for (const std::string& line : section.lines) {
      output.line("    " + line);
    }
  }
  if (difference.debug.sections > 0) {
    output.line("  " + debug_text(difference.debug));
  }
  if (!difference.unreadable.empty()) {
    output.line("  " + difference.unreadable);
  }
  if (difference.offset) {
    output.line(fmt::format("  first difference at offset {} of the file", *difference.offset));
  }
  for (const DiffGuess& guess : difference.guesses) {
    output.line(fmt::format("  cause: {}: {}", name_of(guess.cause), guess.evidence));
  }
}

std::string heading(std::string_view name, const FileDifference& difference, const Output& output) {
  const std::string only = only_text(difference);
  return fmt::format("{}: {}{}", name, output.paint(Paint::bad, "different"),
                     only.empty() ? "" : ", " + only);
}

/// A list of modules of which little is to be said: unless verbose, only the first of them.
class ShortList {
 public:
  ShortList(std::string_view what, Output& output) : what_(what), output_(output) {}

  void add(std::string_view text) {
    if (output_.verbose() || count_ < kListed) {
      output_.line(fmt::format("{}: {}", what_, text));
    }
    ++count_;
  }

  void finish() {
    if (!output_.verbose() && count_ > kListed) {
      output_.line(fmt::format("{}: {} more; -v shows all", what_, count_ - kListed));
    }
  }

 private:
  static constexpr std::size_t kListed = 20;
  std::string_view what_;
  Output& output_;
  std::size_t count_ = 0;
};

void print_lone(std::string_view what, const std::vector<LoneModule>& modules, Output& output) {
  ShortList list(what, output);
  for (const LoneModule& module : modules) {
    list.add(printable(module.name));
  }
  list.finish();
}

Json document_of(const DiffGuess& guess) {
  return {{"cause", name_of(guess.cause)}, {"evidence", guess.evidence}};
}

Json document_of(const SectionDifference& section) {
  Json json = {{"name", section.name}};
  if (section.size_a) {
    json["size_a"] = *section.size_a;
  }
  if (section.size_b) {
    json["size_b"] = *section.size_b;
  }
  if (section.offset) {
    json["offset"] = *section.offset;
  }
  json["lines"] = section.lines;
  return json;
}

Json document_of(const FileDifference& difference) {
  Json json = {{"path_a", difference.path_a},
               {"path_b", difference.path_b},
               {"size_a", difference.size_a},
               {"size_b", difference.size_b},
               {"only_trailers", difference.only_trailers},
               {"only_stripping", difference.only_stripping},
               {"only_wrapping", difference.only_wrapping}};
  if (!difference.unreadable.empty()) {
    json["unreadable"] = difference.unreadable;
  }
  if (difference.offset) {
    json["offset"] = *difference.offset;
  }
  json["sections"] = Json::array();
  for (const SectionDifference& section : difference.sections) {
    json["sections"].push_back(document_of(section));
  }
  json["debug"] = {{"sections", difference.debug.sections},
                   {"size_a", difference.debug.size_a},
                   {"size_b", difference.debug.size_b}};
  json["causes"] = Json::array();
  for (const DiffGuess& guess : difference.guesses) {
    json["causes"].push_back(document_of(guess));
  }
  return json;
}

Json document_of(const BuildSide& side) {
  Json json = {{"path", side.path}, {"kind", name_of(side.kind)}, {"modules", side.modules}};
  if (side.root) {
    json["root"] = to_text(*side.root);
  }
  if (!side.kernel.empty()) {
    json["kernel"] = side.kernel;
  }
  return json;
}

Json document_of(const std::vector<LoneModule>& modules) {
  Json json = Json::array();
  for (const LoneModule& module : modules) {
    json.push_back({{"name", module.name}, {"position", module.position}});
  }
  return json;
}

Json document_of(const ModulePair& pair, const DiffOptions& options) {
  Json json = {{"name", pair.name},
               {"name_b", pair.name_b},
               {"position_a", pair.position_a},
               {"position_b", pair.position_b},
               {"state", !pair.same                    ? "unknown"
                         : is_different(pair, options) ? "different"
                                                       : "same"},
               {"moved", pair.moved},
               {"trailer_a", name_of(pair.trailer_a)},
               {"trailer_b", name_of(pair.trailer_b)}};
  if (pair.difference) {
    json["difference"] = document_of(*pair.difference);
  }
  return json;
}

}  // namespace

DiffCounts count(const DiffReport& report, const DiffOptions& options) {
  DiffCounts counts;
  for (const ModulePair& pair : report.pairs) {
    if (!pair.same) {
      ++counts.unknown;
    } else if (is_different(pair, options)) {
      ++counts.different;
    } else {
      ++counts.same;
    }
    counts.renamed += is_renamed(pair) ? 1 : 0;
    counts.moved += pair.moved ? 1 : 0;
  }
  return counts;
}

std::vector<CauseSummary> summarise_causes(const DiffReport& report, const DiffOptions& options) {
  std::map<DiffCause, CauseSummary> causes;
  const auto add = [&](const DiffGuess& guess, const std::string& example, bool kernel) {
    CauseSummary& summary = causes[guess.cause];
    if (summary.example.empty()) {
      summary = {.cause = guess.cause,
                 .modules = 0,
                 .kernel = false,
                 .example = example,
                 .evidence = guess.evidence};
    }
    summary.modules += kernel ? 0 : 1;
    summary.kernel = summary.kernel || kernel;
  };
  for (const ModulePair& pair : report.pairs) {
    if (is_different(pair, options) && pair.difference) {
      for (const DiffGuess& guess : pair.difference->guesses) {
        add(guess, pair.name, false);
      }
    }
  }
  if (report.kernel && is_kernel_different(report, options)) {
    for (const DiffGuess& guess : report.kernel->guesses) {
      add(guess, "vmlinux", true);
    }
  }
  std::vector<CauseSummary> result;
  result.reserve(causes.size());
  for (auto& [cause, summary] : causes) {
    result.push_back(std::move(summary));
  }
  return result;
}

std::string verdict_line(const DiffReport& report, const DiffOptions& options) {
  const auto root = [](const BuildSide& side) {
    return side.root ? to_text(*side.root) : "unknown";
  };
  if (report.same_root()) {
    return fmt::format("same root: {}", root(report.a));
  }
  if (!report.a.root && !report.b.root) {
    return is_same(report, options) ? "same, of no root that is known"
                                    : "different, of no root that is known";
  }
  if (!report.a.root || !report.b.root) {
    return fmt::format("the root of {} is not known, that of {} is {}", report.a.root ? "B" : "A",
                       report.a.root ? "A" : "B", report.a.root ? root(report.a) : root(report.b));
  }
  return fmt::format("{}: {} in A, {} in B",
                     is_same(report, options) ? "the same but for signatures, so different roots"
                                              : "different roots",
                     root(report.a), root(report.b));
}

std::string counts_line(const DiffReport& report, const DiffOptions& options) {
  const DiffCounts counts = count(report, options);
  std::string text =
      fmt::format("{} in A, {} in B: {} same, {} different", count_of(report.a.modules, "module"),
                  report.b.modules, counts.same, counts.different);
  const auto add = [&](std::size_t number, std::string_view what) {
    if (number > 0) {
      text += fmt::format(", {} {}", number, what);
    }
  };
  add(counts.unknown, "not compared");
  add(report.added.size(), "added");
  add(report.gone.size(), "gone");
  add(counts.renamed, "renamed");
  add(counts.moved, "moved");
  return text;
}

std::string kernel_line(const DiffReport& report, const DiffOptions& options) {
  const bool in_a = !report.a.kernel.empty();
  const bool in_b = !report.b.kernel.empty();
  if (report.kernels_compared) {
    if (!report.kernel) {
      return "same";
    }
    const std::string only = only_text(*report.kernel);
    return is_kernel_different(report, options) ? "different" + (only.empty() ? "" : ", " + only)
                                                : "the same but for signatures";
  }
  if (!report.kernels_incomparable.empty()) {
    return "not compared: " + report.kernels_incomparable;
  }
  // A kernel beside modules is compared by its root, and that has been said.
  const bool only_root = report.a.kind == BuildKind::kernel || report.b.kind == BuildKind::kernel;
  return in_a == in_b || only_root ? ""
                                   : fmt::format("not compared: {} has none", in_a ? "B" : "A");
}

std::string only_text(const FileDifference& difference) {
  if (difference.only_wrapping) {
    return difference.only_trailers ? "only in the signature of the image"
                                    : "only in the image around the kernel";
  }
  return difference.only_trailers    ? "only in what is appended to the module"
         : difference.only_stripping ? "only stripped"
                                     : "";
}

std::string section_text(const SectionDifference& section) {
  if (!section.size_a || !section.size_b) {
    return fmt::format("only in {}, {} bytes", section.size_a ? "A" : "B",
                       section.size_a.value_or(section.size_b.value_or(0)));
  }
  const std::string size =
      *section.size_a == *section.size_b
          ? fmt::format("{} bytes", *section.size_a)
          : fmt::format("{} bytes in A, {} in B", *section.size_a, *section.size_b);
  return section.offset ? fmt::format("{}, first difference at {:#x}", size, *section.offset)
                        : size;
}

std::string debug_text(const DebugDifference& debug) {
  return fmt::format("{}: {} bytes in A, {} in B", count_of(debug.sections, "debug section"),
                     debug.size_a, debug.size_b);
}

void print_diff(const DiffReport& report, const DiffOptions& options, Output& output) {
  const bool same = is_same(report, options);
  if (output.quiet() && same) {
    return;
  }
  output.line(output.paint(same ? Paint::good : Paint::bad, verdict_line(report, options)));
  if (report.a.modules + report.b.modules > 0) {
    output.line(counts_line(report, options));
  }
  print_lone("added", report.added, output);
  print_lone("gone", report.gone, output);
  ShortList renamed("renamed", output);
  ShortList moved("moved", output);
  for (const ModulePair& pair : report.pairs) {
    if (is_renamed(pair)) {
      renamed.add(fmt::format("{} to {}", printable(pair.name), printable(pair.name_b)));
    }
    if (pair.moved) {
      moved.add(fmt::format("{} from position {} to {}", printable(pair.name), pair.position_a,
                            pair.position_b));
    }
  }
  renamed.finish();
  moved.finish();
  if (report.kernel && is_kernel_different(report, options)) {
    output.line(heading("vmlinux", *report.kernel, output));
    print_difference(*report.kernel, output);
  } else if (const std::string line = kernel_line(report, options);
             !line.empty() && !output.quiet()) {
    output.line("vmlinux: " + line);
  }
  std::size_t printed = 0;
  std::size_t left = 0;
  std::size_t without_bytes = 0;
  for (const ModulePair& pair : report.pairs) {
    if (!is_different(pair, options)) {
      continue;
    }
    if (!pair.difference) {
      ++without_bytes;
      output.line(fmt::format("{}: {}", title_of(pair), output.paint(Paint::bad, "different")));
    } else if (output.verbose() || printed < kPrinted) {
      ++printed;
      output.line(heading(title_of(pair), *pair.difference, output));
      print_difference(*pair.difference, output);
    } else {
      ++left;
    }
  }
  if (without_bytes > 0) {
    output.line("a tree file holds no bytes, so nothing can be said of where modules differ");
  }
  if (left > 0) {
    output.line(fmt::format("{} more different; -v shows all", count_of(left, "module")));
  }
  for (const CauseSummary& cause : summarise_causes(report, options)) {
    const std::string where = cause.modules == 0 ? "vmlinux"
                                                 : count_of(cause.modules, "module") +
                                                       (cause.kernel ? " and vmlinux" : "");
    output.line(fmt::format("likely cause: {}, {}; {}: {}", name_of(cause.cause), where,
                            printable(cause.example), cause.evidence));
  }
}

void document_diff(const DiffReport& report, const DiffOptions& options, Json& json) {
  const DiffCounts counts = count(report, options);
  json["a"] = document_of(report.a);
  json["b"] = document_of(report.b);
  json["same"] = is_same(report, options);
  json["same_root"] = report.same_root();
  json["ignore_signatures"] = options.ignore_signatures;
  json["counts"] = {{"same", counts.same},
                    {"different", counts.different},
                    {"not_compared", counts.unknown},
                    {"added", report.added.size()},
                    {"gone", report.gone.size()},
                    {"renamed", counts.renamed},
                    {"moved", counts.moved}};
  json["added"] = document_of(report.added);
  json["gone"] = document_of(report.gone);
  json["modules"] = Json::array();
  for (const ModulePair& pair : report.pairs) {
    if (pair.same != true || pair.moved || is_renamed(pair)) {
      json["modules"].push_back(document_of(pair, options));
    }
  }
  json["kernels_compared"] = report.kernels_compared;
  if (!report.kernels_incomparable.empty()) {
    json["kernels_incomparable"] = report.kernels_incomparable;
  }
  if (report.kernel) {
    json["kernel"] = document_of(*report.kernel);
  }
  json["causes"] = Json::array();
  for (const CauseSummary& cause : summarise_causes(report, options)) {
    json["causes"].push_back({{"cause", name_of(cause.cause)},
                              {"modules", cause.modules},
                              {"kernel", cause.kernel},
                              {"example", cause.example},
                              {"evidence", cause.evidence}});
  }
}

}  // namespace modproof::cli
