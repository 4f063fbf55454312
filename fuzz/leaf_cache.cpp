// SPDX-License-Identifier: LGPL-2.1-or-later
// Any bytes as the cache beside a tree file, once as they are and once with the right digest at the
// end, which a fuzzer would never find. What it finds is what a plain reading of the same bytes
// finds; what is no cache counts as none.
#include "ops/leaf_cache.h"

#include <algorithm>
#include <bit>
#include <fstream>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "modproof/base/bytes.h"
#include "modproof/hash/sha256.h"

#include "base/temporary_directory.h"
#include "check.h"

namespace {

using namespace modproof;
constexpr std::size_t kHeader = 52;

struct PlainEntry {
  FileStamp stamp;
  std::uint32_t position = 0;
  std::vector<Leaf> leaves;
};

std::uint64_t be64(Bytes bytes, std::size_t at) {
  return load<std::uint64_t, std::endian::big>(bytes.data() + at);
}

/// The entries of a cache, by the layout in ops/leaf_cache.h; none if anything is wrong with it.
std::vector<PlainEntry> plain_entries(Bytes bytes, std::size_t leaves) {
  constexpr std::size_t kStamp = 64;
  const std::size_t size = kStamp + leaves * (8 + kDigestSize);
  if (bytes.size() < kHeader + kDigestSize || !starts_with(bytes, "MPLEAVES") ||
      be64(bytes, 8) != (std::uint64_t{1} << 32U | leaves)) {
    return {};
  }
  const Bytes body = bytes.first(bytes.size() - kDigestSize);
  if (!std::ranges::equal(Sha256::of(body), bytes.last(kDigestSize)) ||
      body.size() - kHeader != std::uint64_t{load_be32(&bytes[16])} * size) {
    return {};
  }
  std::vector<PlainEntry> entries;
  for (std::size_t at = kHeader; at < body.size(); at += size) {
    const auto time = [&](std::size_t i) {
      return static_cast<std::int64_t>(be64(body, at + 8 * i));
    };
    PlainEntry entry{.stamp = {.device = be64(body, at),
                               .inode = be64(body, at + 8),
                               .size = be64(body, at + 16),
                               .modified_seconds = time(3),
                               .modified_nanoseconds = time(4),
                               .changed_seconds = time(5),
                               .changed_nanoseconds = time(6)},
                     .position = static_cast<std::uint32_t>(be64(body, at + 56)),
                     .leaves = {}};
    for (std::size_t i = 0; i < leaves; ++i) {
      const std::size_t leaf_at = at + kStamp + i * (8 + kDigestSize);
      Leaf leaf{.payload_size = be64(body, leaf_at), .hash = {}};
      std::ranges::copy(body.subspan(leaf_at + 8, kDigestSize), leaf.hash.begin());
      entry.leaves.push_back(leaf);
    }
    entries.push_back(std::move(entry));
  }
  return entries;
}

/// Whether there is something in it.
bool read(const std::string& tree, Bytes bytes) {
  std::ofstream(tree + ".cache", std::ios::binary)
      .write(reinterpret_cast<const char*>(bytes.data()),
             static_cast<std::streamsize>(bytes.size()));
  // As the header says, or else nothing behind it would ever be read.
  Digest depends{};
  std::size_t leaves = 1;
  if (bytes.size() >= kHeader) {
    leaves = 1 + (bytes[15] + 1U) % 2;
    std::ranges::copy(bytes.subspan(20, kDigestSize), depends.begin());
  }
  const LeafCache cache = LeafCache::open(tree, leaves, depends);
  const auto entries = plain_entries(bytes, leaves);
  FUZZ_CHECK(cache.empty() == entries.empty());
  std::map<std::pair<std::uint64_t, std::uint32_t>, const PlainEntry*> first;
  for (const PlainEntry& entry : entries) {
    first.emplace(std::pair(entry.stamp.inode, entry.position), &entry);
  }
  for (const auto& [key, entry] : first) {
    const auto found = cache.find(entry->stamp, entry->position);
    FUZZ_CHECK(found && std::ranges::equal(*found, entry->leaves));
    FileStamp other = entry->stamp;
    ++other.size;
    FUZZ_CHECK(!cache.find(other, entry->position));
  }
  return !cache.empty();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto directory = TemporaryDirectory::create();
  FUZZ_CHECK(directory.has_value());
  const std::string tree = directory->path() + "/tree";
  const bool found = read(tree, {data, size});
  if (size >= kDigestSize) {
    ByteVector bytes(data, data + size);
    const Digest digest = Sha256::of(Bytes(bytes).first(size - kDigestSize));
    std::copy(digest.begin(), digest.end(), bytes.end() - kDigestSize);
    static_cast<void>(read(tree, bytes));
  }
  return found ? fuzz::taken() : fuzz::refused("no cache with anything in it");
}
