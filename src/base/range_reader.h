// SPDX-License-Identifier: LGPL-2.1-or-later
// A range of a file, read from its start to its end through a buffer.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "modproof/base/bytes.h"
#include "modproof/base/result.h"

#include "base/file_range.h"

namespace modproof {

class RangeReader {
 public:
  explicit RangeReader(const FileRange& range) : range_(range) {}

  [[nodiscard]] const FileRange& range() const noexcept { return range_; }

  /// Where the next byte stands in the file.
  [[nodiscard]] std::uint64_t offset() const noexcept { return range_.offset() + next_ - left_; }

  /// Bytes that were read and not consumed: kLookahead or more, or all that are left.
  /// Errors: io; changed.
  [[nodiscard]] Result<Bytes> available() {
    if (left_ < kLookahead && next_ < range_.size()) {
      buffer_.resize(kPiece);
      std::copy(buffer_.begin() + static_cast<std::ptrdiff_t>(end_ - left_),
                buffer_.begin() + static_cast<std::ptrdiff_t>(end_), buffer_.begin());
      const auto more =
          static_cast<std::size_t>(std::min<std::uint64_t>(kPiece - left_, range_.size() - next_));
      if (auto status = range_.read_at(next_, MutableBytes(buffer_).subspan(left_, more));
          !status) {
        return std::unexpected(std::move(status.error()));
      }
      next_ += more;
      left_ += more;
      end_ = left_;
    }
    return Bytes(buffer_).first(end_).last(left_);
  }

  /// Steps over `count` bytes, which are available.
  void consume(std::size_t count) noexcept { left_ -= count; }

  /// Fills `to` and consumes what it was filled with: as much as there is.
  /// Errors: io; changed.
  [[nodiscard]] Result<std::size_t> read(MutableBytes to) {
    std::size_t done = 0;
    while (done < to.size()) {
      auto bytes = available();
      if (!bytes || bytes->empty()) {
        return bytes ? Result<std::size_t>(done) : std::unexpected(std::move(bytes.error()));
      }
      const std::size_t count = std::min(bytes->size(), to.size() - done);
      std::copy_n(bytes->begin(), count, to.begin() + static_cast<std::ptrdiff_t>(done));
      consume(count);
      done += count;
    }
    return done;
  }

 private:
  static constexpr std::size_t kPiece = 1U << 18U;
  /// More than any magic number that a caller looks for.
  static constexpr std::size_t kLookahead = 64;

  FileRange range_;
  std::uint64_t next_ = 0;  ///< what is read next, in the range
  ByteVector buffer_;
  std::size_t end_ = 0;   ///< bytes in the buffer
  std::size_t left_ = 0;  ///< of them, those not consumed
};

}  // namespace modproof
