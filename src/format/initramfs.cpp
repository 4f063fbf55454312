// SPDX-License-Identifier: LGPL-2.1-or-later
#include "format/initramfs.h"

#include <utility>

#include "base/file_range.h"
#include "base/temporary_file.h"
#include "base/try.h"
#include "format/compression.h"
#include "format/decompress_range.h"
#include "format/initramfs_names.h"
#include "format/initramfs_walk.h"

namespace modproof {
namespace {

class Visit : public InitramfsWalker {
 public:
  explicit Visit(const InitramfsVisitor& visitor) : visitor_(visitor), names_(visitor.wants) {}

  Status entry(const FileRange& range, const CpioEntry& entry) override {
    MODPROOF_TRY(names_.entry(range, entry));
    if (!has_contents(entry) || !visitor_.wants(entry.name)) {
      return {};
    }
    MODPROOF_ASSIGN(contents, contents_of(range, entry));
    return visitor_.take(entry.name, std::move(contents));
  }

 private:
  const InitramfsVisitor& visitor_;
  InitramfsNames names_;
};

}  // namespace

bool has_contents(const CpioEntry& entry) noexcept {
  return !entry.is_trailer() && entry.is_regular() && (entry.size != 0 || entry.links <= 1);
}

Result<File> contents_of(const FileRange& range, const CpioEntry& entry) {
  MODPROOF_ASSIGN(output, TemporaryFile::create());
  MODPROOF_TRY(output.append_range(*range.part(entry.contents_at, entry.size)));
  return std::move(output).finish(range.file().path() + ":" + entry.name);
}

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
  Visit visit(visitor);
  return walk_initramfs(file, max_size, visit);
}

}  // namespace modproof
