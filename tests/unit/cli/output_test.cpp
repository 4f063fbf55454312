// SPDX-License-Identifier: LGPL-2.1-or-later
// What goes to standard output and what to standard error, as text and as JSON.
#include "cli/output.h"

#include <algorithm>
#include <cstdio>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "cli/verdict.h"

namespace modproof::cli::test {
namespace {

/// An Output set up as the command line `arguments` would.
class Sink {
 public:
  explicit Sink(std::vector<std::string> arguments) {
    output_.configure(app_, "check");
    std::reverse(arguments.begin(), arguments.end());
    app_.parse(arguments);
  }
  Output& operator*() { return output_; }
  Output* operator->() { return &output_; }

 private:
  CLI::App app_;
  Output output_;
};

/// What `work` prints to standard output and to standard error.
template <typename Work>
std::pair<std::string, std::string> printed(Work work) {
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  work();
  std::fflush(stdout);
  std::string out = testing::internal::GetCapturedStdout();
  return {std::move(out), testing::internal::GetCapturedStderr()};
}

const Error kError{ErrorKind::malformed, "not a module", "a\nb.ko", 7};

TEST(Output, TextGoesToOutputAndErrorsToStandardError) {
  const auto [out, err] = printed([] {
    Sink sink({});
    sink->line("data");
    sink->note("by the way");
    sink->error(kError);
    EXPECT_EQ(sink->finish(Exit::well), Exit::not_done);
  });
  EXPECT_EQ(out, "data\n");
  EXPECT_EQ(err, "modproof: by the way\nmodproof: a\\x0ab.ko: offset 7: not a module\n");
}

TEST(Output, QuietDropsNotesButNoErrors) {
  const auto [out, err] = printed([] {
    Sink sink({"-q"});
    EXPECT_TRUE(sink->quiet());
    sink->note("by the way");
    EXPECT_EQ(sink->fail_with(kError), Exit::not_done);
  });
  EXPECT_EQ(out, "");
  EXPECT_NE(err, "");
}

TEST(Output, TheExitStatusIsThatOfTheCommandWhereNothingFailed) {
  for (const Exit exit : {Exit::well, Exit::refused, Exit::not_done}) {
    Sink sink({});
    EXPECT_EQ(sink->finish(exit), exit);
  }
}

TEST(Output, JsonIsOneDocumentAndNothingElse) {
  for (const std::vector<std::string>& arguments :
       {std::vector<std::string>{"--json"}, {"--format", "json"}, {"--format=json"}}) {
    const auto [out, err] = printed([&] {
      Sink sink(arguments);
      sink->line("not shown");
      sink->document()["answer"] = 42;
      EXPECT_EQ(sink->finish(Exit::refused), Exit::refused);
    });
    const Json document = Json::parse(out);
    EXPECT_EQ(document["schema_version"], 1);
    EXPECT_EQ(document["command"], "check");
    EXPECT_EQ(document["status"], "refused");
    EXPECT_EQ(document["exit_status"], 1);
    EXPECT_EQ(document["answer"], 42);
    EXPECT_EQ(document["errors"], Json::array());
    EXPECT_EQ(err, "");
  }
}

TEST(Output, JsonHoldsTheErrors) {
  const auto [out, err] = printed([] { static_cast<void>(Sink({"--json"})->fail_with(kError)); });
  const Json document = Json::parse(out);
  EXPECT_EQ(document["status"], "error");
  EXPECT_EQ(document["exit_status"], 2);
  EXPECT_EQ(
      document["errors"][0],
      (Json{
          {"kind", "malformed"}, {"message", "not a module"}, {"path", "a\nb.ko"}, {"offset", 7}}));
  EXPECT_NE(err, "") << "people see it, too";
}

TEST(Output, JsonIsUtf8WhateverTheNames) {
  const auto [out, err] = printed([] {
    Sink sink({"--json"});
    sink->document()["path"] = "a\xff.ko";
    static_cast<void>(sink->finish(Exit::well));
  });
  EXPECT_EQ(Json::parse(out)["path"], "a\xEF\xBF\xBD.ko");
}

TEST(Output, ColoursOnlyWhereWanted) {
  EXPECT_EQ(Sink({"--color", "never"})->paint(Paint::bad, "x"), "x");
  EXPECT_EQ(Sink({"--color=always"})->paint(Paint::bad, "x"), "\033[31mx\033[0m");
  EXPECT_EQ(Sink({"--color=always"})->paint(Paint::good, "x"), "\033[32mx\033[0m");
  const auto [out, err] = printed([] { EXPECT_EQ(Sink({})->paint(Paint::bad, "x"), "x"); });
}

TEST(Output, NonsenseIsRefused) {
  EXPECT_THROW(Sink({"--format", "xml"}), CLI::ParseError);
  EXPECT_THROW(Sink({"--color", "maybe"}), CLI::ParseError);
}

TEST(VerdictLine, HoldsPathReasonOffsetAndDetail) {
  Sink sink({});
  Verdict verdict;
  verdict.path = "a.ko";
  verdict.name = "a";
  EXPECT_EQ(line_of(verdict, *sink), "a.ko: accepted");
  verdict.reason = Reason::malformed_trailer;
  verdict.offset = 12;
  verdict.detail = "cut off";
  EXPECT_EQ(line_of(verdict, *sink), "a.ko: malformed-trailer: offset 12: cut off");
  verdict.path.clear();
  EXPECT_EQ(line_of(verdict, *sink), "a: malformed-trailer: offset 12: cut off");
}

TEST(VerdictDocument, HoldsWhatIsKnown) {
  Verdict verdict;
  verdict.name = "a";
  EXPECT_EQ(document_of(verdict), (Json{{"name", "a"}, {"reason", "accepted"}}));
  verdict.path = "a.ko";
  verdict.position = 4;
  verdict.level = 2;
  verdict.leads_to = Root{};
  const Json document = document_of(verdict);
  EXPECT_EQ(document["position"], 4);
  EXPECT_EQ(document["level"], 2);
  EXPECT_EQ(document["leads_to"], "sha256:0:" + std::string(64, '0'));
}

}  // namespace
}  // namespace modproof::cli::test
