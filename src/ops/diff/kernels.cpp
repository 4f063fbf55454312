// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ops/diff/kernels.h"

#include <algorithm>
#include <utility>

#include <fmt/core.h>
#include <fmt/ranges.h>

#include "base/file_range.h"
#include "base/try.h"
#include "format/linux_banner.h"
#include "format/pe.h"
#include "ops/diff/banner.h"
#include "ops/diff/first_difference.h"
#include "ops/diff/sections.h"

namespace modproof {
namespace {

/// Signing pads what is signed with zeros to a multiple of this (PE format, Attribute Certificate
/// Table).
constexpr std::uint64_t kSignedAlignment = 8;

/// True if the bytes of `image` from `from` on are zeros, and fewer than signing may add.
Result<bool> is_padding(const FileRange& image, std::uint64_t from, std::uint64_t end) {
  if (end - from >= kSignedAlignment) {
    return false;
  }
  ByteVector bytes(static_cast<std::size_t>(end - from));
  MODPROOF_TRY(image.read_at(from, bytes));
  return std::all_of(bytes.begin(), bytes.end(), [](std::uint8_t byte) { return byte == 0; });
}

/// True if the `size` bytes at `offset`, which lie in both, are the same.
Result<bool> same_part(const FileRange& a, const FileRange& b, std::uint64_t offset,
                       std::uint64_t size) {
  MODPROOF_ASSIGN(first, first_difference(*a.part(offset, size), *b.part(offset, size)));
  return !first;
}

/// Two images, both EFI programs, that are the same but for what signing changes; how they are
/// signed, or nothing if there is more to it.
Result<std::optional<std::pair<PeSigning, PeSigning>>> compare_signed(const FileRange& a,
                                                                      const FileRange& b) {
  MODPROOF_ASSIGN(pe_a, read_pe(a));
  MODPROOF_ASSIGN(pe_b, read_pe(b));
  if (!pe_a || !pe_b || !pe_a->signing || !pe_b->signing ||
      (pe_a->signing->certificates == 0 && pe_b->signing->certificates == 0) ||
      pe_a->signing->checksum_at != pe_b->signing->checksum_at ||
      pe_a->signing->certificates_at != pe_b->signing->certificates_at) {
    return std::nullopt;
  }
  const PeSigning& in_a = *pe_a->signing;
  const PeSigning& in_b = *pe_b->signing;
  const std::uint64_t behind_checksum = in_a.checksum_at + sizeof(std::uint32_t);
  const std::uint64_t behind_entry = in_a.certificates_at + 2 * sizeof(std::uint32_t);
  const std::uint64_t end = std::min(in_a.end, in_b.end);
  for (const auto& [from, to] : {std::pair<std::uint64_t, std::uint64_t>{0, in_a.checksum_at},
                                 {behind_checksum, in_a.certificates_at},
                                 {behind_entry, end}}) {
    MODPROOF_ASSIGN(same, same_part(a, b, from, to - from));
    if (!same) {
      return std::nullopt;
    }
  }
  MODPROOF_ASSIGN(
      padded, in_a.end > in_b.end ? is_padding(a, end, in_a.end) : is_padding(b, end, in_b.end));
  if (!padded) {
    return std::nullopt;
  }
  return std::pair(in_a, in_b);
}

std::string certificates_text(const PeSigning& signing) {
  return signing.certificates == 0 ? "none" : fmt::format("{} bytes", signing.certificates);
}

std::string layers_text(const KernelContents& kernel) {
  return kernel.layers().empty() ? "nothing" : fmt::format("{}", fmt::join(kernel.layers(), ", "));
}

/// The kernels in both are the same; how the images around them differ, if they do.
Result<std::optional<FileDifference>> compare_images(const KernelContents& a,
                                                     const KernelContents& b) {
  const FileRange image_a(a.image());
  const FileRange image_b(b.image());
  MODPROOF_ASSIGN(first, first_difference(image_a, image_b));
  if (!first && image_a.size() == image_b.size()) {
    return std::nullopt;
  }
  FileDifference difference;
  difference.path_a = a.image().path();
  difference.path_b = b.image().path();
  difference.size_a = image_a.size();
  difference.size_b = image_b.size();
  difference.offset = first.value_or(std::min(image_a.size(), image_b.size()));
  difference.only_wrapping = true;
  if (a.layers() != b.layers()) {
    difference.unreadable = fmt::format("the same kernel is wrapped in {} in A, in {} in B",
                                        layers_text(a), layers_text(b));
    return difference;
  }
  MODPROOF_ASSIGN(signing, compare_signed(image_a, image_b));
  if (signing) {
    difference.only_trailers = true;
    difference.guesses.push_back(
        {.cause = DiffCause::signature,
         .evidence =
             fmt::format("the same but for the certificates of Secure Boot: {} in A, {} in "
                         "B",
                         certificates_text(signing->first), certificates_text(signing->second))});
  }
  return difference;
}

/// A raw image is taken apart by nobody, but it says who made it.
Status guess_from_raw(const KernelContents& a, const KernelContents& b,
                      FileDifference& difference) {
  MODPROOF_ASSIGN(in_a, find_linux_banner(FileRange(a.kernel())));
  MODPROOF_ASSIGN(in_b, find_linux_banner(FileRange(b.kernel())));
  difference.unreadable = fmt::format("{} and {}: without a section table, so compared as bytes",
                                      a.raw_kind(), b.raw_kind());
  difference.guesses = guess_from_banners(in_a, in_b);
  return {};
}

}  // namespace

Result<std::optional<FileDifference>> compare_kernels(const KernelContents& a,
                                                      const KernelContents& b) {
  if (a.raw_kind().empty() != b.raw_kind().empty()) {
    const KernelContents& raw = a.raw_kind().empty() ? b : a;
    const KernelContents& elf = a.raw_kind().empty() ? a : b;
    return fail(ErrorKind::unsupported, raw.image().path(),
                fmt::format("{} has no section table, and {} is an ELF file, so they are not "
                            "compared; pass the vmlinux (ELF) that this one was made from",
                            raw.raw_kind(), printable(elf.image().path())));
  }
  MODPROOF_ASSIGN(difference, compare_files(a.kernel(), b.kernel()));
  if (!difference) {
    return compare_images(a, b);
  }
  if (!a.raw_kind().empty()) {
    MODPROOF_TRY(guess_from_raw(a, b, *difference));
  }
  return difference;
}

}  // namespace modproof
