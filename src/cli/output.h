// SPDX-License-Identifier: LGPL-2.1-or-later
// Where everything that a command says goes: data to standard output, as text or as one JSON
// document; messages to standard error.
#pragma once

#include <string>
#include <string_view>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "modproof/base/result.h"

#include "cli/command.h"

namespace modproof::cli {

using Json = nlohmann::ordered_json;

/// Version of every JSON document; grows when a key changes its meaning or goes away.
inline constexpr int kSchemaVersion = 1;

enum class Paint { good, bad, dim };

class Output {
 public:
  /// Adds --format, --json, --quiet, --verbose and --color to `app`. `command` is its name, for the
  /// JSON document.
  void configure(CLI::App& app, std::string command);

  [[nodiscard]] bool json() const { return json_ || format_ == "json"; }
  [[nodiscard]] bool quiet() const { return quiet_; }
  [[nodiscard]] bool verbose() const { return verbose_; }

  /// A line of data; nothing in JSON.
  void line(std::string_view text);

  /// `text` in colour, if standard output takes colours.
  [[nodiscard]] std::string paint(Paint paint, std::string_view text) const;

  /// A message for people on standard error: what went wrong.
  void error(const Error& error);

  /// A message for people on standard error: what is noteworthy. Nothing if quiet.
  void note(std::string_view text);

  /// The document that JSON output consists of, to be filled by the command.
  [[nodiscard]] Json& document() { return document_; }

  /// Ends the output: with JSON, the document with the errors reported so far. Gives the exit
  /// status: `exit`, or not_done if an error was reported or the output could not be written.
  [[nodiscard]] Exit finish(Exit exit);

  /// error() and finish() for a command that ends with `error`.
  [[nodiscard]] Exit fail_with(const Error& error);

 private:
  [[nodiscard]] bool colored() const;

  std::string command_;
  std::string format_ = "human";
  std::string color_ = "auto";
  bool json_ = false;
  bool quiet_ = false;
  bool verbose_ = false;
  bool failed_ = false;
  Json document_ = Json::object();
  Json errors_ = Json::array();
};

/// An error as a JSON object: kind, message, and path and offset where there are any.
[[nodiscard]] Json to_json(const Error& error);

/// Prints the document of a run that ended before or outside its command, with `error`.
void print_error_document(const Error& error);

}  // namespace modproof::cli
