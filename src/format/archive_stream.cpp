// SPDX-License-Identifier: LGPL-2.1-or-later
#include "format/archive_stream.h"

#include <algorithm>
#include <cerrno>
#include <string_view>
#include <utility>

#include <archive.h>
#include <archive_entry.h>
#include <fmt/core.h>
#include <sys/stat.h>

#include "base/range_reader.h"
#include "base/try.h"
#include "format/cpio.h"
#include "format/decoder.h"

namespace modproof {
namespace {

constexpr std::size_t kPiece = std::size_t{128} << 10U;
constexpr std::size_t kTarBlock = 512;

/// The most that libarchive may want to see at once. What it asks for when it reads the header of
/// an entry has the length that the archive says: of a name in a cpio archive up to 4 GiB, of the
/// names in an ar archive 1 GiB. Headers in tar archives may have 1 MiB.
constexpr std::uint64_t kMaxHeader = std::uint64_t{2} << 20U;

struct FreeArchive {
  void operator()(archive* handle) const noexcept { ::archive_read_free(handle); }
};

bool is_zero(Bytes bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](auto byte) { return byte == 0; });
}

/// True if all that libarchive warns about is that a name cannot be shown in the locale.
bool is_about_letters(archive* handle) {
  const char* text = ::archive_error_string(handle);
  return text != nullptr &&
         std::string_view(text).find("can't be converted from") != std::string_view::npos;
}

/// True if the checksum in `block`, the sum of all bytes with blanks in its own place, is right.
bool is_tar_header(Bytes block) {
  constexpr std::size_t kSum = 148;
  constexpr std::size_t kSumLength = 8;
  if (block.size() < kTarBlock || block[0] == 0) {
    return false;
  }
  std::uint32_t said = 0;
  bool digits = false;
  for (const std::uint8_t c : block.subspan(kSum, kSumLength)) {
    if (c >= '0' && c <= '7') {
      said = said * 8 + (c - '0');
      digits = true;
    } else if (c != ' ' || digits) {
      break;
    }
  }
  std::uint32_t sum = 0;
  for (std::size_t i = 0; i < kTarBlock; ++i) {
    sum += i >= kSum && i < kSum + kSumLength ? std::uint8_t{' '} : block[i];
  }
  return digits && sum == said;
}

}  // namespace

bool is_archive(ArchiveKind kind, Bytes head) noexcept {
  switch (kind) {
    case ArchiveKind::ar:
      return starts_with(head, "!<arch>\n");
    case ArchiveKind::tar:
      return is_tar_header(head);
    case ArchiveKind::cpio:
      return is_cpio(head);
  }
  return false;
}

/// libarchive keeps a pointer to it.
struct ArchiveStream::State {
  State(ArchiveKind archive_kind, const FileRange& archive_range)
      : kind(archive_kind), range(archive_range), source(archive_range), buffer(kPiece) {}

  ArchiveKind kind;
  FileRange range;
  RangeReader source;
  std::unique_ptr<Decoder> decoder;  ///< nothing where the archive is not compressed
  Compression compression = Compression::none;
  ByteVector buffer;
  std::size_t given = 0;       ///< bytes in the buffer that libarchive has got
  std::uint64_t total = 0;     ///< bytes that libarchive has got, or stepped over
  std::optional<Error> error;  ///< why there are no more
  std::string last;            ///< name of the entry that was read last
  std::unique_ptr<archive, FreeArchive> handle;

  /// Fills the buffer. Gives how much; 0 at the end.
  Result<std::size_t> fill() {
    if (!decoder) {
      return source.read(buffer);
    }
    MODPROOF_ASSIGN(count, decoder->read(buffer));
    if (count > kMaxArchiveSize - total) {
      return fail(ErrorKind::unsupported, range.file().path(),
                  fmt::format("decompresses to more than the {} bytes that a package may have",
                              kMaxArchiveSize),
                  range.offset());
    }
    return count;
  }

  /// fill(), unless libarchive holds too much already that it has made nothing of.
  Result<std::size_t> fill_for(archive* reader) {
    const auto made_of = static_cast<std::uint64_t>(::archive_filter_bytes(reader, 0));
    if (total - made_of > kMaxHeader) {
      return std::unexpected(broken_archive(fmt::format(
          "the header of an entry, or a name in it, has more than {} bytes", kMaxHeader)));
    }
    return fill();
  }

  static la_ssize_t give(archive* handle, void* data, const void** buffer) {
    auto& state = *static_cast<State*>(data);
    auto count = state.fill_for(handle);
    if (!count) {
      state.error = std::move(count.error());
      ::archive_set_error(handle, EIO, "%s", state.error->message.c_str());
      return ARCHIVE_FATAL;
    }
    state.given = *count;
    state.total += *count;
    *buffer = state.buffer.data();
    return static_cast<la_ssize_t>(*count);
  }

  /// What went wrong, as libarchive or what it reads from has it.
  [[nodiscard]] Error failure() {
    if (error) {
      return *error;
    }
    const char* text = ::archive_error_string(handle.get());
    return broken_archive(text != nullptr ? text : "it cannot be read");
  }

  [[nodiscard]] Error broken_archive(std::string_view what) const {
    static constexpr const char* kNames[] = {"ar", "tar", "cpio"};
    return {.kind = ErrorKind::malformed,
            .message = fmt::format(
                "its {} archive is broken{}: {}", kNames[static_cast<std::size_t>(kind)],
                last.empty() ? "" : " at or behind the entry " + printable(last), printable(what)),
            .path = range.file().path(),
            .offset = {}};
  }

  /// Reads what is left behind the end of the archive, which may be zeros only.
  Status check_end() {
    const auto position = static_cast<std::uint64_t>(::archive_filter_bytes(handle.get(), 0));
    if (kind == ArchiveKind::ar) {
      // What is shorter than a header is no entry to libarchive.
      if (position != range.size()) {
        return std::unexpected(broken_archive("something stands behind its last entry"));
      }
      return {};
    }
    const auto start = static_cast<std::uint64_t>(::archive_read_header_position(handle.get()));
    if (kind == ArchiveKind::tar && position - start < 2 * kTarBlock) {
      return std::unexpected(
          broken_archive("it has no end (two blocks of zeros), so it is cut off"));
    }
    const std::uint64_t left = total - position;
    if (left > given || !is_zero(Bytes(buffer).first(given).last(static_cast<std::size_t>(left)))) {
      return std::unexpected(broken_archive("something else than zeros stands behind its end"));
    }
    while (true) {
      MODPROOF_ASSIGN(count, fill());
      if (count == 0) {
        break;
      }
      total += count;
      if (!is_zero(Bytes(buffer).first(count))) {
        return std::unexpected(broken_archive("something else than zeros stands behind its end"));
      }
    }
    return decoder ? check_at_end(source, compression) : Status();
  }
};

ArchiveStream::ArchiveStream(std::unique_ptr<State> state) noexcept : state_(std::move(state)) {}
ArchiveStream::~ArchiveStream() = default;
ArchiveStream::ArchiveStream(ArchiveStream&& other) noexcept = default;
ArchiveStream& ArchiveStream::operator=(ArchiveStream&& other) noexcept = default;

Result<ArchiveStream> ArchiveStream::open(ArchiveKind kind, const FileRange& range,
                                          Compression compression) {
  auto state = std::make_unique<State>(kind, range);
  state->compression = compression;
  if (compression != Compression::none) {
    MODPROOF_ASSIGN(decoder, make_decoder(compression, state->source));
    state->decoder = std::move(decoder);
  }
  state->handle.reset(::archive_read_new());
  archive* handle = state->handle.get();
  if (handle == nullptr) {
    return fail_errno(range.file().path(), "cannot read the archive", ENOMEM);
  }
  switch (kind) {
    case ArchiveKind::ar:
      ::archive_read_support_format_ar(handle);
      break;
    case ArchiveKind::tar:
      ::archive_read_support_format_tar(handle);
      break;
    case ArchiveKind::cpio:
      ::archive_read_support_format_cpio(handle);
      break;
  }
  ::archive_read_set_read_callback(handle, &State::give);
  ::archive_read_set_callback_data(handle, state.get());
  if (::archive_read_open1(handle) != ARCHIVE_OK) {
    return std::unexpected(state->failure());
  }
  return ArchiveStream(std::move(state));
}

Result<std::optional<ArchiveEntry>> ArchiveStream::next() {
  State& state = *state_;
  archive_entry* entry = nullptr;
  const int code = ::archive_read_next_header(state.handle.get(), &entry);
  if (code == ARCHIVE_EOF && !state.error) {
    MODPROOF_TRY(state.check_end());
    return std::nullopt;
  }
  // What libarchive goes on after with a warning was not understood in full, names that this locale
  // has no letters for aside: their bytes are at hand.
  const bool only_letters = code == ARCHIVE_WARN && is_about_letters(state.handle.get());
  if (code != ARCHIVE_OK && !only_letters) {
    return std::unexpected(state.failure());
  }
  const char* name = ::archive_entry_pathname(entry);
  if (name == nullptr) {
    name = ::archive_entry_pathname_utf8(entry);
  }
  if (name == nullptr || *name == '\0') {
    return std::unexpected(state.broken_archive("an entry has no name that can be read"));
  }
  ArchiveEntry result;
  result.name = name;
  if (result.name.size() > kMaxEntryName) {
    return std::unexpected(
        state.broken_archive(fmt::format("the name of an entry has {} bytes", result.name.size())));
  }
  state.last = result.name;
  switch (::archive_entry_filetype(entry)) {
    case AE_IFREG:
      result.type = EntryType::regular;
      break;
    case AE_IFDIR:
      result.type = EntryType::directory;
      break;
    case AE_IFLNK:
      result.type = EntryType::symbolic_link;
      break;
    default:
      result.type = EntryType::other;
  }
  if (::archive_entry_size_is_set(entry) != 0) {
    const la_int64_t size = ::archive_entry_size(entry);
    if (size < 0) {
      return std::unexpected(state.broken_archive("the size of an entry is negative"));
    }
    result.size = static_cast<std::uint64_t>(size);
  }
  result.links = ::archive_entry_nlink(entry);
  if (const char* target = ::archive_entry_hardlink(entry); target != nullptr) {
    if (std::string_view(target).size() > kMaxEntryName) {
      return std::unexpected(state.broken_archive("the name that an entry links to is too long"));
    }
    result.hard_link = target;
    result.type = EntryType::regular;
  }
  result.contents_at = static_cast<std::uint64_t>(::archive_filter_bytes(state.handle.get(), 0));
  return result;
}

Result<std::size_t> ArchiveStream::read(MutableBytes to) {
  // Holes of sparse files come as zeros.
  const la_ssize_t count = ::archive_read_data(state_->handle.get(), to.data(), to.size());
  if (count < 0) {
    return std::unexpected(state_->failure());
  }
  return static_cast<std::size_t>(count);
}

}  // namespace modproof
