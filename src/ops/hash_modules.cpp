// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ops/hash_modules.h"

#include <algorithm>
#include <atomic>
#include <optional>
#include <utility>
#include <vector>

#include "modproof/hash/sha256.h"
#include "modproof/merkle/tree.h"

#include "base/try.h"
#include "format/elf.h"
#include "ops/module_contents.h"
#include "ops/read_ahead.h"
#include "ops/run.h"

namespace modproof {
namespace {

/// Bytes of a file read at once. Large enough that one system call serves most modules, small
/// enough that the buffers of all lanes stay in the second-level cache.
constexpr std::size_t kChunk = std::size_t{64} << 10U;

/// One file on its way through a lane.
struct Lane {
  std::size_t index = 0;
  bool active = false;
  OpenModule module;
  std::uint64_t next_offset = 0;  ///< of the payload, not yet in the buffer
  ByteVector buffer;
  std::size_t begin = 0;  ///< buffer[begin, end) is not yet hashed
  std::size_t end = 0;

  /// What the payload is read from.
  [[nodiscard]] const File& contents() const {
    return module.decompressed ? *module.decompressed : module.file;
  }
  [[nodiscard]] std::size_t blocks() const { return (end - begin) / kSha256Block; }
  [[nodiscard]] std::uint64_t unread() const { return module.trailer.payload_size - next_offset; }
};

/// One thread's lanes.
class Hasher {
 public:
  Hasher(std::span<const ModuleFile> modules, std::atomic<std::size_t>& next, ReadAhead& ahead,
         ModuleVisitor& visitor, const RunOptions& options, Progress& progress, Crew& crew)
      : modules_(modules),
        next_(next),
        ahead_(ahead),
        blocks_(ReadAhead::blocks()),
        visitor_(visitor),
        cancel_(options.cancel),
        max_module_size_(options.max_module_size),
        progress_(progress),
        crew_(crew),
        lanes_(sha_.count()) {}

  void run() {
    while (!cancelled(cancel_)) {
      fill();
      parts_.clear();
      std::size_t blocks = SIZE_MAX;
      for (std::size_t i = 0; i < lanes_.size(); ++i) {
        if (lanes_[i].active) {
          parts_.push_back({.lane = i, .data = lanes_[i].buffer.data() + lanes_[i].begin});
          blocks = std::min(blocks, lanes_[i].blocks());
        }
      }
      if (parts_.empty()) {
        return;
      }
      sha_.update(parts_, blocks);
      for (const auto& part : parts_) {
        lanes_[part.lane].begin += blocks * kSha256Block;
      }
    }
  }

 private:
  /// Brings every lane to at least one whole block; lanes stay inactive only if no file is left.
  void fill() {
    for (std::size_t i = 0; i < lanes_.size(); ++i) {
      Lane& lane = lanes_[i];
      while (lane.active || start_next(i)) {
        if (lane.blocks() > 0) {
          break;
        }
        if (lane.unread() > 0) {
          settle(lane, refill(lane));
        } else {
          const Digest leaf =
              sha_.finish(i, Bytes(lane.buffer).subspan(lane.begin, lane.end - lane.begin));
          settle(lane, finish(lane, leaf));
          if (lane.active) {
            release(lane);
          }
        }
      }
    }
  }

  /// Takes the next file into lane `i`. False if there is none; a file that fails is none to
  /// the lane, so the next one is tried.
  bool start_next(std::size_t i) {
    Lane& lane = lanes_[i];
    while (!lane.active && !cancelled(cancel_)) {
      const std::size_t index = next_.fetch_add(1, std::memory_order_relaxed);
      if (index >= modules_.size()) {
        return false;
      }
      crew_.grow();
      lane.index = index;
      lane.active = true;
      settle(lane, start(i));
    }
    return lane.active;
  }

  Status start(std::size_t i) {
    Lane& lane = lanes_[i];
    auto file = File::open(modules_[lane.index].path);
    if (!file) {
      return std::unexpected(std::move(file.error()));
    }
    lane.module.file = std::move(*file);
    if (lane.buffer.size() < kPrefix + kSha256Block + kChunk) {
      lane.buffer.resize(kPrefix + kSha256Block + kChunk);
    }
    MODPROOF_ASSIGN(chunk, read_first(lane, lane.module.file));
    ahead_.after(lane.index, blocks_);
    lane.module.compression = module_compression(chunk);
    std::uint64_t size = lane.module.file.size();
    if (lane.module.compression != Compression::none) {
      auto decompressed = decompress_module(lane.module.file, lane.module.compression,
                                            max_module_size_, chunk, lane.buffer, kPrefix);
      if (!decompressed) {
        // Half a new file looks broken; it is better tried again.
        MODPROOF_TRY(lane.module.file.check_unchanged());
        return std::unexpected(std::move(decompressed.error()));
      }
      lane.module.decompressed = std::move(decompressed->file);
      chunk = MutableBytes(lane.buffer).subspan(kPrefix, decompressed->size);
      size = decompressed->size;
      lane.module.held = chunk;
      if (lane.module.decompressed) {
        MODPROOF_ASSIGN(first, read_first(lane, *lane.module.decompressed));
        chunk = first;
        size = lane.module.decompressed->size();
      }
    }
    MODPROOF_TRY(read_trailer(lane, chunk, size));
    if (!lane.active) {
      return {};
    }
    auto position = visitor_.begin(lane.index, lane.module,
                                   chunk.first(std::min<std::size_t>(chunk.size(), kElfHead)));
    if (!position) {
      return std::unexpected(std::move(position.error()));
    }
    if (!*position) {
      release(lane);
      return {};
    }
    sha_.begin(i);
    const auto prefix = leaf_prefix(**position);
    std::copy(prefix.begin(), prefix.end(), lane.buffer.begin());
    const auto payload = static_cast<std::size_t>(
        std::min<std::uint64_t>(chunk.size(), lane.module.trailer.payload_size));
    lane.begin = 0;
    lane.end = kPrefix + payload;
    lane.next_offset = payload;
    return visitor_.payload(lane.index, chunk.first(payload));
  }

  /// Reads the first chunk of `file` behind the room for the prefix.
  static Result<MutableBytes> read_first(Lane& lane, const File& file) {
    const auto length = static_cast<std::size_t>(std::min<std::uint64_t>(file.size(), kChunk));
    const MutableBytes chunk(lane.buffer.data() + kPrefix, length);
    MODPROOF_TRY(file.read_at(0, chunk));
    return chunk;
  }

  /// Reads the trailer of a module of `size` bytes from the chunk at hand, or from the end of the
  /// file if there is more than that.
  Status read_trailer(Lane& lane, Bytes chunk, std::uint64_t size) {
    ByteVector window;
    if (chunk.size() < size) {
      window.resize(std::min<std::uint64_t>(size, kTrailerWindow));
      if (auto read = lane.contents().read_at(size - window.size(), window); !read) {
        return read;
      }
      chunk = window;
    }
    auto trailer = parse_trailer(chunk, size);
    if (!trailer) {
      trailer.error().path = lane.module.file.path();
      visitor_.bad_trailer(lane.index, std::move(trailer.error()));
      release(lane);
      return {};
    }
    lane.module.trailer = std::move(*trailer);
    return {};
  }

  Status refill(Lane& lane) {
    const std::size_t left = lane.end - lane.begin;
    std::copy_n(lane.buffer.begin() + static_cast<std::ptrdiff_t>(lane.begin), left,
                lane.buffer.begin());
    const auto length = static_cast<std::size_t>(std::min<std::uint64_t>(lane.unread(), kChunk));
    const MutableBytes chunk(lane.buffer.data() + left, length);
    if (auto read = lane.contents().read_at(lane.next_offset, chunk); !read) {
      return read;
    }
    lane.begin = 0;
    lane.end = left + length;
    lane.next_offset += length;
    return visitor_.payload(lane.index, chunk);
  }

  Status finish(Lane& lane, const Digest& leaf) {
    if (auto unchanged = lane.module.file.check_unchanged(); !unchanged) {
      return unchanged;
    }
    return visitor_.finish(lane.index, lane.module, leaf);
  }

  /// Ends the lane's file if `status` is an error.
  void settle(Lane& lane, Status status) {
    if (!status) {
      if (status.error().path.empty()) {
        status.error().path = modules_[lane.index].path;
      }
      visitor_.failed(lane.index, std::move(status.error()));
      release(lane);
    }
  }

  void release(Lane& lane) {
    lane.active = false;
    lane.module = OpenModule{};
    progress_.one_done();
  }

  static constexpr std::size_t kPrefix = std::tuple_size_v<decltype(leaf_prefix(0))>;

  std::span<const ModuleFile> modules_;
  std::atomic<std::size_t>& next_;
  ReadAhead& ahead_;
  long blocks_;  ///< that came from a disk for this thread
  ModuleVisitor& visitor_;
  const Cancel* cancel_;
  std::uint64_t max_module_size_;
  Progress& progress_;
  Crew& crew_;
  Sha256Lanes sha_;
  std::vector<Lane> lanes_;
  std::vector<Sha256Lanes::Part> parts_;
};

}  // namespace

Status ModuleVisitor::payload(std::size_t /*index*/, Bytes /*chunk*/) { return {}; }

void ModuleVisitor::bad_trailer(std::size_t index, Error error) { failed(index, std::move(error)); }

Status hash_modules(std::span<const ModuleFile> modules, ModuleVisitor& visitor,
                    const RunOptions& options) {
  Workers workers(options);
  Progress progress(options, modules.size());
  std::atomic<std::size_t> next{0};
  ReadAhead ahead(modules);
  Crew crew = workers.crew(modules.size());
  crew.run(
      [&](Crew& self) { Hasher(modules, next, ahead, visitor, options, progress, self).run(); });
  if (cancelled(options.cancel)) {
    return fail_interrupted();
  }
  return {};
}

}  // namespace modproof
