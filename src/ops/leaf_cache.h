// SPDX-License-Identifier: LGPL-2.1-or-later
// Leaves that need not be hashed again, kept beside the tree file in TREE.cache.
//
// An entry holds the stamp of a module file (device, inode, size, times of modification and of
// change in nanoseconds), its position and its leaves. It stands for the file as long as the stamp
// is the same, with one exception known from git's index as the racy case: a file that was written
// twice within one tick of the clock of its file system can have the same stamp with other bytes.
// An entry is therefore trusted only if the file's times are older, by a margin larger than any
// tick, than the moment at which the run that hashed it began, taken from the clock of the file
// system itself. A module that was linked just before is hashed once more by the next run, and only
// then trusted.
//
//      0  8 bytes  "MPLEAVES"
//      8  be32     version of this layout, 1
//     12  be32     leaves an entry holds
//     16  be32     number of entries
//     20  32       what else the leaves depend on (see LeafCache::open)
//     52  entries  8 times be64: device, inode, size, seconds and nanoseconds of modification,
//                  seconds and nanoseconds of change, position; then each leaf: be64 bytes in the
//                  payload, 32 hash
//      -  32       SHA-256 over everything before
//
// Unlike every other file, a cache that cannot be read or is damaged counts as absent: it costs
// time only. The tree file's bytes do not depend on it.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "modproof/base/digest.h"
#include "modproof/format/tree_file.h"

#include "base/file.h"

namespace modproof {

class LeafCache {
 public:
  /// No cache: nothing is found, nothing is kept.
  LeafCache() = default;

  /// Reads the cache of the tree file `tree`, for entries of `leaves` leaves each. `depends` is a
  /// digest of whatever else the leaves depend on; a cache made with another one is not used.
  [[nodiscard]] static LeafCache open(const std::string& tree, std::size_t leaves,
                                      const Digest& depends);

  /// True if nothing will be found.
  [[nodiscard]] bool empty() const { return old_.empty(); }

  /// The leaves of the file with this stamp at this position, if they can be trusted.
  [[nodiscard]] std::optional<std::span<const Leaf>> find(const FileStamp& stamp,
                                                          std::uint32_t position) const;

  /// Keeps the leaves of a file that was hashed in this run or found in the cache.
  void keep(const FileStamp& stamp, std::uint32_t position, std::span<const Leaf> leaves);

  /// Replaces the cache by what was kept, if that differs. A failure is no error: see above.
  void write() const;

 private:
  struct Entry {
    FileStamp stamp;
    std::uint32_t position = 0;
    std::vector<Leaf> leaves;

    friend bool operator==(const Entry&, const Entry&) = default;
  };

  /// Inode and position: one file can stand in the tree under several names.
  using Key = std::pair<std::uint64_t, std::uint32_t>;
  static Key key_of(const Entry& entry) { return {entry.stamp.inode, entry.position}; }

  [[nodiscard]] bool is_settled(const FileStamp& stamp) const;
  void decode(Bytes bytes);
  [[nodiscard]] ByteVector encode() const;

  std::string path_;  // empty: no cache
  std::size_t leaves_ = 1;
  Digest depends_{};
  std::uint64_t device_ = 0;        // of the file system that the clock below belongs to
  std::int64_t began_seconds_ = 0;  // when this run began
  std::map<Key, Entry> old_;        // of files on device_
  std::vector<Entry> kept_;
};

}  // namespace modproof
