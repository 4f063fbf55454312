// SPDX-License-Identifier: LGPL-2.1-or-later
// Compressed modules that get and lose proofs: inside they are what plain ones become, outside they
// stay what they were.
#include "ops/recompress.h"

#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "modproof/base/cancel.h"

#include "ops/module_contents.h"
#include "support/build.h"
#include "support/compressed.h"

namespace modproof::test {
namespace {

constexpr ChangeOptions kNoSync{.sync = false};

const std::vector<StreamSettings>& all_settings() {
  static const std::vector<StreamSettings> all{
      GzipSettings{.level = 6},
      GzipSettings{.level = 1, .time = 5, .name = "m.ko"},
      XzSettings{.dictionary = 1U << 20U},
      XzSettings{.check = false, .filter = 4, .dictionary = 1U << 16U},
      ZstdSettings{},
      ZstdSettings{.level = 19, .checksum = false}};
  return all;
}

ByteVector inside(const std::string& path) {
  const auto contents = value_of(ModuleContents::open(path, kDefaultMaxModuleSize));
  ByteVector bytes(static_cast<std::size_t>(contents.file().size()));
  value_of(contents.file().read_at(0, bytes));
  return bytes;
}

/// What stands in `path`, and how it is compressed.
StreamSettings settings_in(const std::string& path) {
  const File file = value_of(File::open(path));
  const FileRange range(file);
  return value_of(settings_of(range, module_compression(value_of(range.head(kCompressionHead)))));
}

/// `bytes` given to recompress() as what is to be compressed in the way of `stored`.
ByteVector again(const StreamSettings& settings, Bytes bytes, Bytes more) {
  const Folder folder;
  const ByteVector stored = compressed(settings, bytes);
  const File file = value_of(File::open(folder.write("m.ko", stored)));
  const File plain = value_of(File::open(folder.write("plain.ko", bytes)));
  std::vector<ByteVector> made(2);
  for (auto& [payload, out] : {std::pair<PayloadBytes, ByteVector*>{bytes, &made[0]},
                               std::pair<PayloadBytes, ByteVector*>{FileRange(plain), &made[1]}}) {
    value_of(recompress(file, module_compression(stored), payload, more, nullptr,
                        [to = out](Bytes piece) -> Status {
                          to->insert(to->end(), piece.begin(), piece.end());
                          return {};
                        }));
  }
  EXPECT_TRUE(made[0] == made[1]) << "memory and file differ";
  return made[0];
}

/// Something like a module: code and text, not noise.
ByteVector text(std::size_t size) {
  ByteVector bytes;
  for (std::uint32_t i = 0; bytes.size() < size; ++i) {
    const ByteVector line = bytes_of(std::to_string(i * i) + " sector " + std::to_string(i % 37));
    bytes.insert(bytes.end(), line.begin(), line.end());
  }
  bytes.resize(size);
  return bytes;
}

TEST(Recompress, WithoutAChangeItGivesTheSameFile) {
  const ByteVector bytes = text(100'000);
  for (const StreamSettings& settings : all_settings()) {
    EXPECT_TRUE(again(settings, bytes, {}) == compressed(settings, bytes));
  }
}

TEST(Recompress, TheLevelOfZstdIsFoundByTheSize) {
  const ByteVector bytes = text(300'000);
  const ByteVector proof = noise(400, 1);
  for (const int level : {3, 9, 19}) {
    const ZstdSettings settings{.level = level};
    EXPECT_TRUE(again(settings, bytes, proof) == compressed(settings, concat({bytes, proof})))
        << level;
  }
}

TEST(Recompress, ItStopsWhenAsked) {
  const Folder folder;
  const ByteVector bytes = text(1000);
  for (const StreamSettings& settings : all_settings()) {
    const ByteVector stored = compressed(settings, bytes);
    const File file = value_of(File::open(folder.write("m.ko", stored)));
    Cancel cancel;
    cancel.request();
    expect_error(recompress(file, module_compression(stored), Bytes(bytes), {}, &cancel,
                            [](Bytes) -> Status { return {}; }),
                 ErrorKind::interrupted);
  }
}

TEST(AttachCompressed, IsWhatPlainOnesBecomeAndBackAgain) {
  EXPECT_TRUE(rc::check([] {
    const auto count = *rc::gen::inRange<std::size_t>(1, 6);
    const Build plain(count);
    const Build packed(count);
    std::vector<StreamSettings> settings;
    for (std::size_t i = 0; i < count; ++i) {
      settings.push_back(*rc::gen::elementOf(all_settings()));
      packed.write(i, compressed(settings.back(), plain.original(i)));
    }
    const Root root = plain.seal();
    if (*rc::gen::arbitrary<bool>()) {
      const Sealed sealed =
          value_of(seal(packed.modules(), packed.tree_path(), false, kNoSync, {.jobs = 3}));
      RC_ASSERT(sealed.tree.root == root);
    } else {
      RC_ASSERT(packed.seal() == root);
    }
    for (std::size_t i = 0; i < count; ++i) {
      RC_ASSERT(inside(packed.path(i)) == plain.contents(i));
      RC_ASSERT(packed.verdict(i, root).reason == Reason::accepted);
      RC_ASSERT(settings_in(packed.path(i)).index() == settings[i].index());
    }
    for (const ModuleChange& change :
         value_of(attach(packed.modules(), packed.tree_path(), kNoSync, {.jobs = 2}))) {
      RC_ASSERT(change.change == Change::unchanged);
    }
    value_of(detach(packed.modules(), kNoSync, {.jobs = 2}));
    for (std::size_t i = 0; i < count; ++i) {
      RC_ASSERT(inside(packed.path(i)) == plain.original(i));
    }
  }));
}

TEST(AttachCompressed, LargerThanWhatIsHeldInMemory) {
  const Build build(1);
  const ByteVector large = concat({build.original(0), ByteVector(kModuleInMemory)});
  for (const StreamSettings& settings : all_settings()) {
    build.write(0, compressed(settings, large));
    const Root root = build.seal();
    EXPECT_EQ(build.verdict(0, root).reason, Reason::accepted);
    value_of(detach(build.modules(), kNoSync, {.jobs = 1}));
    EXPECT_TRUE(inside(build.path(0)) == large);
  }
}

TEST(AttachCompressed, AWrongPayloadOfTheRightSizeIsLeftAlone) {
  const Build build(1);
  build.make();
  ByteVector wrong = build.original(0);
  wrong.back() ^= 1;
  for (const StreamSettings& settings : all_settings()) {
    const ByteVector stored = compressed(settings, wrong);
    build.write(0, stored);
    const auto changes = value_of(attach(build.modules(), build.tree_path(), kNoSync, {.jobs = 1}));
    EXPECT_EQ(changes.at(0).change, Change::payload_unknown);
    EXPECT_TRUE(build.contents(0) == stored);
    EXPECT_EQ(build.folder().names().size(), 2U);
  }
}

}  // namespace
}  // namespace modproof::test
