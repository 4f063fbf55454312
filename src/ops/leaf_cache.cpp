// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ops/leaf_cache.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "modproof/hash/sha256.h"

#include "base/replacement.h"

namespace modproof {
namespace {

constexpr std::string_view kMagic = "MPLEAVES";
constexpr std::uint32_t kVersion = 1;
constexpr std::size_t kHeaderSize = 20 + kDigestSize;
constexpr std::size_t kStampFields = 7;
constexpr std::size_t kLeafSize = 8 + kDigestSize;
constexpr std::uint64_t kCacheLimit = std::uint64_t{1} << 30U;

/// No file system in use has a clock with a tick of more than two seconds (FAT has that).
constexpr std::int64_t kMarginSeconds = 3;

std::uint64_t load_be64(const std::uint8_t* from) {
  return load<std::uint64_t, std::endian::big>(from);
}

void append_be64(ByteVector& bytes, std::uint64_t value) {
  std::array<std::uint8_t, 8> field{};
  store<std::uint64_t, std::endian::big>(field.data(), value);
  bytes.insert(bytes.end(), field.begin(), field.end());
}

FileStamp load_stamp(const std::uint8_t* from) {
  const auto number = [&](std::size_t i) { return load_be64(from + 8 * i); };
  const auto time = [&](std::size_t i) { return static_cast<std::int64_t>(number(i)); };
  return {.device = number(0),
          .inode = number(1),
          .size = number(2),
          .modified_seconds = time(3),
          .modified_nanoseconds = time(4),
          .changed_seconds = time(5),
          .changed_nanoseconds = time(6)};
}

void append_stamp(ByteVector& bytes, const FileStamp& stamp) {
  const std::array<std::uint64_t, kStampFields> fields{
      stamp.device,
      stamp.inode,
      stamp.size,
      static_cast<std::uint64_t>(stamp.modified_seconds),
      static_cast<std::uint64_t>(stamp.modified_nanoseconds),
      static_cast<std::uint64_t>(stamp.changed_seconds),
      static_cast<std::uint64_t>(stamp.changed_nanoseconds)};
  for (const std::uint64_t field : fields) {
    append_be64(bytes, field);
  }
}

/// The state of a file that was created just now beside `path`: device and clock of the file
/// system.
Result<FileStamp> stamp_of_now(const std::string& path) {
  auto probe = Replacement::create(path);
  if (!probe) {
    return std::unexpected(std::move(probe.error()));
  }
  auto file = File::open(probe->temporary_path());
  if (!file) {
    return std::unexpected(std::move(file.error()));
  }
  return file->stamp();
}

}  // namespace

LeafCache LeafCache::open(const std::string& tree, std::size_t leaves, const Digest& depends) {
  LeafCache cache;
  const std::string path = tree + ".cache";
  const auto now = stamp_of_now(path);
  if (!now) {
    return cache;  // nothing can be written there, so no cache either
  }
  cache.path_ = path;
  cache.leaves_ = leaves;
  cache.depends_ = depends;
  cache.device_ = now->device;
  cache.began_seconds_ = now->changed_seconds;
  if (const auto bytes = read_file(path, kCacheLimit)) {
    cache.decode(*bytes);
  }
  return cache;
}

bool LeafCache::is_settled(const FileStamp& stamp) const {
  return stamp.device == device_ &&
         std::max(stamp.modified_seconds, stamp.changed_seconds) < began_seconds_ - kMarginSeconds;
}

std::optional<std::span<const Leaf>> LeafCache::find(const FileStamp& stamp,
                                                     std::uint32_t position) const {
  const auto found = old_.find({stamp.inode, position});
  if (found == old_.end() || found->second.stamp != stamp) {
    return std::nullopt;
  }
  return found->second.leaves;
}

void LeafCache::keep(const FileStamp& stamp, std::uint32_t position, std::span<const Leaf> leaves) {
  // Whether it is settled is judged by the clock of the run that hashed it, which is this one.
  if (!path_.empty() && is_settled(stamp)) {
    kept_.push_back({stamp, position, {leaves.begin(), leaves.end()}});
  }
}

void LeafCache::write() const {
  if (path_.empty()) {
    return;
  }
  const bool same = kept_.size() == old_.size() &&
                    std::all_of(kept_.begin(), kept_.end(), [&](const Entry& entry) {
                      const auto found = old_.find(key_of(entry));
                      return found != old_.end() && found->second == entry;
                    });
  if (!same) {
    static_cast<void>(write_file(path_, encode(), false).has_value());
  }
}

void LeafCache::decode(Bytes bytes) {
  const std::size_t entry_size = 8 * (kStampFields + 1) + leaves_ * kLeafSize;
  if (bytes.size() < kHeaderSize + kDigestSize ||
      !std::equal(kMagic.begin(), kMagic.end(), bytes.begin()) ||
      load_be32(bytes.data() + 8) != kVersion || load_be32(bytes.data() + 12) != leaves_ ||
      !std::equal(depends_.begin(), depends_.end(), bytes.begin() + 20)) {
    return;
  }
  const std::uint64_t count = load_be32(bytes.data() + 16);
  const std::size_t body = bytes.size() - kDigestSize;
  const Digest digest = Sha256::of(bytes.first(body));
  if (body - kHeaderSize != count * entry_size ||
      !std::equal(digest.begin(), digest.end(), bytes.data() + body)) {
    return;
  }
  for (const std::uint8_t* at = bytes.data() + kHeaderSize; at < bytes.data() + body;
       at += entry_size) {
    Entry entry{load_stamp(at), static_cast<std::uint32_t>(load_be64(at + 8 * kStampFields)), {}};
    for (std::size_t i = 0; i < leaves_; ++i) {
      const std::uint8_t* field = at + 8 * (kStampFields + 1) + i * kLeafSize;
      Leaf leaf{.payload_size = load_be64(field), .hash = {}};
      std::copy_n(field + 8, kDigestSize, leaf.hash.begin());
      entry.leaves.push_back(leaf);
    }
    const Key key = key_of(entry);
    old_.emplace(key, std::move(entry));
  }
}

ByteVector LeafCache::encode() const {
  ByteVector bytes(kHeaderSize);
  std::copy(kMagic.begin(), kMagic.end(), bytes.begin());
  store_be32(bytes.data() + 8, kVersion);
  store_be32(bytes.data() + 12, static_cast<std::uint32_t>(leaves_));
  store_be32(bytes.data() + 16, static_cast<std::uint32_t>(kept_.size()));
  std::copy(depends_.begin(), depends_.end(), bytes.begin() + 20);
  for (const Entry& entry : kept_) {
    append_stamp(bytes, entry.stamp);
    append_be64(bytes, entry.position);
    for (const Leaf& leaf : entry.leaves) {
      append_be64(bytes, leaf.payload_size);
      bytes.insert(bytes.end(), leaf.hash.begin(), leaf.hash.end());
    }
  }
  const Digest digest = Sha256::of(bytes);
  bytes.insert(bytes.end(), digest.begin(), digest.end());
  return bytes;
}

}  // namespace modproof
