// SPDX-License-Identifier: LGPL-2.1-or-later
// Many files hashed at once: the leaves are right at every edge of a buffer, and a file that
// changes meanwhile fails alone.
#include "ops/hash_modules.h"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <functional>
#include <map>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <unistd.h>

#include "modproof/format/trailer.h"
#include "modproof/merkle/tree.h"

#include "hash/reference.h"
#include "support/bytes.h"
#include "support/expect.h"
#include "support/folder.h"
#include "support/make_slots.h"

namespace modproof::test {
namespace {

/// Remembers everything, and lets a test do something at the start of a module or at a chunk.
class Recorder : public ModuleVisitor {
 public:
  std::function<void(std::size_t index)> at_begin = [](std::size_t) {};
  std::function<void(std::size_t index)> at_payload = [](std::size_t) {};

  Result<std::optional<std::uint32_t>> begin(std::size_t index, const OpenModule&,
                                             Bytes head) override {
    at_begin(index);
    const std::lock_guard lock(mutex_);
    heads[index] = head.size();
    return static_cast<std::uint32_t>(index);
  }
  Status payload(std::size_t index, Bytes chunk) override {
    at_payload(index);
    const std::lock_guard lock(mutex_);
    ByteVector& all = payloads[index];
    all.insert(all.end(), chunk.begin(), chunk.end());
    return {};
  }
  Status finish(std::size_t index, const OpenModule&, const Digest& leaf) override {
    const std::lock_guard lock(mutex_);
    leaves[index] = leaf;
    return {};
  }
  void failed(std::size_t index, Error error) override {
    const std::lock_guard lock(mutex_);
    errors[index] = std::move(error);
  }

  std::map<std::size_t, std::size_t> heads;
  std::map<std::size_t, ByteVector> payloads;
  std::map<std::size_t, Digest> leaves;
  std::map<std::size_t, Error> errors;

 private:
  std::mutex mutex_;
};

class HashModulesTest : public testing::Test {
 protected:
  void add(const ByteVector& bytes) {
    const std::string name = "m" + std::to_string(modules_.size());
    modules_.push_back({folder_.write(name + ".ko", bytes), name});
    contents_.push_back(bytes);
  }
  void add_noise(std::size_t size) {
    add(noise(size, static_cast<std::uint32_t>(modules_.size() + 1)));
  }

  [[nodiscard]] Digest expected(std::size_t index) const {
    const auto prefix = leaf_prefix(static_cast<std::uint32_t>(index));
    return evp_sha256(concat({prefix, contents_[index]}));
  }

  void expect_all_right(const Recorder& recorder) const {
    EXPECT_TRUE(recorder.errors.empty());
    ASSERT_EQ(recorder.leaves.size(), modules_.size());
    for (std::size_t i = 0; i < modules_.size(); ++i) {
      EXPECT_EQ(recorder.leaves.at(i), expected(i)) << contents_[i].size() << " bytes";
      EXPECT_EQ(recorder.payloads.at(i), contents_[i]) << i;
      EXPECT_EQ(recorder.heads.at(i), std::min<std::size_t>(contents_[i].size(), 64)) << i;
    }
  }

  Folder folder_;
  std::vector<ModuleFile> modules_;
  std::vector<ByteVector> contents_;
};

constexpr std::size_t kChunk = 65536;

TEST_F(HashModulesTest, EveryLengthAroundTheEdgesIsHashedRight) {
  for (std::size_t size = 0; size <= 200; ++size) {
    add_noise(size);
  }
  for (const std::size_t chunks : {1U, 2U, 3U}) {
    for (std::size_t around = 0; around <= 130; around += 13) {
      add_noise(chunks * kChunk - 65 + around);
    }
    for (const std::size_t around : {4U, 5U, 6U, 58U, 59U, 60U, 64U, 65U}) {
      add_noise(chunks * kChunk - around);
    }
  }
  for (const unsigned jobs : {1U, 3U}) {
    Recorder recorder;
    value_of(hash_modules(modules_, recorder, {.jobs = jobs}));
    expect_all_right(recorder);
  }
}

TEST_F(HashModulesTest, SmallAndLargeFilesShareLanes) {
  for (int i = 0; i < 40; ++i) {
    add_noise(i % 5 == 0 ? 300000 : static_cast<std::size_t>(i) * 31);
  }
  Recorder recorder;
  value_of(hash_modules(modules_, recorder, {.jobs = 1}));
  expect_all_right(recorder);
}

TEST_F(HashModulesTest, WithoutModulesNothingHappens) {
  Recorder recorder;
  value_of(hash_modules({}, recorder, {}));
  expect_all_right(recorder);
}

TEST_F(HashModulesTest, ATrailerIsNoPayloadWhereverTheChunksEnd) {
  // The trailer lies across the end of a chunk, or the payload ends with one.
  const ByteVector trailer = encode_trailer({.position = 0, .siblings = std::vector<Digest>(12)});
  for (std::size_t before = 0; before <= trailer.size() + 1; before += 3) {
    const ByteVector payload = noise(kChunk - before, 1);
    add(concat({payload, trailer}));
    contents_.back() = payload;
  }
  Recorder recorder;
  value_of(hash_modules(modules_, recorder, {.jobs = 1}));
  expect_all_right(recorder);
}

TEST_F(HashModulesTest, AFileThatShrinksFailsAlone) {
  for (int i = 0; i < 6; ++i) {
    add_noise(200000);
  }
  Recorder recorder;
  recorder.at_begin = [&](std::size_t index) {
    if (index == 3) {
      ASSERT_EQ(::truncate(modules_[3].path.c_str(), 100000), 0);
    }
  };
  value_of(hash_modules(modules_, recorder, {.jobs = 1}));
  ASSERT_EQ(recorder.errors.size(), 1U);
  EXPECT_EQ(recorder.errors.at(3).kind, ErrorKind::changed);
  EXPECT_EQ(recorder.errors.at(3).path, modules_[3].path);
  EXPECT_EQ(recorder.leaves.size(), 5U);
  EXPECT_EQ(recorder.leaves.at(4), expected(4)) << "the lane that failed is usable again";
}

TEST_F(HashModulesTest, AFileThatGrowsOrIsOverwrittenFailsAlone) {
  for (int i = 0; i < 4; ++i) {
    add_noise(1000);
  }
  std::this_thread::sleep_for(std::chrono::milliseconds(30));
  Recorder recorder;
  recorder.at_begin = [&](std::size_t index) {
    if (index == 1) {
      write_bytes(modules_[1].path, noise(1001, 1));
    } else if (index == 2) {
      write_bytes(modules_[2].path, noise(1000, 77));
    }
  };
  value_of(hash_modules(modules_, recorder, {.jobs = 1}));
  ASSERT_EQ(recorder.errors.size(), 2U);
  EXPECT_EQ(recorder.errors.at(1).kind, ErrorKind::changed);
  EXPECT_EQ(recorder.errors.at(2).kind, ErrorKind::changed);
  EXPECT_EQ(recorder.leaves.at(0), expected(0));
  EXPECT_EQ(recorder.leaves.at(3), expected(3));
}

TEST_F(HashModulesTest, AFileThatIsDeletedMeanwhileIsStillHashed) {
  for (int i = 0; i < 2; ++i) {
    add_noise(200000);
  }
  Recorder recorder;
  recorder.at_begin = [&](std::size_t index) { std::filesystem::remove(modules_[index].path); };
  value_of(hash_modules(modules_, recorder, {.jobs = 1}));
  expect_all_right(recorder);
}

TEST_F(HashModulesTest, ARequestToStopComesThroughInTheMiddleOfAFile) {
  for (int i = 0; i < 3; ++i) {
    add_noise(1000000);
  }
  Cancel cancel;
  Recorder recorder;
  recorder.at_payload = [&](std::size_t) { cancel.request(); };
  expect_error(hash_modules(modules_, recorder, {.jobs = 1, .cancel = &cancel}),
               ErrorKind::interrupted);
  EXPECT_TRUE(recorder.leaves.empty());
}

TEST_F(HashModulesTest, AnExceptionPassesAndMakeGetsItsTokensBack) {
  for (int i = 0; i < 50; ++i) {
    add_noise(100);
  }
  const MakeSlots slots("abc");
  Recorder recorder;
  recorder.at_payload = [&](std::size_t index) {
    if (index >= 10) {
      throw std::runtime_error("out of memory, say");
    }
  };
  EXPECT_THROW(value_of(hash_modules(modules_, recorder, {.makeflags = slots.makeflags()})),
               std::runtime_error);
  EXPECT_EQ(slots.tokens().size(), 3U);
}

TEST_F(HashModulesTest, UnderMakeAllIsHashedWhateverItGrants) {
  for (int i = 0; i < 60; ++i) {
    add_noise(static_cast<std::size_t>(i) * 100);
  }
  for (const char* tokens : {"", "a", "abcdefgh"}) {
    const MakeSlots slots(tokens);
    Recorder recorder;
    value_of(hash_modules(modules_, recorder, {.makeflags = slots.makeflags()}));
    expect_all_right(recorder);
    EXPECT_EQ(slots.tokens().size(), std::string_view(tokens).size());
  }
}

TEST_F(HashModulesTest, ANumberOfJobsOverrulesMake) {
  add_noise(100);
  const MakeSlots slots("a");
  Recorder recorder;
  value_of(hash_modules(modules_, recorder, {.jobs = 4, .makeflags = slots.makeflags()}));
  expect_all_right(recorder);
  EXPECT_EQ(slots.tokens(), "a");
}

}  // namespace
}  // namespace modproof::test
