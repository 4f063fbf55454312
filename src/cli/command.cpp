// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cli/command.h"

#include <array>

namespace modproof::cli {
namespace {

constexpr std::array<CommandEntry, 12> kCommands{{
    {"tree", "hash modules and write their tree file", &make_tree_command},
    {"patch", "write the root of a tree file into a vmlinux", &make_patch_command},
    {"attach", "append proofs to modules", &make_attach_command},
    {"detach", "remove proofs from modules", &make_detach_command},
    {"seal", "tree, attach and patch in one step", &make_seal_command},
    {"verify", "check modules as the kernel would", &make_verify_command},
    {"info", "show what a file is and holds", &make_info_command},
    {"explain", "say why a module is or would be refused", &make_explain_command},
    {"diff", "compare two builds and say where they differ", &make_diff_command},
    {"manifest", "write down a build as text", &make_manifest_command},
    {"lint", "find what keeps a kernel from being rebuilt", &make_lint_command},
    {"attest", "sign what was built and compared, or check it", &make_attest_command},
}};

/// Columns of the left half of a help text; with descriptions of at most 50 characters no line is
/// longer than 80.
constexpr std::size_t kHelpColumn = 29;

std::string refuse_empty(const std::string& value) {
  return value.empty() ? "the value is empty" : "";
}

}  // namespace

std::span<const CommandEntry> commands() { return kCommands; }

const char* version_text() { return "modproof " MODPROOF_VERSION; }

void configure_all(CLI::App& app, std::vector<std::unique_ptr<Command>>& made,
                   std::string_view only) {
  app.description("Authenticates Linux kernel modules by hash instead of by signature.");
  app.name("modproof");
  app.get_formatter()->column_width(kHelpColumn);
  app.get_formatter()->label("SUBCOMMAND", "COMMAND");
  app.set_help_flag("-h,--help", "show this help and exit");
  app.set_version_flag("--version", version_text(), "show the version and exit");
  app.require_subcommand(1);
  app.footer(
      "Exit status: 0 all well, 1 something is refused or different, 2 not done.\n"
      "`modproof COMMAND --help` shows the options of a command.");
  for (const CommandEntry& entry : commands()) {
    CLI::App* sub = app.add_subcommand(entry.name, entry.summary)->group("Commands");
    made.push_back(entry.make());
    if (!only.empty() && only != entry.name) {
      continue;
    }
    made.back()->configure(*sub);
    for (CLI::Option* option : sub->get_options()) {
      if (option->get_items_expected_max() > 0) {
        // An empty variable in a script must not turn `--kernel "$K"` into no --kernel at all.
        option->check(refuse_empty, "", "");
      }
    }
  }
}

}  // namespace modproof::cli
