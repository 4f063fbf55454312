// SPDX-License-Identifier: LGPL-2.1-or-later
#include "format/initramfs.h"

#include <algorithm>
#include <utility>

#include <fmt/core.h>

#include "base/file_range.h"
#include "base/range_reader.h"
#include "base/temporary_file.h"
#include "base/try.h"
#include "format/compression.h"
#include "format/cpio.h"
#include "format/decompress_range.h"

namespace modproof {
namespace {

/// The first offset from `offset` on where `range` has another byte than zero, or its size.
Result<std::uint64_t> skip_zeros(const FileRange& range, std::uint64_t offset) {
  RangeReader reader(*range.part(offset, range.size() - offset));
  while (true) {
    MODPROOF_ASSIGN(bytes, reader.available());
    const auto found =
        std::find_if(bytes.begin(), bytes.end(), [](auto byte) { return byte != 0; });
    reader.consume(static_cast<std::size_t>(found - bytes.begin()));
    if (found != bytes.end() || bytes.empty()) {
      return reader.offset() - range.offset();
    }
  }
}

class Visit {
 public:
  Visit(std::uint64_t max_size, const InitramfsVisitor& visitor)
      : max_size_(max_size), visitor_(visitor) {}

  /// Visits what stands in `range`, which is the image or what one of its parts decompresses to.
  Status visit(const FileRange& range, bool decompressed) {
    std::string last;  // the entry that was read last; empty between archives
    for (std::uint64_t offset = 0; true;) {
      MODPROOF_ASSIGN(start, skip_zeros(range, offset));
      const FileRange rest = *range.part(start, range.size() - start);
      MODPROOF_ASSIGN(head, rest.head(kCompressionHead));
      if (is_cpio(head)) {
        MODPROOF_ASSIGN(next, visit_entry(range, start, last));
        offset = next;
      } else if (!last.empty() && (head.empty() || compression_of(head) != Compression::none)) {
        return fail(ErrorKind::malformed, range.file().path(),
                    fmt::format("this cpio archive ends without a trailer behind its entry {}",
                                printable(last)),
                    range.offset() + start);
      } else if (head.empty()) {
        return {};
      } else if (compression_of(head) != Compression::none && !decompressed) {
        MODPROOF_ASSIGN(used, visit_compressed(rest, compression_of(head)));
        offset = start + used;
      } else {
        return fail(ErrorKind::malformed, range.file().path(),
                    fmt::format("neither a cpio archive nor the end of this initramfs, nor "
                                "compressed as its parts may be{}",
                                last.empty() ? "" : ", behind the entry " + printable(last)),
                    range.offset() + start);
      }
    }
  }

 private:
  /// Visits the entry at `offset`. Gives the offset behind it.
  Result<std::uint64_t> visit_entry(const FileRange& range, std::uint64_t offset,
                                    std::string& last) const {
    if (offset % kCpioAlignment != 0) {
      return fail(ErrorKind::malformed, range.file().path(),
                  fmt::format("a cpio archive has to start at a multiple of {}", kCpioAlignment),
                  range.offset() + offset);
    }
    MODPROOF_ASSIGN(entry, read_cpio_entry(range, offset, last));
    last = entry.is_trailer() ? std::string() : entry.name;
    // Of several names of one file, those before the last have no contents.
    if (!entry.is_trailer() && entry.is_regular() && (entry.size != 0 || entry.links <= 1) &&
        visitor_.wants(entry.name)) {
      MODPROOF_ASSIGN(output, TemporaryFile::create());
      MODPROOF_TRY(output.append_range(*range.part(entry.contents_at, entry.size)));
      MODPROOF_ASSIGN(contents, std::move(output).finish(range.file().path() + ":" + entry.name));
      MODPROOF_TRY(visitor_.take(entry.name, std::move(contents)));
    }
    return entry.next;
  }

  /// Visits what the start of `rest` decompresses to. Gives the number of bytes that this takes.
  Result<std::uint64_t> visit_compressed(const FileRange& rest, Compression compression) {
    std::uint64_t used = 0;
    MODPROOF_ASSIGN(inner, decompress_prefix_to_file(rest, compression, max_size_, used));
    if (auto status = visit(FileRange(inner), true); !status) {
      Error& error = status.error();
      if (error.path == inner.path() && error.offset) {
        error.message += fmt::format(" (offset {} of what the part at offset {} decompresses to)",
                                     *error.offset, rest.offset());
        error.offset.reset();
      }
      return std::unexpected(std::move(error));
    }
    return used;
  }

  std::uint64_t max_size_;
  const InitramfsVisitor& visitor_;
};

}  // namespace

Result<bool> is_initramfs(const File& file) {
  const FileRange range(file);
  MODPROOF_ASSIGN(head, range.head(kCompressionHead));
  const auto compression = compression_of(head);
  if (compression == Compression::none) {
    return is_cpio(head);
  }
  MODPROOF_ASSIGN(inner, decompressed_head(range, compression, kCompressionHead));
  return is_cpio(inner);
}

Status visit_initramfs(const File& file, std::uint64_t max_size, const InitramfsVisitor& visitor) {
  MODPROOF_TRY(Visit(max_size, visitor).visit(FileRange(file), false));
  return file.check_unchanged();
}

}  // namespace modproof
