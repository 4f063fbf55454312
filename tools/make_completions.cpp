// SPDX-License-Identifier: LGPL-2.1-or-later
// Prints the completion of modproof for a shell: make_completions bash|zsh|fish.
//
// Commands and options are read from the CLI11 application that the tool parses its command line
// with, so a new option is completed without a second list of it.
#include <array>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/core.h>

#include "cli/command.h"

namespace {

/// What the argument of an option is, told by the type name in the help text.
enum class Argument { none, file, directory, words, text };

struct Option {
  std::vector<std::string> shorts;  // without the dash
  std::vector<std::string> longs;   // without the dashes
  std::string description;
  Argument argument = Argument::none;
  std::vector<std::string> words;
};

/// The words that an option takes, where they are few and fixed.
std::vector<std::string> words_of(const std::string& name) {
  if (name == "format") {
    return {"human", "json"};
  }
  if (name == "color") {
    return {"auto", "always", "never"};
  }
  if (name == "variant") {
    return {"strip"};
  }
  return {};
}

Argument argument_of(const CLI::Option& option) {
  if (option.get_items_expected_max() == 0) {
    return Argument::none;
  }
  const std::string type = option.get_type_name();
  if (type == "FILE" || type == "VMLINUX" || type == "PATH" || type == "PROGRAM") {
    return Argument::file;
  }
  return type == "DIR" ? Argument::directory : Argument::text;
}

std::vector<Option> options_of(const CLI::App& app) {
  std::vector<Option> options;
  for (const CLI::Option* option : app.get_options()) {
    if (option->get_snames().empty() && option->get_lnames().empty()) {
      continue;  // a positional argument: files, which shells complete by themselves
    }
    Option result{.shorts = option->get_snames(),
                  .longs = option->get_lnames(),
                  .description = option->get_description(),
                  .argument = argument_of(*option),
                  .words = {}};
    if (!result.longs.empty()) {
      result.words = words_of(result.longs.front());
    }
    if (!result.words.empty()) {
      result.argument = Argument::words;
    }
    options.push_back(std::move(result));
  }
  return options;
}

std::vector<std::string> spellings(const Option& option) {
  std::vector<std::string> all;
  for (const std::string& name : option.shorts) {
    all.push_back("-" + name);
  }
  for (const std::string& name : option.longs) {
    all.push_back("--" + name);
  }
  return all;
}

std::string join(const std::vector<std::string>& words, std::string_view separator) {
  std::string text;
  for (const std::string& word : words) {
    text += (text.empty() ? "" : std::string(separator)) + word;
  }
  return text;
}

/// `text` with each of `special` behind a backslash.
std::string escape(std::string_view text, std::string_view special) {
  std::string result;
  for (const char c : text) {
    if (special.find(c) != std::string_view::npos) {
      result += '\\';
    }
    result += c;
  }
  return result;
}

void print_bash(const CLI::App& app) {
  fmt::print(
      "# SPDX-License-Identifier: LGPL-2.1-or-later\n"
      "# bash completion for modproof; made by tools/make_completions.cpp\n"
      "_modproof() {{\n"
      "  local current=${{COMP_WORDS[COMP_CWORD]}} previous=${{COMP_WORDS[COMP_CWORD-1]}}\n"
      "  local command='' word\n"
      "  for word in \"${{COMP_WORDS[@]:1:COMP_CWORD-1}}\"; do\n"
      "    if [[ $word != -* ]]; then command=$word; break; fi\n"
      "  done\n"
      "  COMPREPLY=()\n"
      "  case $command:$previous in\n");
  std::vector<std::string> names;
  for (const CLI::App* sub : app.get_subcommands({})) {
    names.push_back(sub->get_name());
    for (const Option& option : options_of(*sub)) {
      if (option.argument == Argument::none) {
        continue;
      }
      std::vector<std::string> patterns;
      for (const std::string& spelling : spellings(option)) {
        patterns.push_back(sub->get_name() + ":" + spelling);
      }
      const std::string how =
          option.argument == Argument::words
              ? fmt::format("compgen -W '{}' -- \"$current\"", join(option.words, " "))
          : option.argument == Argument::file      ? "compgen -f -- \"$current\""
          : option.argument == Argument::directory ? "compgen -d -- \"$current\""
                                                   : "";
      fmt::print("    {})\n", join(patterns, "|"));
      if (!how.empty()) {
        fmt::print("      mapfile -t COMPREPLY < <({})\n", how);
      }
      fmt::print("      return ;;\n");
    }
  }
  fmt::print("  esac\n  case $command in\n");
  std::vector<std::string> top = names;
  for (const Option& option : options_of(app)) {
    for (const std::string& spelling : spellings(option)) {
      top.push_back(spelling);
    }
  }
  fmt::print("    '') mapfile -t COMPREPLY < <(compgen -W '{}' -- \"$current\"); return ;;\n",
             join(top, " "));
  for (const CLI::App* sub : app.get_subcommands({})) {
    std::vector<std::string> all;
    for (const Option& option : options_of(*sub)) {
      for (const std::string& spelling : spellings(option)) {
        all.push_back(spelling);
      }
    }
    fmt::print("    {}) word='{}' ;;\n", sub->get_name(), join(all, " "));
  }
  fmt::print(
      "    *) return ;;\n"
      "  esac\n"
      "  if [[ $current == -* ]]; then\n"
      "    mapfile -t COMPREPLY < <(compgen -W \"$word\" -- \"$current\")\n"
      "  else\n"
      "    mapfile -t COMPREPLY < <(compgen -f -- \"$current\")\n"
      "  fi\n"
      "}}\n"
      "complete -o filenames -F _modproof modproof\n");
}

void print_zsh(const CLI::App& app) {
  constexpr std::string_view kSpecial = "[]:'\\`$";
  fmt::print(
      "#compdef modproof\n"
      "# SPDX-License-Identifier: LGPL-2.1-or-later\n"
      "# zsh completion for modproof; made by tools/make_completions.cpp\n"
      "local -a commands\n"
      "commands=(\n");
  for (const CLI::App* sub : app.get_subcommands({})) {
    fmt::print("  '{}:{}'\n", sub->get_name(), escape(sub->get_description(), "':"));
  }
  fmt::print(
      ")\n"
      "if (( CURRENT == 2 )); then\n"
      "  _describe command commands\n"
      "  _arguments '(- *)--help[show help]' '(- *)--version[show the version]'\n"
      "  return\n"
      "fi\n"
      "local command=${{words[2]}}\n"
      "shift words\n"
      "(( CURRENT-- ))\n"
      "case $command in\n");
  for (const CLI::App* sub : app.get_subcommands({})) {
    fmt::print("  {})\n    _arguments \\\n", sub->get_name());
    for (const Option& option : options_of(*sub)) {
      std::string action;
      switch (option.argument) {
        case Argument::none:
          break;
        case Argument::file:
          action = ":file:_files";
          break;
        case Argument::directory:
          action = ":directory:_files -/";
          break;
        case Argument::words:
          action = fmt::format(":word:({})", join(option.words, " "));
          break;
        case Argument::text:
          action = ":value:";
          break;
      }
      const auto all = spellings(option);
      const std::string description = escape(option.description, kSpecial);
      for (const std::string& spelling : all) {
        fmt::print("      '({}){}[{}]{}' \\\n", join(all, " "), spelling, description, action);
      }
    }
    fmt::print("      '*:file:_files' ;;\n");
  }
  fmt::print("esac\n");
}

void print_fish(const CLI::App& app) {
  fmt::print(
      "# SPDX-License-Identifier: LGPL-2.1-or-later\n"
      "# fish completion for modproof; made by tools/make_completions.cpp\n");
  std::vector<std::string> names;
  for (const CLI::App* sub : app.get_subcommands({})) {
    names.push_back(sub->get_name());
  }
  const auto print_option = [](const std::string& condition, const Option& option) {
    std::string line = fmt::format("complete -c modproof -n '{}'", condition);
    for (const std::string& name : option.shorts) {
      line += " -s " + name;
    }
    for (const std::string& name : option.longs) {
      line += " -l " + name;
    }
    switch (option.argument) {
      case Argument::none:
        break;
      case Argument::file:
      case Argument::directory:
        line += " -r -F";
        break;
      case Argument::words:
        line += fmt::format(" -x -a '{}'", join(option.words, " "));
        break;
      case Argument::text:
        line += " -x";
        break;
    }
    fmt::print("{} -d '{}'\n", line, escape(option.description, "'\\"));
  };
  for (const Option& option : options_of(app)) {
    print_option("__fish_use_subcommand", option);
  }
  for (const CLI::App* sub : app.get_subcommands({})) {
    fmt::print("complete -c modproof -f -n __fish_use_subcommand -a {} -d '{}'\n", sub->get_name(),
               escape(sub->get_description(), "'\\"));
    for (const Option& option : options_of(*sub)) {
      print_option("__fish_seen_subcommand_from " + sub->get_name(), option);
    }
  }
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app;
  std::vector<std::unique_ptr<modproof::cli::Command>> commands;
  modproof::cli::configure_all(app, commands);
  const std::string_view shell = argc == 2 ? argv[1] : "";
  if (shell == "bash") {
    print_bash(app);
  } else if (shell == "zsh") {
    print_zsh(app);
  } else if (shell == "fish") {
    print_fish(app);
  } else {
    fmt::print(stderr, "usage: make_completions bash|zsh|fish\n");
    return 2;
  }
  return 0;
}
