// SPDX-License-Identifier: LGPL-2.1-or-later
#include "format/initramfs_edit.h"

#include <limits>
#include <optional>
#include <utility>

#include <fmt/core.h>

#include "base/file_range.h"
#include "base/temporary_file.h"
#include "base/try.h"
#include "format/initramfs.h"
#include "format/initramfs_names.h"
#include "format/initramfs_walk.h"

namespace modproof {
namespace {

class Edit : public InitramfsWalker {
 public:
  Edit(const InitramfsEditor& editor, const ByteSink& sink)
      : editor_(editor), sink_(sink), names_(editor.wants) {}

  Status zeros(const FileRange& zeros) override { return copy(zeros); }

  Status entry(const FileRange& range, const CpioEntry& entry) override {
    MODPROOF_TRY(names_.entry(range, entry));
    MODPROOF_TRY(align());
    const FileRange whole = *range.part(entry.at, entry.next - entry.at);
    if (!has_contents(entry) || !editor_.wants(entry.name)) {
      return copy(whole);
    }
    MODPROOF_ASSIGN(contents, contents_of(range, entry));
    MODPROOF_ASSIGN(change, editor_.edit(entry.name, std::move(contents)));
    if (change.appended.empty() && !change.replaced) {
      return copy(whole);
    }
    const FileRange old = *range.part(entry.contents_at, entry.size);
    const FileRange kept = change.replaced ? FileRange(*change.replaced) : old;
    const std::uint64_t size = kept.size() + change.appended.size();
    if (size > std::numeric_limits<std::uint32_t>::max()) {
      return fail(ErrorKind::unsupported, range.file().path(),
                  fmt::format("its entry {} gets too large for cpio", printable(entry.name)),
                  range.offset() + entry.at);
    }
    changed_ = true;
    std::uint32_t checksum = cpio_checksum(change.appended);
    if (change.replaced) {
      MODPROOF_ASSIGN(before, checksum_of(old));
      MODPROOF_ASSIGN(now, checksum_of(kept));
      checksum += now - before;
    }
    MODPROOF_ASSIGN(head, whole.head(static_cast<std::size_t>(entry.contents_at - entry.at)));
    change_cpio_entry(head, static_cast<std::uint32_t>(size - entry.size), checksum);
    MODPROOF_TRY(write(head));
    MODPROOF_TRY(copy(kept));
    change.appended.resize(change.appended.size() +
                           static_cast<std::size_t>(-size % kCpioAlignment));
    return write(change.appended);
  }

  Status part_begins(const FileRange& /*compressed*/, Compression /*compression*/) override {
    MODPROOF_TRY(align());
    MODPROOF_ASSIGN(file, TemporaryFile::create());
    part_ = std::move(file);
    changed_ = false;
    return {};
  }

  Status part_ends(const FileRange& compressed, Compression compression) override {
    MODPROOF_ASSIGN(edited, std::move(*part_).finish(compressed.file().path()));
    part_.reset();
    if (!changed_) {
      return copy(compressed);
    }
    MODPROOF_ASSIGN(settings, settings_of(compressed, compression));
    std::uint64_t size = 0;
    MODPROOF_TRY(compress_range(FileRange(edited), settings, [&](Bytes bytes) {
      size += bytes.size();
      return sink_(bytes);
    }));
    missing_ = static_cast<std::size_t>((compressed.size() - size) % kCpioAlignment);
    return {};
  }

 private:
  Status write(Bytes bytes) { return part_ ? part_->append(bytes) : sink_(bytes); }

  /// Writes the zeros that bring what follows a part of another size than before to its place
  /// modulo kCpioAlignment.
  Status align() { return sink_(ByteVector(std::exchange(missing_, 0))); }

  static Result<std::uint32_t> checksum_of(const FileRange& contents) {
    std::uint32_t sum = 0;
    MODPROOF_TRY(contents.each_piece(kPiece, [&](Bytes piece) -> Status {
      sum += cpio_checksum(piece);
      return {};
    }));
    return sum;
  }

  Status copy(const FileRange& range) {
    return range.each_piece(kPiece, [this](Bytes piece) { return write(piece); });
  }

  static constexpr std::size_t kPiece = 1U << 18U;

  const InitramfsEditor& editor_;
  const ByteSink& sink_;
  InitramfsNames names_;
  std::optional<TemporaryFile> part_;  ///< what the compressed part that is read becomes
  bool changed_ = false;               ///< something in it
  std::size_t missing_ = 0;            ///< zeros, if something else than zeros follows
};

}  // namespace

Status edit_initramfs(const File& file, std::uint64_t max_size, const InitramfsEditor& editor,
                      const ByteSink& sink) {
  Edit edit(editor, sink);
  return walk_initramfs(file, max_size, edit);
}

}  // namespace modproof
