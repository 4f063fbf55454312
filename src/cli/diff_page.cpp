// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cli/diff_page.h"

#include <algorithm>
#include <utility>
#include <vector>

#include <fmt/core.h>

#include "modproof/format/root_text.h"
#include "modproof/merkle/tree.h"

#include "base/utf8.h"
#include "cli/command.h"
#include "cli/diff_picture.h"
#include "cli/diff_report.h"
#include "cli/text.h"

namespace modproof::cli {
namespace {

/// Colours are chosen so that red and green differ in lightness, too.
constexpr std::string_view kStyle = R"(
:root{--ink:#1c2126;--dim:#5c6670;--paper:#fff;--panel:#f4f6f8;--line:#d7dde3;
--same:#9cc5a8;--bad:#c2261d;--shift:#c98a10;--good:#1d7a3c}
@media (prefers-color-scheme:dark){:root{--ink:#e4e8ec;--dim:#98a3ae;--paper:#14181c;--panel:#1d2328;
--line:#37414a;--same:#2f5b3d;--bad:#ff6b5e;--shift:#e6b450;--good:#62c483}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:78rem;padding:1.5rem;background:var(--paper);color:var(--ink);
font:15px/1.5 system-ui,sans-serif}
h1{font-size:1.5rem;margin:0 0 .2rem}
h2{font-size:1.1rem;margin:2rem 0 .6rem;border-bottom:1px solid var(--line);padding-bottom:.2rem}
code,pre,.mono{font:13px/1.45 ui-monospace,monospace}
code,.mono,td{overflow-wrap:anywhere}
pre{margin:.3rem 0;white-space:pre-wrap;overflow-wrap:anywhere}
table{border-collapse:collapse;width:100%}
th,td{text-align:left;vertical-align:top;padding:.3rem .8rem .3rem 0;border-bottom:1px solid var(--line)}
th{color:var(--dim);font-weight:600;white-space:nowrap}
.verdict{display:inline-block;padding:.15rem .7rem;border-radius:1rem;color:var(--paper);
font-weight:600;background:var(--bad)}
.verdict.good{background:var(--good);color:var(--paper)}
.counts{display:flex;flex-wrap:wrap;gap:.6rem;margin:1rem 0}
.counts div{background:var(--panel);border-radius:.4rem;padding:.4rem .9rem;min-width:6.5rem}
.counts b{display:block;font-size:1.3rem}
.tag{display:inline-block;border:1px solid var(--line);border-radius:.7rem;padding:0 .5rem;
margin-left:.3rem;font-size:12px;color:var(--dim)}
.bad,.minus{color:var(--bad)}.good,.plus{color:var(--good)}.dim{color:var(--dim)}
details{border-bottom:1px solid var(--line);content-visibility:auto;contain-intrinsic-size:auto 2rem}
summary{cursor:pointer;padding:.25rem 0}
details>div{padding:.2rem 0 .8rem 1.2rem}
input{font:inherit;width:100%;max-width:30rem;padding:.4rem .6rem;border:1px solid var(--line);
border-radius:.4rem;background:var(--panel);color:inherit}
svg.tree{width:100%;height:auto;background:var(--panel);border-radius:.5rem}
.tree .row{stroke:var(--line);stroke-width:1}
.tree text{fill:var(--dim);font:11px system-ui,sans-serif}
.tree .level{text-anchor:end}
.tree .name{fill:var(--ink);font-size:12px}
.tree path.same{fill:var(--same);fill-opacity:.45}
.tree path.moved{fill:var(--shift);fill-opacity:.4}
.tree path.shared{fill:none;stroke:var(--same);stroke-width:1}
.tree path.different{fill:none;stroke:var(--bad);stroke-width:1.6}
.tree path.shifted{fill:none;stroke:var(--shift);stroke-width:1}
.tree .leader{fill:none;stroke:var(--dim);stroke-width:.8}
.tree circle.different{fill:var(--bad)}.tree circle.shifted{fill:var(--shift)}
.tree .leaf.same{fill:var(--same);fill-opacity:1}.tree .leaf.different{fill:var(--bad);stroke:none}
.tree .leaf.shifted{fill:var(--shift);stroke:none}
.legend span{margin-right:1.4rem}.legend i{display:inline-block;width:.8rem;height:.8rem;
border-radius:.15rem;margin-right:.35rem;vertical-align:-.08rem}
[hidden]{display:none}
)";

/// Only makes finding a module quicker; without it the list below is all there, and the browser's
/// own search opens what it finds.
constexpr std::string_view kScript = R"(
(function(){var box=document.getElementById('search');if(!box)return;box.parentNode.hidden=false;
var all=[].slice.call(document.querySelectorAll('#modules details')),none=document.getElementById('none');
box.addEventListener('input',function(){var want=box.value.trim().toLowerCase().replace(/-/g,'_'),n=0,one;
all.forEach(function(d){var hit=d.dataset.name.toLowerCase().replace(/-/g,'_').indexOf(want)>=0;
d.hidden=!hit;if(hit){n++;one=d}});none.hidden=n>0;if(n===1)one.open=true})})();
)";

/// The leaves of A, each compared with B's at its position.
std::vector<PictureLeaf> picture_leaves(const DiffReport& report, const DiffOptions& options) {
  const std::size_t count = report.a.leaves.size();
  std::vector<PictureLeaf> leaves(count);
  // A module owns as many leaves as its tree has variants.
  const std::size_t variants = report.a.modules == 0 ? 1 : count / report.a.modules;
  const auto fill = [&](std::uint32_t position, const PictureLeaf& leaf) {
    for (std::size_t i = position; i < std::min(count, position + variants); ++i) {
      leaves[i] = leaf;
    }
  };
  for (const ModulePair& pair : report.pairs) {
    fill(pair.position_a,
         {.state = is_different(pair, options) ? LeafState::different : LeafState::same,
          .name = pair.name});
  }
  for (const LoneModule& module : report.gone) {
    fill(module.position, {.state = LeafState::different, .name = module.name});
  }
  if (!report.b.leaves.empty()) {
    for (std::size_t i = 0; i < count; ++i) {
      const bool same = i < report.b.leaves.size() && report.a.leaves[i] == report.b.leaves[i];
      if (!same && leaves[i].state == LeafState::same) {
        leaves[i].state = LeafState::shifted;
      }
    }
  }
  return leaves;
}

std::string tags(const FileDifference& difference) {
  std::string text;
  for (const DiffGuess& guess : difference.guesses) {
    text += fmt::format("<span class=\"tag\">{}</span>", name_of(guess.cause));
  }
  return text;
}

std::string html_lines(const std::vector<std::string>& lines) {
  if (lines.empty()) {
    return {};
  }
  std::string text = "<pre>";
  for (const std::string& line : lines) {
    const std::string_view style = line.starts_with("- ")   ? "minus"
                                   : line.starts_with("+ ") ? "plus"
                                                            : "dim";
    text += fmt::format("<span class=\"{}\">{}</span>\n", style, html_text(line));
  }
  text.pop_back();
  return text + "</pre>";
}

std::string html_difference(const FileDifference& difference) {
  std::string text;
  for (const DiffGuess& guess : difference.guesses) {
    text += fmt::format("<p><b>{}</b>: {}</p>", name_of(guess.cause), html_text(guess.evidence));
  }
  if (!difference.sections.empty() || difference.debug.sections > 0) {
    text += "<table><tr><th>section</th><th>difference</th></tr>\n";
    for (const SectionDifference& section : difference.sections) {
      text +=
          fmt::format("<tr><td class=\"mono\">{}</td><td>{}{}</td></tr>\n", html_text(section.name),
                      section_text(section), html_lines(section.lines));
    }
    if (difference.debug.sections > 0) {
      text += fmt::format("<tr><td class=\"mono\">.debug_*</td><td>{}</td></tr>\n",
                          debug_text(difference.debug));
    }
    text += "</table>";
  }
  if (!difference.unreadable.empty()) {
    text += fmt::format("<p>{}</p>", html_text(difference.unreadable));
  }
  if (difference.offset) {
    text += fmt::format("<p>first difference at offset {} of the file</p>", *difference.offset);
  }
  return text;
}

class Page {
 public:
  Page(const DiffReport& report, const DiffOptions& options)
      : report_(report),
        options_(options),
        counts_(count(report, options)),
        leaves_(picture_leaves(report, options)) {}

  std::string make() {
    const bool same = is_same(report_, options_);
    text_ = fmt::format(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
        "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n"
        "<title>{}: {} and {}</title>\n<style>{}</style></head><body>\n"
        "<h1>Two builds compared <span class=\"verdict {}\">{}</span></h1>\n",
        same ? "Same" : "Different", html_text(report_.a.path), html_text(report_.b.path), kStyle,
        same ? "good" : "", same ? "same" : "different");
    add_sides();
    add_counts();
    add_causes();
    add_picture();
    add_lists();
    add_kernel();
    add_different();
    add_modules();
    text_ += fmt::format(
        "<p class=\"dim\">Made by {}. A module is the same if its payload is: the file without its "
        "Merkle trailer.</p>\n<script>{}</script>\n</body></html>\n",
        version_text(), kScript);
    return std::move(text_);
  }

 private:
  void add_sides() {
    text_ += "<table><tr><th></th><th>build</th><th>root</th></tr>\n";
    for (const auto& [name, side] : {std::pair{"A", &report_.a}, std::pair{"B", &report_.b}}) {
      text_ += fmt::format(
          "<tr><th>{}</th><td class=\"mono\">{}</td><td class=\"mono{}\">{}</td></tr>\n", name,
          html_text(side->path), report_.same_root() ? " good" : "",
          side->root ? to_text(*side->root) : "not known");
    }
    text_ += "</table>\n";
  }

  void add_counts() {
    text_ += "<div class=\"counts\">";
    const auto add = [&](std::size_t number, std::string_view what, std::string_view style,
                         bool always) {
      if (number > 0 || always) {
        text_ += fmt::format("<div><b class=\"{}\">{}</b>{}</div>", number > 0 ? style : "", number,
                             what);
      }
    };
    add(report_.a.modules, "modules in A", "", true);
    add(report_.b.modules, "modules in B", "", true);
    add(counts_.same, "same", "good", true);
    add(counts_.different, "different", "bad", true);
    add(report_.added.size(), "added", "bad", false);
    add(report_.gone.size(), "gone", "bad", false);
    add(counts_.renamed, "renamed", "bad", false);
    add(counts_.moved, "moved", "bad", false);
    add(counts_.unknown, "not compared", "bad", false);
    text_ += "</div>\n";
  }

  void add_causes() {
    const auto causes = summarise_causes(report_, options_);
    if (causes.empty()) {
      return;
    }
    text_ +=
        "<h2>Likely causes</h2>\n<table><tr><th>cause</th><th>where</th><th>evidence</th></tr>\n";
    for (const CauseSummary& cause : causes) {
      std::string where = cause.modules == 0 ? "" : count_of(cause.modules, "module");
      if (cause.kernel) {
        where += where.empty() ? "vmlinux" : " and vmlinux";
      }
      text_ += fmt::format("<tr><td><b>{}</b></td><td>{}</td><td><code>{}</code>: {}</td></tr>\n",
                           name_of(cause.cause), where, html_text(cause.example),
                           html_text(cause.evidence));
    }
    text_ += "</table>\n";
  }

  void add_picture() {
    if (leaves_.empty()) {
      return;
    }
    text_ += fmt::format("<h2>Tree of A: {} leaves, {} levels</h2>\n", leaves_.size(),
                         levels_for(leaves_.size()));
    text_ += tree_picture(leaves_);
    const bool shifted = std::any_of(leaves_.begin(), leaves_.end(), [](const PictureLeaf& leaf) {
      return leaf.state == LeafState::shifted;
    });
    text_ +=
        "<p class=\"legend dim\"><span><i style=\"background:var(--same)\"></i>leaves and subtrees "
        "that both builds share</span><span><i style=\"background:var(--bad)\"></i>modules that "
        "differ or are gone, and their paths to the root</span>";
    if (shifted) {
      text_ +=
          "<span><i style=\"background:var(--shift)\"></i>the same module at another position, "
          "which is part of its leaf</span>";
    }
    text_ += "</p>\n";
  }

  void add_lists() {
    const auto list = [&](std::string_view title, const std::vector<std::string>& items) {
      if (items.empty()) {
        return;
      }
      text_ += fmt::format("<h2>{}</h2>\n<p class=\"mono\">", title);
      for (std::size_t i = 0; i < items.size(); ++i) {
        text_ += (i == 0 ? "" : ", ") + items[i];
      }
      text_ += "</p>\n";
    };
    const auto names = [](const std::vector<LoneModule>& modules) {
      std::vector<std::string> items;
      items.reserve(modules.size());
      for (const LoneModule& module : modules) {
        items.push_back(html_text(module.name));
      }
      return items;
    };
    list("Only in A", names(report_.gone));
    list("Only in B", names(report_.added));
    std::vector<std::string> renamed;
    std::vector<std::string> moved;
    for (const ModulePair& pair : report_.pairs) {
      if (pair.name != pair.name_b) {
        renamed.push_back(
            fmt::format("{} &rarr; {}", html_text(pair.name), html_text(pair.name_b)));
      }
      if (pair.moved) {
        moved.push_back(fmt::format("{} ({} &rarr; {})", html_text(pair.name), pair.position_a,
                                    pair.position_b));
      }
    }
    list("Renamed", renamed);
    list("Moved in the order", moved);
  }

  void add_kernel() {
    const std::string line = kernel_line(report_, options_);
    if (line.empty()) {
      return;
    }
    text_ += fmt::format("<h2>vmlinux</h2>\n<p{}>{}</p>\n",
                         report_.kernels_compared && !is_kernel_different(report_, options_)
                             ? " class=\"good\""
                             : "",
                         html_text(line));
    if (report_.kernel && is_kernel_different(report_, options_)) {
      text_ += html_difference(*report_.kernel);
    }
  }

  void add_different() {
    if (counts_.different == 0) {
      return;
    }
    text_ += fmt::format("<h2>Different modules ({})</h2>\n", counts_.different);
    for (const ModulePair& pair : report_.pairs) {
      if (!is_different(pair, options_)) {
        continue;
      }
      if (!pair.difference) {
        text_ += fmt::format("<p class=\"mono\">{}</p>\n", html_text(pair.name));
        continue;
      }
      const std::string only = only_text(*pair.difference);
      text_ +=
          fmt::format("<details{}><summary><code>{}</code>{}{}</summary><div>{}</div></details>\n",
                      counts_.different <= 3 ? " open" : "", html_text(pair.name),
                      only.empty() ? "" : " " + only, tags(*pair.difference),
                      html_difference(*pair.difference));
    }
  }

  void add_modules() {
    if (leaves_.empty()) {
      return;
    }
    text_ +=
        "<h2>All modules of A and their proofs</h2>\n"
        "<p hidden><input id=\"search\" type=\"search\" placeholder=\"name of a module\" "
        "aria-label=\"Search a module\"></p>\n"
        "<p id=\"none\" class=\"dim\" hidden>no module of that name</p>\n"
        "<p class=\"dim\">A proof is the sibling on each level, from the leaf to the root.";
    const bool both = report_.b.leaves.size() == report_.a.leaves.size();
    if (both && !report_.same_root()) {
      text_ += " Siblings that B does not share are red.";
    }
    text_ += "</p>\n<div id=\"modules\">\n";
    const Tree tree_a(report_.a.leaves);
    const Tree tree_b(both ? report_.b.leaves : std::vector<Digest>{});
    for (std::size_t i = 0; i < leaves_.size(); ++i) {
      const auto position = static_cast<std::uint32_t>(i);
      const Proof proof = tree_a.proof(position);
      const Proof other = both ? tree_b.proof(position) : Proof{};
      const PictureLeaf& leaf = leaves_[i];
      const std::string name = html_text(leaf.name);
      text_ += fmt::format(
          "<details data-name=\"{0}\"><summary><code class=\"{1}\">{0}</code> <span class=\"dim\">"
          "position {2}</span></summary><div><pre>leaf  {3}\n",
          name, leaf.state == LeafState::different ? "bad" : "", position,
          to_hex(report_.a.leaves[i]));
      for (std::size_t level = 0; level < proof.siblings.size(); ++level) {
        const std::string hash = to_hex(proof.siblings[level]);
        if (both && other.siblings[level] != proof.siblings[level]) {
          text_ += fmt::format("{:>4}  <span class=\"bad\">{}</span>\n", level, hash);
        } else {
          text_ += fmt::format("{:>4}  {}\n", level, hash);
        }
      }
      text_ += "</pre></div></details>\n";
    }
    text_ += "</div>\n";
  }

  const DiffReport& report_;
  const DiffOptions& options_;
  DiffCounts counts_;
  std::vector<PictureLeaf> leaves_;
  std::string text_;
};

}  // namespace

std::string html_text(std::string_view text) {
  std::string result;
  while (!text.empty()) {
    const std::size_t length = utf8_sequence_length(text);
    const auto first = static_cast<unsigned char>(text.front());
    if (length == 0 || (length == 1 && (first < 0x20 || first == 0x7F))) {
      result += fmt::format("\\x{:02x}", first);
      text.remove_prefix(1);
      continue;
    }
    switch (first) {
      case '&':
        result += "&amp;";
        break;
      case '<':
        result += "&lt;";
        break;
      case '>':
        result += "&gt;";
        break;
      case '"':
        result += "&quot;";
        break;
      default:
        result += text.substr(0, length);
    }
    text.remove_prefix(length);
  }
  return result;
}

std::string html_page(const DiffReport& report, const DiffOptions& options) {
  return Page(report, options).make();
}

}  // namespace modproof::cli
