// SPDX-License-Identifier: LGPL-2.1-or-later
// A run of bytes of an open file, read as if it were a file of its own: a payload, a section, a
// segment.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "modproof/base/bytes.h"
#include "modproof/base/result.h"

#include "base/file.h"

namespace modproof {

/// The file outlives the range; a copy is cheap.
class FileRange {
 public:
  explicit FileRange(const File& file) : file_(&file), size_(file.size()) {}

  [[nodiscard]] const File& file() const noexcept { return *file_; }
  [[nodiscard]] std::uint64_t offset() const noexcept { return offset_; }  ///< in the file
  [[nodiscard]] std::uint64_t size() const noexcept { return size_; }
  [[nodiscard]] bool is_whole_file() const noexcept {
    return offset_ == 0 && size_ == file_->size();
  }

  /// The `size` bytes at `offset` of this range; nothing if they do not all lie in it.
  [[nodiscard]] std::optional<FileRange> part(std::uint64_t offset,
                                              std::uint64_t size) const noexcept {
    if (offset > size_ || size > size_ - offset) {
      return std::nullopt;
    }
    FileRange result(*file_);
    result.offset_ = offset_ + offset;
    result.size_ = size;
    return result;
  }

  /// Fills `to` with the bytes at `offset` of this range. The caller has checked that they lie in
  /// it. Errors: io; changed.
  [[nodiscard]] Status read_at(std::uint64_t offset, MutableBytes to) const {
    return file_->read_at(offset_ + offset, to);
  }

  /// The first `most` bytes, or all where there are fewer. Errors: io; changed.
  [[nodiscard]] Result<ByteVector> head(std::size_t most) const {
    ByteVector bytes(static_cast<std::size_t>(std::min<std::uint64_t>(most, size_)));
    if (auto status = read_at(0, bytes); !status) {
      return std::unexpected(std::move(status.error()));
    }
    return bytes;
  }

  /// Hands all of it to `take`, which gives a Status, in pieces of at most `most` bytes that live
  /// until it returns. Errors: io; changed; those of `take`.
  template <typename Take>
  [[nodiscard]] Status each_piece(std::size_t most, const Take& take) const {
    ByteVector buffer(static_cast<std::size_t>(std::min<std::uint64_t>(most, size_)));
    for (std::uint64_t at = 0; at < size_; at += buffer.size()) {
      const auto piece = MutableBytes(buffer).first(
          static_cast<std::size_t>(std::min<std::uint64_t>(buffer.size(), size_ - at)));
      Status status = read_at(at, piece);
      if (status) {
        status = take(Bytes(piece));
      }
      if (!status) {
        return status;
      }
    }
    return {};
  }

 private:
  const File* file_;
  std::uint64_t offset_ = 0;
  std::uint64_t size_ = 0;
};

}  // namespace modproof
