// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ops/named_file.h"

#include <cerrno>
#include <string_view>
#include <utility>

#include <elf.h>
#include <sys/stat.h>

#include "modproof/ops/package.h"
#include "modproof/ops/verify.h"

#include "base/file_range.h"
#include "base/temporary_file.h"
#include "base/try.h"
#include "format/compression.h"
#include "format/decompress_range.h"
#include "format/elf.h"
#include "format/elf_contents.h"
#include "format/kernel_container.h"
#include "format/modinfo.h"
#include "format/unified_image.h"
#include "ops/module_contents.h"
#include "ops/starts_like.h"

namespace modproof {
namespace {

/// What the kernel has room for (MODULE_NAME_LEN), roundly.
constexpr std::size_t kLongestName = 64;
constexpr std::uint64_t kModinfoLimit = std::uint64_t{1} << 20U;
/// The mark of a raw image that stands farthest behind its start is that of s390, at 64 KiB.
constexpr std::size_t kImageHead = std::size_t{128} << 10U;

bool is_name(std::string_view text) {
  constexpr std::string_view kLetters =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";
  return !text.empty() && text.size() <= kLongestName &&
         text.find_first_not_of(kLetters) == std::string_view::npos;
}

/// `name=` in the section .modinfo; nothing if there is none that is a name.
std::optional<std::string> name_in_modinfo(const ElfContents& elf) {
  const ElfSection* section = elf.find(".modinfo");
  if (section == nullptr) {
    return std::nullopt;
  }
  const auto bytes = elf.bytes(*section, kModinfoLimit);
  const auto name = bytes ? modinfo_value(*bytes, "name") : std::nullopt;
  return name && is_name(*name) ? std::optional<std::string>(*name) : std::nullopt;
}

std::string name_of_file(std::string_view path) {
  path.remove_prefix(path.rfind('/') + 1);
  for (const std::string_view suffix : {".gz", ".xz", ".zst"}) {
    if (path.size() > suffix.size() && path.ends_with(suffix)) {
      path.remove_suffix(suffix.size());
      break;
    }
  }
  return std::string(path);
}

bool is_linked(const ElfImage& image) { return image.type == ET_EXEC || image.type == ET_DYN; }

Result<bool> is_linked_kernel(const File& file) {
  MODPROOF_ASSIGN(image, read_elf(file));
  return is_linked(image) && is_kernel(image);
}

/// True if `head`, of what is compressed, starts a kernel. Its section table is not at hand, so an
/// ELF file counts as one unless it is relocatable, as modules are.
Result<bool> starts_kernel(Bytes head) {
  if (starts_with(head, {ELFMAG, SELFMAG})) {
    return head.size() >= kElfHead && !check_module_head(head, UINT64_MAX);
  }
  MODPROOF_ASSIGN(copy, TemporaryFile::create_in_memory());
  MODPROOF_TRY(copy.append(head));
  MODPROOF_ASSIGN(file, std::move(copy).finish({}));
  return is_kernel_container(file);
}

Result<bool> is_kernel_image(const File& file) {
  MODPROOF_ASSIGN(container, is_kernel_container(file));
  if (container) {
    return true;
  }
  const FileRange range(file);
  MODPROOF_ASSIGN(head, range.head(kCompressionHead));
  if (const auto compression = compression_of(head); compression != Compression::none) {
    MODPROOF_ASSIGN(inner, decompressed_head(range, compression, kImageHead));
    return starts_kernel(inner);
  }
  return is_linked_kernel(file);
}

Result<bool> is_unified_image(const File& file) {
  MODPROOF_ASSIGN(section, find_linux_section(FileRange(file)));
  return section.has_value();
}

}  // namespace

std::optional<std::string> name_inside(const File& file) {
  const auto elf = ElfContents::open(file);
  if (!elf || elf->image().type != ET_REL || elf->find(".gnu.linkonce.this_module") == nullptr) {
    return std::nullopt;
  }
  auto name = name_in_modinfo(*elf);
  return name ? std::move(*name) : name_of_file(file.path());
}

std::optional<std::string> name_of_module_at(const std::string& path, std::uint64_t limit) {
  const auto file = File::open(path);
  if (!file) {
    return std::nullopt;
  }
  const FileRange range(*file);
  const auto head = range.head(kElfHead);
  if (!head) {
    return std::nullopt;
  }
  const auto compression = module_compression(*head);
  if (compression == Compression::none) {
    return name_inside(*file);
  }
  // Only what starts like a module is decompressed as a whole.
  const auto inner = decompressed_head(range, compression, kElfHead);
  if (!inner || !check_module_head(*inner, UINT64_MAX)) {
    return std::nullopt;
  }
  const auto contents = ModuleContents::open(path, limit);
  return contents ? name_inside(contents->file()) : name_of_file(path);
}

Error no_module(const std::string& path) {
  struct stat status{};
  if (::stat(path.c_str(), &status) != 0) {
    return fail_errno(path, "cannot stat", errno).error();
  }
  const char* what = "not a directory, and neither a module nor called like one (NAME.ko)";
  if (is_package_file(path).value_or(false)) {
    what = "a package, which is only read; unpack it, and name its directory of modules";
  } else if (is_initramfs_file(path).value_or(false)) {
    what =
        "an initramfs, of which this command changes nothing; `modproof verify FILE --fix --tree "
        "TREE -o NEW` writes one whose modules carry their proofs";
  } else if (starts_like(path, is_unified_image).value_or(false)) {
    what =
        "a unified kernel image; where a kernel is needed, name it with --kernel. The modules in "
        "its initramfs are not looked at: take that out with `objcopy -O binary "
        "--only-section=.initrd FILE initrd.img`, and name initrd.img";
  } else if (starts_like(path, is_kernel_image).value_or(false)) {
    what =
        "a kernel image, not a module; where a kernel is needed, name it with --kernel, and "
        "modules or directories of them as arguments";
  }
  return {.kind = ErrorKind::malformed, .message = what, .path = path, .offset = {}};
}

}  // namespace modproof
