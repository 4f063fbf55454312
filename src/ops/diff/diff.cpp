// SPDX-License-Identifier: LGPL-2.1-or-later
// Modules are matched by name, hashed once on each side, and only those whose leaves differ are
// opened again. A leaf depends on its position, so a module that stands at another position in B is
// hashed a second time for that one.
#include "modproof/ops/diff.h"

#include <algorithm>
#include <map>
#include <memory>
#include <utility>

#include <fmt/core.h>

#include "modproof/merkle/tree.h"

#include "base/try.h"
#include "format/root_section.h"
#include "ops/build_input.h"
#include "ops/diff/config.h"
#include "ops/diff/kernels.h"
#include "ops/diff/match.h"
#include "ops/diff/sections.h"
#include "ops/first_error.h"
#include "ops/run.h"

namespace modproof {
namespace {

using Answers = std::vector<LeafAnswer>;

/// One side while it is worked on.
struct Side {
  std::unique_ptr<BuildInput> input;
  Answers answers;  ///< one a module

  [[nodiscard]] bool is_tree() const { return input->kind() == BuildKind::tree; }

  /// The leaf of module `index` at `position`, if it is known.
  [[nodiscard]] std::optional<Digest> leaf(std::size_t index, std::uint32_t position) const {
    const auto stored = input->stored_leaves(index);
    const std::uint32_t first = input->position(index);
    if (position >= first && position - first < stored.size()) {
      return stored[position - first].hash;
    }
    return answers[index].position == position ? answers[index].leaf : std::nullopt;
  }
};

/// Hashes every module of `side`: for the positions of `other` where that is a tree file, so that
/// leaves can be compared, else for its own.
Status hash_all(Side& side, const Side& other, const std::vector<std::optional<std::size_t>>& match,
                const RunOptions& run) {
  std::vector<LeafRequest> requests;
  for (std::size_t i = 0; i < side.input->names().size(); ++i) {
    LeafRequest request{.module = i, .position = side.input->position(i), .variants = {}};
    if (!side.is_tree() && other.is_tree() && match[i]) {
      request.position = other.input->position(*match[i]);
      request.variants = other.input->stored_leaves(*match[i]);
    }
    requests.push_back(request);
  }
  MODPROOF_ASSIGN(answers, side.input->leaves(requests, run));
  side.answers = std::move(answers);
  return {};
}

/// Whether module `a` of A and `b` of B have one payload, as far as the leaves at hand tell.
std::optional<bool> same_payload(const Side& in_a, std::size_t a, const Side& in_b, std::size_t b) {
  const LeafAnswer& answer_a = in_a.answers[a];
  const LeafAnswer& answer_b = in_b.answers[b];
  if (answer_a.error || answer_b.error) {
    return std::nullopt;
  }
  for (const std::uint32_t position : {answer_a.position, answer_b.position}) {
    const auto leaf_a = in_a.leaf(a, position);
    const auto leaf_b = in_b.leaf(b, position);
    if (leaf_a && leaf_b) {
      return *leaf_a == *leaf_b;
    }
  }
  if (answer_a.payload_size != answer_b.payload_size) {
    return false;
  }
  return std::nullopt;
}

/// Compares the pairs of modules (of A and of B) that leaves at hand cannot tell, by hashing those
/// of A for their positions in B. Where both sides are tree files nothing more can be known.
Result<std::vector<std::optional<bool>>> compare_moved(
    Side& a, const Side& b, const std::vector<std::pair<std::size_t, std::size_t>>& pairs,
    const RunOptions& run) {
  std::vector<std::optional<bool>> same(pairs.size());
  if (a.is_tree() || b.is_tree() || pairs.empty()) {
    return same;
  }
  std::vector<LeafRequest> requests;
  requests.reserve(pairs.size());
  for (const auto& [in_a, in_b] : pairs) {
    requests.push_back({.module = in_a, .position = b.answers[in_b].position, .variants = {}});
  }
  MODPROOF_ASSIGN(answers, a.input->leaves(requests, run));
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    const auto leaf_b = b.leaf(pairs[i].second, answers[i].position);
    if (answers[i].leaf && leaf_b) {
      same[i] = *answers[i].leaf == *leaf_b;
    }
  }
  return same;
}

class Comparison {
 public:
  Comparison(Side a, Side b, const RunOptions& run)
      : a_(std::move(a)), b_(std::move(b)), run_(run) {}

  Result<DiffReport> report(const std::string& path_a, const std::string& path_b) {
    const bool kernels =
        a_.input->kind() == BuildKind::kernel || b_.input->kind() == BuildKind::kernel;
    match_ = kernels ? Matching{} : match_modules(a_.input->names(), b_.input->names());
    if (a_.input->kind() == BuildKind::module && b_.input->kind() == BuildKind::module) {
      match_ = {.pairs = {{.a = 0, .b = 0, .moved = false}}, .gone = {}, .added = {}};
    }
    MODPROOF_TRY(hash());
    MODPROOF_TRY(compare_pairs());
    if (!kernels) {
      MODPROOF_TRY(find_renamed());
      for (const std::size_t i : match_.gone) {
        report_.gone.push_back({a_.input->names()[i], a_.input->position(i)});
      }
      for (const std::size_t i : match_.added) {
        report_.added.push_back({b_.input->names()[i], b_.input->position(i)});
      }
    }
    MODPROOF_TRY(open_different());
    MODPROOF_TRY(compare_both_kernels(kernels));
    MODPROOF_TRY(describe_side(a_, b_, path_a, report_.a));
    MODPROOF_TRY(describe_side(b_, a_, path_b, report_.b));
    return std::move(report_);
  }

 private:
  Status hash() {
    std::vector<std::optional<std::size_t>> of_a(a_.input->names().size());
    std::vector<std::optional<std::size_t>> of_b(b_.input->names().size());
    for (const Matching::Pair& pair : match_.pairs) {
      of_a[pair.a] = pair.b;
      of_b[pair.b] = pair.a;
    }
    MODPROOF_TRY(hash_all(a_, b_, of_a, run_));
    MODPROOF_TRY(hash_all(b_, a_, of_b, run_));
    for (const Side* side : {&a_, &b_}) {
      for (const LeafAnswer& answer : side->answers) {
        if (answer.error) {
          report_.errors.push_back(*answer.error);
        }
      }
    }
    return {};
  }

  void add_pair(const Matching::Pair& pair, std::optional<bool> same) {
    report_.pairs.push_back({.name = a_.input->names()[pair.a],
                             .name_b = b_.input->names()[pair.b],
                             .position_a = a_.input->position(pair.a),
                             .position_b = b_.input->position(pair.b),
                             .moved = pair.moved,
                             .same = same,
                             .trailer_a = a_.answers[pair.a].trailer,
                             .trailer_b = b_.answers[pair.b].trailer,
                             .difference = {}});
  }

  Status compare_pairs() {
    std::vector<std::pair<std::size_t, std::size_t>> unknown;
    std::vector<std::size_t> places;
    for (const Matching::Pair& pair : match_.pairs) {
      const auto same = same_payload(a_, pair.a, b_, pair.b);
      const bool readable = !a_.answers[pair.a].error && !b_.answers[pair.b].error;
      if (!same && readable) {
        unknown.emplace_back(pair.a, pair.b);
        places.push_back(report_.pairs.size());
      }
      add_pair(pair, same);
    }
    MODPROOF_ASSIGN(same, compare_moved(a_, b_, unknown, run_));
    for (std::size_t i = 0; i < places.size(); ++i) {
      report_.pairs[places[i]].same = same[i];
    }
    return {};
  }

  /// Modules of one payload, one gone and one added, are one module under two names.
  Status find_renamed() {
    std::multimap<std::uint64_t, std::size_t> added;
    for (const std::size_t i : match_.added) {
      if (!b_.answers[i].error) {
        added.emplace(b_.answers[i].payload_size, i);
      }
    }
    std::vector<std::pair<std::size_t, std::size_t>> candidates;
    for (const std::size_t i : match_.gone) {
      const auto [first, last] = added.equal_range(a_.answers[i].payload_size);
      for (auto it = first; it != last && !a_.answers[i].error; ++it) {
        candidates.emplace_back(i, it->second);
      }
    }
    MODPROOF_ASSIGN(same, compare_candidates(candidates));
    for (std::size_t i = 0; i < candidates.size(); ++i) {
      const auto [in_a, in_b] = candidates[i];
      const auto gone = std::find(match_.gone.begin(), match_.gone.end(), in_a);
      const auto fresh = std::find(match_.added.begin(), match_.added.end(), in_b);
      if (same[i] == true && gone != match_.gone.end() && fresh != match_.added.end()) {
        match_.gone.erase(gone);
        match_.added.erase(fresh);
        add_pair({.a = in_a, .b = in_b, .moved = false}, true);
      }
    }
    std::sort(report_.pairs.begin(), report_.pairs.end(),
              [](const ModulePair& x, const ModulePair& y) { return x.position_a < y.position_a; });
    return {};
  }

  Result<std::vector<std::optional<bool>>> compare_candidates(
      const std::vector<std::pair<std::size_t, std::size_t>>& candidates) {
    if (a_.is_tree() == b_.is_tree()) {
      return compare_moved(a_, b_, candidates, run_);
    }
    // One side stores leaves: the other is hashed for its positions.
    Side& files = a_.is_tree() ? b_ : a_;
    const Side& tree = a_.is_tree() ? a_ : b_;
    std::vector<LeafRequest> requests;
    for (const auto& [in_a, in_b] : candidates) {
      const std::size_t stored = a_.is_tree() ? in_a : in_b;
      requests.push_back({.module = a_.is_tree() ? in_b : in_a,
                          .position = tree.input->position(stored),
                          .variants = tree.input->stored_leaves(stored)});
    }
    std::vector<std::optional<bool>> same(candidates.size());
    MODPROOF_ASSIGN(answers, files.input->leaves(requests, run_));
    for (std::size_t i = 0; i < candidates.size(); ++i) {
      const std::size_t stored = a_.is_tree() ? candidates[i].first : candidates[i].second;
      same[i] = answers[i].leaf && answers[i].leaf == tree.leaf(stored, answers[i].position);
    }
    return same;
  }

  /// Says of each pair that differs where it does.
  Status open_different() {
    std::map<std::uint32_t, std::size_t> in_a;
    std::map<std::uint32_t, std::size_t> in_b;
    for (std::size_t i = 0; i < a_.input->names().size(); ++i) {
      in_a.emplace(a_.input->position(i), i);
    }
    for (std::size_t i = 0; i < b_.input->names().size(); ++i) {
      in_b.emplace(b_.input->position(i), i);
    }
    std::vector<ModulePair*> different;
    for (ModulePair& pair : report_.pairs) {
      if (pair.same == false) {
        different.push_back(&pair);
      }
    }
    FirstError errors(different.size());
    Workers workers(run_);
    workers.crew(std::max<std::size_t>(different.size(), 1))
        .for_each(different.size(), [&](std::size_t i) {
          if (cancelled(run_.cancel)) {
            return;
          }
          ModulePair& pair = *different[i];
          auto compared = compare_two(in_a.at(pair.position_a), in_b.at(pair.position_b));
          if (compared) {
            pair.difference = std::move(*compared);
          } else {
            errors.set(i, std::move(compared.error()));
          }
        });
    if (cancelled(run_.cancel)) {
      return fail_interrupted();
    }
    return errors.status();
  }

  [[nodiscard]] Result<std::optional<FileDifference>> compare_two(std::size_t in_a,
                                                                  std::size_t in_b) const {
    MODPROOF_ASSIGN(file_a, a_.input->open(in_a));
    MODPROOF_ASSIGN(file_b, b_.input->open(in_b));
    if (!file_a || !file_b) {
      return std::nullopt;
    }
    return compare_files(*file_a, *file_b);
  }

  Status compare_both_kernels(bool nothing_else) {
    if (a_.input->kernel().empty() || b_.input->kernel().empty()) {
      return {};
    }
    MODPROOF_ASSIGN(kernel_a, a_.input->take_kernel());
    MODPROOF_ASSIGN(kernel_b, b_.input->take_kernel());
    auto compared = compare_kernels(kernel_a, kernel_b);
    if (!compared && (compared.error().kind != ErrorKind::unsupported || nothing_else)) {
      return std::unexpected(std::move(compared.error()));
    }
    if (!compared) {
      report_.kernels_incomparable = std::move(compared.error().message);
      return {};
    }
    report_.kernels_compared = true;
    report_.kernel = std::move(*compared);
    if (report_.kernel) {
      guess_from_config(report_.kernel->guesses);
    }
    return {};
  }

  /// A configuration changes modules without a trace in them, so it is looked for beside the
  /// kernel.
  void guess_from_config(std::vector<DiffGuess>& guesses) const {
    const bool known = std::any_of(guesses.begin(), guesses.end(), [](const DiffGuess& guess) {
      return guess.cause == DiffCause::configuration;
    });
    std::string evidence = config_difference(a_.input->kernel(), b_.input->kernel());
    if (!known && !evidence.empty()) {
      guesses.push_back({.cause = DiffCause::configuration, .evidence = std::move(evidence)});
      std::sort(guesses.begin(), guesses.end(),
                [](const DiffGuess& x, const DiffGuess& y) { return x.cause < y.cause; });
    }
  }

  /// Every module of each side is the same at the same place of the other.
  [[nodiscard]] bool all_in_place() const {
    return report_.gone.empty() && report_.added.empty() && report_.errors.empty() &&
           std::all_of(report_.pairs.begin(), report_.pairs.end(), [](const ModulePair& pair) {
             return pair.same == true && !pair.moved && pair.name == pair.name_b;
           });
  }

  /// What is known of one side, with the root over its modules if that can be told.
  Status describe_side(Side& side, const Side& other, const std::string& path, BuildSide& result) {
    const std::size_t count = side.input->names().size();
    result.path = path;
    result.kind = side.input->kind();
    result.modules = count;
    result.kernel = side.input->kernel();
    result.root = side.input->stored_root();
    if (result.root && !side.is_tree()) {
      return {};
    }
    if (!side.is_tree() && other.is_tree() && !other.input->names().empty() &&
        other.input->stored_leaves(0).size() > 1) {
      // A tree of several variants: files are one of them each, and have no root of their own that
      // could be compared with its root.
      if (all_in_place()) {
        result.root = other.input->stored_root();
      }
      return {};
    }
    std::vector<LeafRequest> elsewhere;
    for (std::size_t i = 0; i < count; ++i) {
      if (side.answers[i].error) {
        return {};
      }
      const std::uint32_t own = side.input->position(i);
      for (std::size_t v = 0; v < std::max<std::size_t>(side.input->stored_leaves(i).size(), 1);
           ++v) {
        const auto leaf = side.leaf(i, own + static_cast<std::uint32_t>(v));
        if (!leaf) {
          elsewhere.push_back({.module = i, .position = own, .variants = {}});
        }
        result.leaves.push_back(leaf.value_or(Digest{}));
      }
    }
    if (!elsewhere.empty()) {
      MODPROOF_ASSIGN(answers, side.input->leaves(elsewhere, run_));
      for (const LeafAnswer& answer : answers) {
        if (!answer.leaf) {
          result.leaves.clear();
          return {};
        }
        result.leaves.at(answer.position) = *answer.leaf;
      }
    }
    if (!result.root && count > 0) {
      result.root = Tree(result.leaves).root();
    }
    return {};
  }

  Side a_;
  Side b_;
  const RunOptions& run_;
  Matching match_;
  DiffReport report_;
};

}  // namespace

std::string_view name_of(BuildKind kind) noexcept {
  switch (kind) {
    case BuildKind::tree:
      return "tree";
    case BuildKind::directory:
      return "directory";
    case BuildKind::module:
      return "module";
    case BuildKind::kernel:
      return "kernel";
    case BuildKind::packages:
      return "packages";
  }
  return "unknown";
}

std::string_view name_of(DiffCause cause) noexcept {
  switch (cause) {
    case DiffCause::signature:
      return "signature";
    case DiffCause::stripping:
      return "stripping";
    case DiffCause::kernel_version:
      return "kernel-version";
    case DiffCause::configuration:
      return "configuration";
    case DiffCause::randstruct:
      return "randstruct";
    case DiffCause::source:
      return "source";
    case DiffCause::interface:
      return "interface";
    case DiffCause::compiler:
      return "compiler";
    case DiffCause::flags:
      return "flags";
    case DiffCause::pahole:
      return "pahole";
    case DiffCause::btf_order:
      return "btf-order";
    case DiffCause::timestamp:
      return "timestamp";
    case DiffCause::builder:
      return "builder";
    case DiffCause::build_number:
      return "build-number";
    case DiffCause::build_path:
      return "build-path";
    case DiffCause::build_id:
      return "build-id";
    case DiffCause::root:
      return "root";
  }
  return "unknown";
}

bool is_different(const ModulePair& pair, const DiffOptions& options) {
  const bool only_trailers = pair.difference && pair.difference->only_trailers;
  return pair.same == false && !(options.ignore_signatures && only_trailers);
}

bool is_kernel_different(const DiffReport& report, const DiffOptions& options) {
  if (!report.kernel) {
    return false;
  }
  // Where all that differs in modules is trailers, so do the roots.
  const auto& sections = report.kernel->sections;
  const bool only_root = sections.size() == 1 && sections.front().name == kRootSectionName &&
                         report.kernel->debug.sections == 0;
  return !(options.ignore_signatures && (only_root || report.kernel->only_trailers));
}

bool is_same(const DiffReport& report, const DiffOptions& options) {
  const bool modules =
      std::all_of(report.pairs.begin(), report.pairs.end(), [&](const ModulePair& pair) {
        return pair.same.has_value() && !is_different(pair, options) && !pair.moved &&
               pair.name == pair.name_b;
      });
  const bool trailers = std::any_of(report.pairs.begin(), report.pairs.end(),
                                    [](const ModulePair& pair) { return pair.same == false; });
  const bool roots = !report.a.root || !report.b.root || *report.a.root == *report.b.root ||
                     (options.ignore_signatures && trailers);
  return modules && roots && report.gone.empty() && report.added.empty() && report.errors.empty() &&
         !is_kernel_different(report, options);
}

Result<DiffReport> diff(const std::string& a, const std::string& b, const KernelOptions& options,
                        const RunOptions& run) {
  MODPROOF_ASSIGN(input_a, open_build(a, options, run));
  MODPROOF_ASSIGN(input_b, open_build(b, options, run));
  const auto has_root = [](const BuildInput& input) {
    return input.stored_root().has_value() ||
           ((input.kind() == BuildKind::directory || input.kind() == BuildKind::packages) &&
            !input.names().empty());
  };
  const bool kernel = input_a->kind() == BuildKind::kernel || input_b->kind() == BuildKind::kernel;
  const bool both_kernels = !input_a->kernel().empty() && !input_b->kernel().empty();
  if (kernel && !both_kernels && !(has_root(*input_a) && has_root(*input_b))) {
    return fail(
        ErrorKind::usage, {},
        fmt::format("{} and {} have nothing that can be compared", printable(a), printable(b)));
  }
  return Comparison({.input = std::move(input_a), .answers = {}},
                    {.input = std::move(input_b), .answers = {}}, run)
      .report(a, b);
}

}  // namespace modproof
