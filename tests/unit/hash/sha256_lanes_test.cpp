// SPDX-License-Identifier: LGPL-2.1-or-later
// Several messages at once, by every backend, against EVP: every number of lanes, every subset,
// messages of different lengths begun at different times, and memory that ends where a block ends.
#include <algorithm>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <sys/mman.h>
#include <unistd.h>

#include "modproof/hash/sha256.h"

#include "each_backend.h"
#include "lane_script.h"
#include "reference.h"

namespace modproof::test {
namespace {

class Sha256LanesTest : public EachBackend {
 protected:
  static constexpr std::size_t kBlocks = 5;

  /// The message of `lane`: whole blocks, at an address of its own alignment.
  [[nodiscard]] Bytes message(std::size_t lane) const {
    return Bytes(data_).subspan(lane * 1001, kBlocks * kSha256Block);
  }

  Sha256Lanes hasher_{backend()};
  ByteVector data_ = random_bytes(hasher_.count() * 1001 + 1001, 11);
};

TEST_P(Sha256LanesTest, EveryNumberOfLanes) {
  for (std::size_t used = 1; used <= hasher_.count(); ++used) {
    std::vector<Sha256Lanes::Part> parts;
    for (std::size_t lane = 0; lane < used; ++lane) {
      hasher_.begin(lane);
      parts.push_back({lane, message(lane).data()});
    }
    hasher_.update(parts, kBlocks);
    for (std::size_t lane = 0; lane < used; ++lane) {
      ASSERT_EQ(to_hex(hasher_.finish(lane, {})), to_hex(evp_sha256(message(lane))))
          << "lane " << lane << " of " << used;
    }
  }
}

TEST_P(Sha256LanesTest, ManyMessagesOfOneLength) {
  // Lengths around those where the padding needs another block, and more messages than lanes.
  for (const std::size_t size : {0U, 1U, 55U, 56U, 63U, 64U, 65U, 119U, 120U, 128U, 200U}) {
    for (std::size_t count = 0; count <= 2 * hasher_.count() + 1; ++count) {
      const ByteVector messages = random_bytes(size * count, static_cast<unsigned>(size + 1));
      std::vector<Digest> digests(count);
      Sha256::of_each(messages, size, digests);
      for (std::size_t i = 0; i < count; ++i) {
        ASSERT_EQ(to_hex(digests[i]), to_hex(evp_sha256(Bytes(messages).subspan(i * size, size))))
            << "message " << i << " of " << count << ", " << size << " bytes";
      }
    }
  }
}

TEST_P(Sha256LanesTest, AnUpdateLeavesTheOtherLanesAlone) {
  const std::size_t count = hasher_.count();
  const std::size_t subsets = std::min<std::size_t>(std::size_t{1} << count, 1 << 12);
  for (std::size_t i = 0; i < subsets; ++i) {
    // All subsets where there are few lanes; well spread ones of sixteen lanes otherwise.
    const std::size_t subset = count <= 12 ? i : i * 40503 % 65536;
    std::vector<Sha256Lanes::Part> parts;
    for (std::size_t lane = 0; lane < count; ++lane) {
      hasher_.begin(lane);
      if ((subset >> lane & 1) != 0) {
        parts.push_back({lane, message(lane).data()});
      }
    }
    hasher_.update(parts, 1);
    for (std::size_t lane = 0; lane < count; ++lane) {
      const bool updated = (subset >> lane & 1) != 0;
      const Bytes want = message(lane).first(updated ? kSha256Block : 0);
      ASSERT_EQ(to_hex(hasher_.finish(lane, {})), to_hex(evp_sha256(want)))
          << "lane " << lane << ", subset " << subset;
    }
  }
}

TEST_P(Sha256LanesTest, LanesOfUnequalAge) {
  // Lane n joins n rounds later and gets a tail of its own length.
  const std::size_t count = hasher_.count();
  const ByteVector data = random_bytes(64 * 64, 12);
  for (std::size_t round = 0; round < count; ++round) {
    hasher_.begin(round);
    std::vector<Sha256Lanes::Part> parts;
    for (std::size_t lane = 0; lane <= round; ++lane) {
      parts.push_back({lane, data.data() + (round - lane) * 3 * kSha256Block});
    }
    hasher_.update(parts, 3);
  }
  for (std::size_t lane = 0; lane < count; ++lane) {
    const std::size_t hashed = (count - lane) * 3 * kSha256Block;
    const std::size_t tail = lane * 13;
    ASSERT_EQ(to_hex(hasher_.finish(lane, Bytes(data).subspan(hashed, tail))),
              to_hex(evp_sha256(Bytes(data).first(hashed + tail))))
        << "lane " << lane;
  }
}

TEST_P(Sha256LanesTest, TailsOfEveryLength) {
  const ByteVector data = random_bytes(400, 13);
  for (std::size_t length = kSha256Block; length <= data.size(); ++length) {
    hasher_.begin(0);
    const Sha256Lanes::Part part{0, data.data()};
    hasher_.update({&part, 1}, 1);
    const Bytes whole = Bytes(data).first(length);
    ASSERT_EQ(to_hex(hasher_.finish(0, whole.subspan(kSha256Block))), to_hex(evp_sha256(whole)))
        << length << " bytes";
  }
}

TEST_P(Sha256LanesTest, NoLanesAndNoBlocksChangeNothing) {
  hasher_.begin(0);
  hasher_.update({}, 7);
  const Sha256Lanes::Part part{0, data_.data()};
  hasher_.update({&part, 1}, 0);
  EXPECT_EQ(to_hex(hasher_.finish(0, message(0))), to_hex(evp_sha256(message(0))));
}

TEST_P(Sha256LanesTest, ManyBlocksInOneCall) {
  constexpr std::size_t kMany = 1024;
  const std::size_t count = hasher_.count();
  const ByteVector data = random_bytes(kMany * kSha256Block + count, 14);
  std::vector<Sha256Lanes::Part> parts;
  for (std::size_t lane = 0; lane < count; ++lane) {
    hasher_.begin(lane);
    parts.push_back({lane, data.data() + lane});
  }
  hasher_.update(parts, kMany);
  for (std::size_t lane = 0; lane < count; ++lane) {
    ASSERT_EQ(to_hex(hasher_.finish(lane, {})),
              to_hex(evp_sha256(Bytes(data).subspan(lane, kMany * kSha256Block))))
        << "lane " << lane;
  }
}

/// Pages that may be read between two that may not. Instructions in `asm` are invisible to the
/// address sanitizer; the processor sees them all.
class FencedMemory {
 public:
  FencedMemory() : page_(static_cast<std::size_t>(sysconf(_SC_PAGESIZE))) {
    void* map = mmap(nullptr, 3 * page_, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (map == MAP_FAILED) {
      throw std::runtime_error("mmap failed");
    }
    map_ = static_cast<std::uint8_t*>(map);
    if (mprotect(map_ + page_, page_, PROT_READ | PROT_WRITE) != 0) {
      throw std::runtime_error("mprotect failed");
    }
    const ByteVector content = random_bytes(page_, 15);
    std::copy(content.begin(), content.end(), map_ + page_);
  }
  ~FencedMemory() { munmap(map_, 3 * page_); }
  FencedMemory(const FencedMemory&) = delete;
  FencedMemory& operator=(const FencedMemory&) = delete;

  [[nodiscard]] Bytes first(std::size_t size) const { return {map_ + page_, size}; }
  [[nodiscard]] Bytes last(std::size_t size) const { return {map_ + 2 * page_ - size, size}; }

 private:
  std::size_t page_;
  std::uint8_t* map_ = nullptr;
};

TEST_P(Sha256LanesTest, ReadsNothingBesidesTheMessage) {
  const FencedMemory memory;
  for (std::size_t used = 1; used <= hasher_.count(); ++used) {
    for (std::size_t length = 0; length < 4 * kSha256Block; length += 7) {
      const std::size_t blocks = length / kSha256Block;
      for (const Bytes message : {memory.first(length), memory.last(length)}) {
        std::vector<Sha256Lanes::Part> parts;
        for (std::size_t lane = 0; lane < used; ++lane) {
          hasher_.begin(lane);
          parts.push_back({lane, message.data()});
        }
        hasher_.update(parts, blocks);
        const Digest want = evp_sha256(message);
        for (std::size_t lane = 0; lane < used; ++lane) {
          const Bytes tail = message.subspan(blocks * kSha256Block);
          ASSERT_EQ(to_hex(hasher_.finish(lane, tail)), to_hex(want)) << length << " bytes";
        }
      }
    }
  }
}

TEST_P(Sha256LanesTest, AnyScript) {
  EXPECT_TRUE(rc::check("any use of the lanes gives the digests of EVP", [] {
    const auto size = *rc::gen::inRange<std::size_t>(0, 1500);
    const auto script = *rc::gen::container<ByteVector>(size, rc::gen::arbitrary<std::uint8_t>());
    const auto wrong = LaneScript(backend(), script).run();
    if (wrong) {
      RC_FAIL(*wrong);
    }
  }));
}

MODPROOF_FOR_EACH_BACKEND(Sha256LanesTest);

}  // namespace
}  // namespace modproof::test
