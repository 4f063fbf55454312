// SPDX-License-Identifier: LGPL-2.1-or-later
// Running another program.
#include "base/program.h"

#include <atomic>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "support/expect.h"
#include "support/folder.h"

namespace modproof::test {
namespace {

Status shell(const std::string& script) { return run_program({"sh", "-c", script}, "a.ko"); }

TEST(Program, SuccessIsSuccess) { EXPECT_TRUE(run_program({"true"}, "").has_value()); }

TEST(Program, AnExitStatusIsAnErrorThatHoldsTheComplaint) {
  const Error error = error_of(shell("echo 'no such section' >&2; exit 3"));
  EXPECT_EQ(error.kind, ErrorKind::program);
  EXPECT_EQ(error.path, "a.ko");
  EXPECT_EQ(error.message, "sh: exit status 3: no such section");
}

TEST(Program, ASignalIsAnError) {
  EXPECT_EQ(error_of(shell("kill -TERM $$")).message, "sh: ended by signal 15");
}

TEST(Program, WhatDoesNotExistIsAnError) {
  const Folder folder;
  const Error error = error_of(run_program({folder / "none"}, "a.ko"));
  EXPECT_EQ(error.kind, ErrorKind::program);
  EXPECT_EQ(error.message, folder / "none" + ": No such file or directory");
  expect_error(run_program({"no-such-program-here"}, ""), ErrorKind::program);
  expect_error(run_program({""}, ""), ErrorKind::program);
  expect_error(run_program({"/dev/null"}, ""), ErrorKind::program);
  expect_error(run_program({}, ""), ErrorKind::usage);
}

TEST(Program, StandardOutputIsThrownAwayAndInputIsEmpty) {
  EXPECT_TRUE(shell("echo noise; test -z \"$(cat)\"").has_value());
}

TEST(Program, AComplaintOfAnyLengthIsReadAndCut) {
  const Error error = error_of(shell("yes 'a long complaint' | head -c 1000000 >&2; exit 1"));
  EXPECT_LT(error.message.size(), 10000U);
}

TEST(Program, ManyRunAtOnce) {
  const Folder folder;
  std::vector<std::thread> threads;
  std::atomic<int> failed{0};
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&, i] {
      const std::string want =
          "sh: exit status " + std::to_string(i + 1) + ": thread " + std::to_string(i);
      const Status status =
          shell("echo thread " + std::to_string(i) + " >&2; exit " + std::to_string(i + 1));
      failed += status || status.error().message != want ? 1 : 0;
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  EXPECT_EQ(failed, 0);
}

TEST(Program, AFailureIsNoticedEvenWhereChildrenAreReapedByTheSystem) {
  // A process inherits the disposition of SIGCHLD; with SIG_IGN the kernel keeps no exit status,
  // and a status that is not known is no success.
  const auto old = std::signal(SIGCHLD, SIG_IGN);
  const Status status = shell("exit 3");
  std::signal(SIGCHLD, old);
  expect_error(status, ErrorKind::program);
}

TEST(ProgramPath, IsTheFileThatWouldRun) {
  const Folder folder;
  const std::string path = folder.write("first/tool", {});
  folder.write("second/tool", {});
  ASSERT_EQ(::chmod(path.c_str(), 0755), 0);
  ASSERT_EQ(::chmod((folder / "second/tool").c_str(), 0755), 0);
  const std::string before = std::getenv("PATH");
  ::setenv("PATH", (folder / "none:" + folder / "first:" + folder / "second").c_str(), 1);
  EXPECT_EQ(program_path("tool"), path);
  EXPECT_EQ(program_path("other"), "");
  EXPECT_EQ(program_path("./tool"), "./tool");
  ASSERT_EQ(::chmod(path.c_str(), 0644), 0);
  EXPECT_EQ(program_path("tool"), folder / "second/tool");
  // A directory of that name is no program, and an empty place is the current directory.
  folder.write("third/tool/file", {});
  ::setenv("PATH", (folder / "third:" + folder / "second").c_str(), 1);
  EXPECT_EQ(program_path("tool"), folder / "second/tool");
  ::setenv("PATH", ":/bin", 1);
  const auto directory = std::filesystem::current_path();
  std::filesystem::current_path(folder / "second");
  EXPECT_EQ(program_path("tool"), "./tool");
  std::filesystem::current_path(directory);
  ::setenv("PATH", before.c_str(), 1);
}

TEST(SplitWords, BlanksSeparate) {
  using Words = std::vector<std::string>;
  EXPECT_EQ(split_words(""), Words());
  EXPECT_EQ(split_words(" \t\n "), Words());
  EXPECT_EQ(split_words("strip"), Words{"strip"});
  EXPECT_EQ(split_words("  /opt/x/strip\t-p  -v\n"), (Words{"/opt/x/strip", "-p", "-v"}));
}

TEST(Program, AnAnswerHasOutputComplaintAndExitStatus) {
  const Folder folder;
  const std::string input = folder.write("input", ByteVector{'h', 'i'});
  const ProgramAnswer answer =
      value_of(ask_program({"sh", "-c", "cat; echo no >&2; exit 4"}, "a.ko", input));
  EXPECT_EQ(answer.exit_status, 4);
  EXPECT_EQ(answer.output, "hi");
  EXPECT_EQ(answer.complaint, "no");
}

TEST(Program, AnAnswerIsBounded) {
  const char* script = "yes | head -c 1000000; yes | head -c 1000000 >&2";
  const ProgramAnswer answer = value_of(ask_program({"sh", "-c", script}, ""));
  EXPECT_EQ(answer.output.size(), 65536U);
  EXPECT_EQ(answer.complaint.size(), 1999U);  // the newline at its end is gone
}

}  // namespace
}  // namespace modproof::test
