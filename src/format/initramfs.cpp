// SPDX-License-Identifier: LGPL-2.1-or-later
#include "format/initramfs.h"

#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <string_view>

#include <archive.h>
#include <archive_entry.h>
#include <fmt/core.h>

#include "base/file_range.h"
#include "base/range_reader.h"
#include "base/temporary_file.h"
#include "base/try.h"
#include "format/compression.h"
#include "format/decompress_range.h"

namespace modproof {
namespace {

constexpr std::string_view kTrailer{"TRAILER!!!\0", 11};
constexpr std::size_t kHeader = 110;
/// Header and name of the entry that ends an archive, padded to 4 bytes.
constexpr std::uint64_t kTrailerEntry = (kHeader + kTrailer.size() + 3) / 4 * 4;

bool is_cpio(Bytes head) {
  constexpr std::array<std::string_view, 2> kMagics{"070701", "070702"};
  return std::any_of(kMagics.begin(), kMagics.end(), [&](std::string_view magic) {
    return head.size() >= magic.size() && std::equal(magic.begin(), magic.end(), head.begin());
  });
}

/// What libarchive reads: a range, and the error that reading it gave.
struct Source {
  RangeReader reader;
  std::size_t lent = 0;  ///< bytes that libarchive has and that are not consumed yet
  std::optional<Error> error = {};
};

la_ssize_t lend(archive* /*unused*/, void* data, const void** bytes) {
  auto& source = *static_cast<Source*>(data);
  source.reader.consume(source.lent);
  auto available = source.reader.available();
  if (!available) {
    source.error = std::move(available.error());
    return ARCHIVE_FATAL;
  }
  source.lent = available->size();
  *bytes = available->data();
  return static_cast<la_ssize_t>(available->size());
}

/// One archive, from the start of `range`; it may end before the range does.
class CpioArchive {
 public:
  CpioArchive(const FileRange& range, const InitramfsVisitor& visitor)
      : range_(range),
        visitor_(visitor),
        source_{.reader = RangeReader(range)},
        archive_(::archive_read_new(), &::archive_read_free) {}

  /// Visits its files. Gives the number of bytes that it takes.
  Result<std::uint64_t> visit() {
    if (!archive_ || ::archive_read_support_format_cpio(archive_.get()) != ARCHIVE_OK ||
        ::archive_read_open(archive_.get(), &source_, nullptr, &lend, nullptr) != ARCHIVE_OK) {
      return broken();
    }
    archive_entry* entry = nullptr;
    while (true) {
      const int code = ::archive_read_next_header(archive_.get(), &entry);
      if (code == ARCHIVE_EOF) {
        return end();
      }
      if (code != ARCHIVE_OK) {  // a warning is bytes between entries that were stepped over
        return broken();
      }
      MODPROOF_TRY(visit_entry(entry));
    }
  }

 private:
  [[nodiscard]] std::uint64_t position() const {
    return static_cast<std::uint64_t>(
        std::max<la_int64_t>(0, ::archive_read_header_position(archive_.get())));
  }

  [[nodiscard]] std::unexpected<Error> broken() const {
    if (source_.error) {
      return std::unexpected(*source_.error);
    }
    const char* text = archive_ ? ::archive_error_string(archive_.get()) : nullptr;
    return fail(ErrorKind::malformed, range_.file().path(),
                fmt::format("this cpio archive is broken or cut off{}{}",
                            last_.empty() ? "" : " in or after its entry " + printable(last_),
                            text != nullptr ? ": " + printable(text) : ""),
                range_.offset() + last_at_);
  }

  Status visit_entry(archive_entry* entry) {
    const char* path = ::archive_entry_pathname(entry);
    if (path == nullptr) {
      return broken();
    }
    const std::string name = path;
    last_ = name;
    last_at_ = position();
    if (::archive_entry_filetype(entry) != AE_IFREG || !visitor_.wants(name) ||
        (::archive_entry_size(entry) == 0 && ::archive_entry_nlink(entry) > 1)) {
      return {};
    }
    MODPROOF_ASSIGN(output, TemporaryFile::create());
    while (true) {
      const void* bytes = nullptr;
      std::size_t size = 0;
      la_int64_t offset = 0;
      const int code = ::archive_read_data_block(archive_.get(), &bytes, &size, &offset);
      if (code == ARCHIVE_EOF) {
        break;
      }
      if (code != ARCHIVE_OK) {
        return broken();
      }
      MODPROOF_TRY(output.append({static_cast<const std::uint8_t*>(bytes), size}));
    }
    MODPROOF_ASSIGN(contents, std::move(output).finish(range_.file().path() + ":" + name));
    return visitor_.take(name, std::move(contents));
  }

  /// The end of an archive is an entry of that name; libarchive has just seen it.
  [[nodiscard]] Result<std::uint64_t> end() const {
    const std::uint64_t at = position();
    const auto trailer = range_.part(at, kTrailerEntry);
    if (!trailer) {
      return broken();
    }
    MODPROOF_ASSIGN(bytes, trailer->head(kTrailerEntry));
    if (!is_cpio(bytes) || !std::equal(kTrailer.begin(), kTrailer.end(), bytes.begin() + kHeader)) {
      return broken();
    }
    return at + kTrailerEntry;
  }

  FileRange range_;
  const InitramfsVisitor& visitor_;
  Source source_;
  std::string last_;  ///< the entry that was read last, and where it starts
  std::uint64_t last_at_ = 0;
  std::unique_ptr<archive, int (*)(archive*)> archive_;
};

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

Status visit_parts(const FileRange& range, std::uint64_t max_size, bool decompressed,
                   const InitramfsVisitor& visitor) {
  const std::string& path = range.file().path();
  for (std::uint64_t offset = 0; true;) {
    MODPROOF_ASSIGN(start, skip_zeros(range, offset));
    if (start == range.size()) {
      return {};
    }
    const FileRange rest = *range.part(start, range.size() - start);
    MODPROOF_ASSIGN(head, rest.head(kCompressionHead));
    const auto compression = compression_of(head);
    if (is_cpio(head)) {
      MODPROOF_ASSIGN(size, CpioArchive(rest, visitor).visit());
      offset = start + size;
    } else if (compression != Compression::none && !decompressed) {
      std::uint64_t used = 0;
      MODPROOF_ASSIGN(inner, decompress_prefix_to_file(rest, compression, max_size, used));
      auto status = visit_parts(FileRange(inner), max_size, true, visitor);
      if (!status) {
        Error& error = status.error();
        if (error.path == path && error.offset) {
          error.message += fmt::format(" (offset {} of what the part at offset {} decompresses to)",
                                       *error.offset, range.offset() + start);
          error.offset.reset();
        }
        return status;
      }
      offset = start + used;
    } else {
      return fail(
          ErrorKind::malformed, path,
          "neither a cpio archive nor the end of this initramfs, nor compressed as its parts "
          "may be",
          range.offset() + start);
    }
  }
}

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
  MODPROOF_TRY(visit_parts(FileRange(file), max_size, false, visitor));
  return file.check_unchanged();
}

}  // namespace modproof
