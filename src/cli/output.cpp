// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cli/output.h"

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include <fmt/core.h>
#include <unistd.h>

#include "cli/progress.h"
#include "cli/text.h"

namespace modproof::cli {
namespace {

/// Two blanks a level, and bytes that are no UTF-8 replaced: paths may hold any bytes, JSON not.
std::string dump(const Json& document) {
  return document.dump(2, ' ', false, Json::error_handler_t::replace);
}

const char* status_of(Exit exit) {
  switch (exit) {
    case Exit::well:
      return "ok";
    case Exit::refused:
      return "refused";
    case Exit::not_done:
      return "error";
  }
  return "error";
}

Json document_of(const std::string& command, Exit exit, const Json& content, const Json& errors) {
  Json document = {{"schema_version", kSchemaVersion},
                   {"command", command},
                   {"status", status_of(exit)},
                   {"exit_status", static_cast<int>(exit)}};
  document.update(content);
  document["errors"] = errors;
  return document;
}

}  // namespace

void Output::configure(CLI::App& app, std::string command) {
  command_ = std::move(command);
  const std::string group = "Output";
  app.add_option("--format", format_, "human or json")
      ->type_name("FORMAT")
      ->check(CLI::IsMember({"human", "json"}).description(""))
      ->group(group);
  app.add_flag("--json", json_, "the same as --format json")->group(group);
  app.add_flag("-q,--quiet", quiet_, "print nothing but what is wrong")->group(group);
  app.add_flag("-v,--verbose", verbose_, "print more")->group(group);
  app.add_option("--color", color_, "auto, always or never")
      ->type_name("WHEN")
      ->check(CLI::IsMember({"auto", "always", "never"}).description(""))
      ->group(group);
}

bool Output::colored() const {
  if (color_ != "auto") {
    return color_ == "always";
  }
  const char* no_color = std::getenv("NO_COLOR");
  return ::isatty(STDOUT_FILENO) == 1 && (no_color == nullptr || *no_color == '\0');
}

std::string Output::paint(Paint paint, std::string_view text) const {
  if (!colored()) {
    return std::string(text);
  }
  const int code = paint == Paint::good ? 32 : paint == Paint::bad ? 31 : 2;
  return fmt::format("\033[{}m{}\033[0m", code, text);
}

void Output::line(std::string_view text) {
  if (!json()) {
    clear_progress();
    put(text);
    put("\n");
  }
}

void Output::error(const Error& error) {
  failed_ = true;
  errors_.push_back(to_json(error));
  clear_progress();
  complain(describe(error));
}

void Output::note(std::string_view text) {
  if (!quiet_) {
    clear_progress();
    complain(text);
  }
}

Exit Output::finish(Exit exit) {
  clear_progress();
  if (failed_) {
    exit = Exit::not_done;
  }
  if (json()) {
    put(dump(document_of(command_, exit, document_, errors_)) + "\n");
  }
  if (std::fflush(stdout) != 0 || std::ferror(stdout) != 0) {
    complain(fmt::format("cannot write to standard output: {}", std::strerror(errno)));
    return Exit::not_done;
  }
  return exit;
}

Exit Output::fail_with(const Error& error) {
  this->error(error);
  return finish(Exit::not_done);
}

Json to_json(const Error& error) {
  Json json = {{"kind", name_of(error.kind)}, {"message", error.message}};
  if (!error.path.empty()) {
    json["path"] = error.path;
  }
  if (error.offset) {
    json["offset"] = *error.offset;
  }
  return json;
}

void print_error_document(const Error& error) {
  const Json errors = Json::array({to_json(error)});
  put(dump(document_of("", Exit::not_done, Json::object(), errors)) + "\n");
}

}  // namespace modproof::cli
