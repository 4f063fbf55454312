// SPDX-License-Identifier: LGPL-2.1-or-later
// An archive (ar, tar, cpio) read once from its start to its end, by libarchive.
//
// libarchive gets the archive decompressed: its own filters take the memory that a file asks for,
// do not compare the checksum at the end of gzip, and stop reading once the archive ends, so that
// damage behind that goes unnoticed. What is read here comes through decoder.h and is read to the
// last byte. libarchive also keeps as much in memory as an archive says a header has: it gets no
// more than 2 MiB.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "modproof/base/bytes.h"
#include "modproof/base/result.h"

#include "base/file_range.h"
#include "format/compression.h"

namespace modproof {

/// The most bytes that an archive may decompress to. A package with the debug information of a
/// distribution kernel has some 7 GiB.
inline constexpr std::uint64_t kMaxArchiveSize = std::uint64_t{32} << 30U;

/// The longest name of an entry: PATH_MAX.
inline constexpr std::size_t kMaxEntryName = 4096;

enum class ArchiveKind : std::uint8_t { ar, tar, cpio };

/// True if what starts with `head` is an archive of this kind; of a tar archive 512 bytes are
/// needed, and the checksum of its first entry decides, as the oldest ones have no magic number.
[[nodiscard]] bool is_archive(ArchiveKind kind, Bytes head) noexcept;

/// How many bytes is_archive() wants to see.
inline constexpr std::size_t kArchiveHead = 512;

enum class EntryType : std::uint8_t { regular, directory, symbolic_link, other };

struct ArchiveEntry {
  std::string name;
  EntryType type = EntryType::regular;
  std::uint64_t size = 0;   ///< bytes of contents; holes of sparse files are some
  std::uint64_t links = 0;  ///< names of the file, as far as the archive says
  /// The name of the entry that this one is a hard link to; empty if it is none. An entry of size 0
  /// has no contents of its own then.
  std::string hard_link;
  std::uint64_t contents_at = 0;  ///< in the decompressed archive
};

class ArchiveStream {
 public:
  /// The archive that `range` holds, or decompresses to. `range` outlives the stream.
  /// Errors: io.
  [[nodiscard]] static Result<ArchiveStream> open(ArchiveKind kind, const FileRange& range,
                                                  Compression compression);

  ~ArchiveStream();
  ArchiveStream(ArchiveStream&& other) noexcept;
  ArchiveStream& operator=(ArchiveStream&& other) noexcept;

  /// The next entry; nothing at the end, when all of the range has been read and found in order.
  /// Errors: malformed (broken, cut off, without an end, something behind the end, anything that
  /// libarchive warns about; with the entry before it, and for a compressed archive the offset
  /// where the compression is broken); unsupported (decompresses to more than kMaxArchiveSize, or
  /// takes too much memory); io; changed.
  [[nodiscard]] Result<std::optional<ArchiveEntry>> next();

  /// The next bytes of the entry at hand; 0 at its end. Errors: as next().
  [[nodiscard]] Result<std::size_t> read(MutableBytes to);

 private:
  struct State;
  explicit ArchiveStream(std::unique_ptr<State> state) noexcept;

  std::unique_ptr<State> state_;
};

}  // namespace modproof
