// SPDX-License-Identifier: LGPL-2.1-or-later
// modproof tree: hash modules, write the tree file.
#include <cstdlib>

#include <fmt/core.h>

#include "modproof/format/root_text.h"
#include "modproof/ops/discover.h"
#include "modproof/ops/make_tree.h"

#include "base/file.h"
#include "base/try.h"
#include "cli/command.h"
#include "cli/module_arguments.h"
#include "cli/output.h"
#include "cli/run_arguments.h"
#include "cli/text.h"

namespace modproof::cli {
namespace {

class TreeCommand : public Command {
 public:
  void configure(CLI::App& app) override {
    app.add_option("ORDER|DIR", input_, "modules.order (the default) or a directory")
        ->type_name("");
    app.add_option("-o,--output", output_file_, "tree file to write (modules.merkle)")
        ->type_name("FILE");
    auto* variant = app.add_option("--variant", variant_, "strip: add leaves of stripped modules")
                        ->type_name("NAME")
                        // The second is what info and manifests call it.
                        ->check(CLI::IsMember({"strip", "strip-debug"}).description(""));
    app.add_option("--strip-program", strip_program_, "what strips (default: $STRIP or strip)")
        ->type_name("PROGRAM")
        ->needs(variant);
    app.add_option("--extra", extra_, "module or directory from elsewhere; repeatable")
        ->type_name("PATH")
        ->allow_extra_args(false);
    app.add_flag("--no-cache", no_cache_, "hash all modules again");
    app.add_flag("--any-file", any_file_, "accept files that are not ELF modules");
    configure_change(app, no_sync_, nullptr);
    run_.configure(app);
    output_.configure(app, "tree");
  }

  Exit run() override {
    auto modules = discover();
    if (!modules) {
      return output_.fail_with(modules.error());
    }
    auto tree = make_tree(*modules,
                          {.strip_variant = !variant_.empty(),
                           .strip_program = strip_program(),
                           .cache_beside = no_cache_ ? "" : output_file_,
                           .any_file = any_file_},
                          run_.options(output_));
    if (!tree) {
      return output_.fail_with(better_error(tree.error()));
    }
    const auto written = write_tree(output_file_, *tree, !no_sync_);
    if (!written) {
      return output_.fail_with(written.error());
    }
    report(*tree, *written);
    return output_.finish(Exit::well);
  }

 private:
  /// A module that cannot be opened is best explained by the line that lists it, if that is why.
  [[nodiscard]] Error better_error(const Error& error) const {
    if (error.kind == ErrorKind::io && !is_directory(input_)) {
      if (const auto order = check_order(input_); !order) {
        return order.error();
      }
    }
    return error;
  }

  Result<std::vector<ModuleFile>> discover() {
    std::vector<ModuleFile> modules;
    if (is_directory(input_)) {
      MODPROOF_ASSIGN(directory, modules_in_directory(input_, run_.options(output_)));
      if (!directory.missing.empty()) {
        output_.note(
            fmt::format("{}: left out {} that modules.order lists but that cannot be found, "
                        "{} the first",
                        printable(input_), count_of(directory.missing.size(), "module"),
                        printable(directory.missing.front())));
      }
      note_links(directory.links, output_);
      modules = std::move(directory.modules);
    } else {
      MODPROOF_ASSIGN(listed, modules_of_order(input_));
      modules = std::move(listed);
    }
    MODPROOF_ASSIGN(extra, extra_modules(extra_));
    modules.insert(modules.end(), std::make_move_iterator(extra.begin()),
                   std::make_move_iterator(extra.end()));
    return modules;
  }

  [[nodiscard]] std::string strip_program() const {
    if (!strip_program_.empty()) {
      return strip_program_;
    }
    const char* program = std::getenv("STRIP");
    return program != nullptr && *program != '\0' ? program : "strip";
  }

  void report(const TreeFile& tree, bool written) {
    if (!output_.quiet()) {
      output_.line(fmt::format(
          "{}: {}, {}, root {}{}", printable(output_file_), count_of(tree.names.size(), "module"),
          tree.leaves.size() == 1 ? "1 leaf" : fmt::format("{} leaves", tree.leaves.size()),
          to_text(tree.root), written ? "" : " (unchanged)"));
    }
    Json& json = output_.document();
    json["tree"] = output_file_;
    json["modules"] = tree.names.size();
    json["leaves"] = tree.leaves.size();
    json["root"] = to_text(tree.root);
    json["written"] = written;
  }

  std::string input_ = "modules.order";
  std::string output_file_ = "modules.merkle";
  std::string variant_;
  std::string strip_program_;
  std::vector<std::string> extra_;
  bool no_cache_ = false;
  bool any_file_ = false;
  bool no_sync_ = false;
  RunArguments run_;
  Output output_;
};

}  // namespace

std::unique_ptr<Command> make_tree_command() { return std::make_unique<TreeCommand>(); }

}  // namespace modproof::cli
