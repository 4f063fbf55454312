// SPDX-License-Identifier: LGPL-2.1-or-later
#include "format/kernel_container.h"

#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>

#include <elf.h>
#include <fmt/core.h>
#include <fmt/ranges.h>

#include "base/file_range.h"
#include "base/temporary_file.h"
#include "base/try.h"
#include "format/bzimage.h"
#include "format/compression.h"
#include "format/decompress_range.h"
#include "format/little_endian.h"
#include "format/raw_image.h"
#include "format/unified_image.h"
#include "format/zboot.h"

namespace modproof {
namespace {

constexpr std::size_t kHead = std::max({kBzimageHead, kZbootHead, kCompressionHead});

/// The word behind a compressed payload that says how large it was, modulo 2^32.
constexpr std::size_t kSizeWord = 4;

bool is_elf(Bytes head) { return starts_with(head, {ELFMAG, SELFMAG}); }

class Unwrapper {
 public:
  Unwrapper(File file, std::uint64_t max_size)
      : path_(file.path()),
        file_(std::make_unique<File>(std::move(file))),
        range_(*file_),
        max_size_(max_size) {}

  Result<UnwrappedKernel> run() {
    while (!done_) {
      if (layers_.size() >= kMaxKernelLayers) {
        return fail(ErrorKind::unsupported, path_,
                    fmt::format("more than {} layers, one in another: {}", kMaxKernelLayers,
                                fmt::join(layers_, ", ")));
      }
      if (auto status = unwrap_one(); !status) {
        return std::unexpected(in_context(std::move(status.error())));
      }
    }
    return UnwrappedKernel{.layers = std::move(layers_),
                           .file = std::move(*file_),
                           .raw_kind = std::string(raw_kind_),
                           .version = std::move(version_)};
  }

 private:
  /// Takes the outermost layer off, or finds that there is none.
  Status unwrap_one() {
    MODPROOF_ASSIGN(head, range_.head(kHead));
    if (is_elf(head)) {
      return finish();
    }
    if (const auto compression = compression_of(head); compression != Compression::none) {
      return decompress(range_, compression, Rules::tools);  // as a boot loader does
    }
    if (is_zboot(head)) {
      return unwrap_zboot();
    }
    MODPROOF_ASSIGN(linux_section, find_linux_section(range_));
    if (linux_section) {
      layers_.emplace_back("unified kernel image");
      range_ = *linux_section;
      return {};
    }
    if (is_bzimage(head)) {
      return unwrap_bzimage();
    }
    MODPROOF_ASSIGN(raw_kind, raw_image_kind(range_));
    if (raw_kind) {
      raw_kind_ = *raw_kind;
      return finish();
    }
    return fail(ErrorKind::malformed, path_, "not a kernel image of a kind that is known",
                range_.offset());
  }

  Status unwrap_zboot() {
    MODPROOF_ASSIGN(zboot, read_zboot(range_));
    MODPROOF_ASSIGN(head, zboot.payload.head(kCompressionHead));
    const auto compression = compression_of(head);
    // Kernels before 6.13 name the rule of the build: xzkern, zstd22.
    if (compression == Compression::none || !zboot.compression.starts_with(name_of(compression))) {
      return fail(
          ErrorKind::malformed, path_,
          fmt::format("this EFI zboot image says that its payload is {}, but it starts like "
                      "{}",
                      printable(zboot.compression), name_of(compression)),
          zboot.payload.offset());
    }
    layers_.emplace_back("EFI zboot image");
    return decompress(zboot.payload, compression, Rules::kernel);
  }

  Status unwrap_bzimage() {
    MODPROOF_ASSIGN(image, read_bzimage(range_));
    version_ = std::move(image.version);
    layers_.push_back(
        fmt::format("bzImage {}.{:02}", image.protocol >> 8U, image.protocol & 0xFFU));
    MODPROOF_ASSIGN(head, image.payload.head(kCompressionHead));
    const auto compression = compression_of(head);
    if (compression == Compression::none) {
      return fail(ErrorKind::malformed, path_,
                  "the payload of this bzImage is in no compression that is known",
                  image.payload.offset());
    }
    if (compression == Compression::gzip) {  // has the size at its end by itself
      return decompress(image.payload, compression, Rules::kernel);
    }
    const auto compressed = image.payload.size() < kSizeWord
                                ? std::nullopt
                                : image.payload.part(0, image.payload.size() - kSizeWord);
    if (!compressed) {
      return fail(ErrorKind::malformed, path_, "the payload of this bzImage is cut off",
                  image.payload.offset());
    }
    std::array<std::uint8_t, kSizeWord> word{};
    MODPROOF_TRY(image.payload.read_at(compressed->size(), word));
    return decompress(*compressed, compression, Rules::kernel, load_le32(word));
  }

  /// Goes on with what `range` decompresses to. `said` is what the word behind it says of its size.
  Status decompress(const FileRange& range, Compression compression, Rules rules,
                    std::optional<std::uint32_t> said = std::nullopt) {
    MODPROOF_ASSIGN(
        inner, decompress_to_file(range, compression, {max_size_, "--max-kernel-size"}, rules));
    MODPROOF_TRY(file_->check_unchanged());
    if (said && *said != static_cast<std::uint32_t>(inner.size())) {
      return fail(ErrorKind::malformed, path_,
                  fmt::format("the payload of this bzImage decompresses to {} bytes, but the word "
                              "behind it says {}",
                              inner.size(), *said),
                  range.offset() + range.size());
    }
    layers_.emplace_back(name_of(compression));
    replace_file(std::move(inner));
    return {};
  }

  /// What is left is the kernel; whoever reads it wants it to be a file of its own.
  Status finish() {
    if (!range_.is_whole_file()) {
      MODPROOF_ASSIGN(copy, TemporaryFile::create());
      MODPROOF_TRY(copy.append_range(range_));
      MODPROOF_ASSIGN(inner, std::move(copy).finish(path_));
      MODPROOF_TRY(file_->check_unchanged());
      replace_file(std::move(inner));
    }
    done_ = true;
    return {};
  }

  void replace_file(File file) {
    *file_ = std::move(file);
    range_ = FileRange(*file_);
    decompressed_ = true;
  }

  /// An offset in a temporary file would be looked for in the file that the user knows.
  [[nodiscard]] Error in_context(Error error) const {
    if (decompressed_ && error.path == path_ && error.kind != ErrorKind::io) {
      error.message = fmt::format("{} (inside {}{})", error.message, fmt::join(layers_, ", "),
                                  error.offset ? fmt::format(", offset {}", *error.offset) : "");
      error.offset.reset();
    }
    return error;
  }

  std::string path_;
  std::unique_ptr<File> file_;  // range_ points to it
  FileRange range_;
  std::uint64_t max_size_;
  bool decompressed_ = false;
  bool done_ = false;
  std::vector<std::string> layers_;
  std::string_view raw_kind_;
  std::string version_;
};

}  // namespace

Result<bool> is_kernel_container(const File& file) {
  const FileRange range(file);
  MODPROOF_ASSIGN(head, range.head(kHead));
  if (is_zboot(head) || is_bzimage(head)) {
    return true;
  }
  MODPROOF_ASSIGN(linux_section, find_linux_section(range));
  if (linux_section) {
    return true;
  }
  MODPROOF_ASSIGN(raw_kind, raw_image_kind(range));
  return raw_kind.has_value();
}

Result<UnwrappedKernel> unwrap_kernel(File file, std::uint64_t max_size) {
  return Unwrapper(std::move(file), max_size).run();
}

}  // namespace modproof
