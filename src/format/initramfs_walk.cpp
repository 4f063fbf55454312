// SPDX-License-Identifier: LGPL-2.1-or-later
#include "format/initramfs_walk.h"

#include <algorithm>
#include <string>
#include <utility>

#include <fmt/core.h>

#include "base/try.h"
#include "format/decompress_range.h"

namespace modproof {
namespace {

/// The first offset from `offset` on where `range` has another byte than zero, or its size.
/// Mostly a few, so little is read at first.
Result<std::uint64_t> skip_zeros(const FileRange& range, std::uint64_t offset) {
  constexpr std::size_t kMostPiece = std::size_t{256} << 10U;
  ByteVector bytes(512);
  while (offset < range.size()) {
    const auto piece = MutableBytes(bytes).first(
        static_cast<std::size_t>(std::min<std::uint64_t>(bytes.size(), range.size() - offset)));
    MODPROOF_TRY(range.read_at(offset, piece));
    const auto found =
        std::find_if(piece.begin(), piece.end(), [](auto byte) { return byte != 0; });
    offset += static_cast<std::uint64_t>(found - piece.begin());
    if (found != piece.end()) {
      break;
    }
    bytes.resize(std::min(2 * bytes.size(), kMostPiece));
  }
  return offset;
}

/// Errors: unsupported, if `part`, compressed like that, is nothing that the kernel decompresses.
Status check_kernel_knows(const FileRange& part, Compression compression) {
  if (compression == Compression::lz4) {
    return fail(ErrorKind::unsupported, part.file().path(),
                "a part in frames of lz4, which the kernel does not read; compress it with lz4 -l",
                part.offset());
  }
  constexpr std::size_t kCheck = 7;  // of the stream flags (xz file format, 2.1.1.2)
  MODPROOF_ASSIGN(head, part.head(kCheck + 1));
  if (compression == Compression::xz && head.size() > kCheck && head[kCheck] > 1) {
    return fail(ErrorKind::unsupported, part.file().path(),
                "a part in xz with a checksum that the kernel does not know; compress it with xz "
                "--check=crc32",
                part.offset());
  }
  return {};
}

class Walk {
 public:
  Walk(std::uint64_t max_size, InitramfsWalker& walker) : max_size_(max_size), walker_(walker) {}

  /// Walks through what stands in `range`, which is the image or what one of its parts decompresses
  /// to.
  Status walk(const FileRange& range, bool decompressed) {
    std::string last;  // the entry that was read last; empty between archives
    for (std::uint64_t offset = 0; true;) {
      const FileRange rest = *range.part(offset, range.size() - offset);
      MODPROOF_ASSIGN(head, rest.head(kCompressionHead));
      if (!head.empty() && head.front() == 0) {
        MODPROOF_ASSIGN(end, skip_zeros(range, offset));
        MODPROOF_TRY(walker_.zeros(*range.part(offset, end - offset)));
        offset = end;
      } else if (is_cpio(head)) {
        MODPROOF_ASSIGN(next, read_entry(range, offset, last));
        offset = next;
      } else if (!last.empty() && (head.empty() || compression_of(head) != Compression::none)) {
        return fail(ErrorKind::malformed, range.file().path(),
                    fmt::format("this cpio archive ends without a trailer behind its entry {}",
                                printable(last)),
                    range.offset() + offset);
      } else if (head.empty()) {
        return {};
      } else if (compression_of(head) != Compression::none && !decompressed) {
        MODPROOF_ASSIGN(used, walk_compressed(rest, compression_of(head)));
        offset += used;
      } else {
        return fail(ErrorKind::malformed, range.file().path(),
                    fmt::format("neither a cpio archive nor the end of this initramfs, nor "
                                "compressed as its parts may be{}",
                                last.empty() ? "" : ", behind the entry " + printable(last)),
                    range.offset() + offset);
      }
    }
  }

 private:
  /// Reads the entry at `offset`. Gives the offset behind it.
  Result<std::uint64_t> read_entry(const FileRange& range, std::uint64_t offset,
                                   std::string& last) {
    if (offset % kCpioAlignment != 0) {
      return fail(ErrorKind::malformed, range.file().path(),
                  fmt::format("a cpio archive has to start at a multiple of {}", kCpioAlignment),
                  range.offset() + offset);
    }
    MODPROOF_ASSIGN(entry, read_cpio_entry(range, offset, last));
    MODPROOF_TRY(check_cpio_checksum(range, entry));
    last = entry.is_trailer() ? std::string() : entry.name;
    MODPROOF_TRY(walker_.entry(range, entry));
    return entry.next;
  }

  /// Walks through what the start of `rest` decompresses to. Gives the number of bytes that this
  /// takes.
  Result<std::uint64_t> walk_compressed(const FileRange& rest, Compression compression) {
    MODPROOF_TRY(check_kernel_knows(rest, compression));
    std::uint64_t used = 0;
    MODPROOF_ASSIGN(inner, decompress_prefix_to_file(rest, compression, max_size_, used));
    const FileRange compressed = *rest.part(0, used);
    MODPROOF_TRY(walker_.part_begins(compressed, compression));
    if (auto status = walk(FileRange(inner), true); !status) {
      Error& error = status.error();
      if (error.path == inner.path() && error.offset) {
        error.message += fmt::format(" (offset {} of what the part at offset {} decompresses to)",
                                     *error.offset, rest.offset());
        error.offset.reset();
      }
      return std::unexpected(std::move(error));
    }
    MODPROOF_TRY(walker_.part_ends(compressed, compression));
    return used;
  }

  std::uint64_t max_size_;
  InitramfsWalker& walker_;
};

}  // namespace

Status walk_initramfs(const File& file, std::uint64_t max_size, InitramfsWalker& walker) {
  MODPROOF_TRY(Walk(max_size, walker).walk(FileRange(file), false));
  return file.check_unchanged();
}

}  // namespace modproof
