// SPDX-License-Identifier: LGPL-2.1-or-later
#include "modproof/ops/info.h"

#include <algorithm>

#include <elf.h>

#include "modproof/format/manifest.h"
#include "modproof/format/module_name.h"
#include "modproof/merkle/tree.h"
#include "modproof/ops/make_tree.h"

#include "base/file.h"
#include "base/file_range.h"
#include "base/try.h"
#include "format/compression.h"
#include "format/cpio.h"
#include "format/decompress_range.h"
#include "format/elf.h"
#include "format/kernel_container.h"
#include "format/package_payload.h"
#include "ops/info_initramfs.h"
#include "ops/leaf_of.h"
#include "ops/module_contents.h"
#include "ops/named_file.h"
#include "ops/read_trailer.h"
#include "ops/starts_like.h"

namespace modproof {
namespace {

/// True if `head` starts a relocatable ELF file, as modules are.
bool is_relocatable(Bytes head) {
  constexpr std::size_t kType = EI_NIDENT;
  if (!starts_with(head, ELFMAG) || head.size() < kType + 2) {
    return false;
  }
  const bool big = head[EI_DATA] == ELFDATA2MSB;
  return head[kType + (big ? 1 : 0)] == ET_REL && head[kType + (big ? 0 : 1)] == 0;
}

/// Who signed, by the PKCS#7 signature in `trailer` of `file`.
Result<Pkcs7Signer> read_signer(const File& file, const Trailer& trailer) {
  // One byte more than may be read is enough to see that there are too many.
  ByteVector body(std::min<std::size_t>(trailer.body_size, kMaxPkcs7Size + 1));
  MODPROOF_TRY(file.read_at(trailer.body_offset, body));
  auto signer = read_pkcs7_signer(body);
  if (!signer) {
    signer.error().path = file.path();
    signer.error().offset = trailer.body_offset + signer.error().offset.value_or(0);
  }
  return signer;
}

Result<FileInfo> inspect_module(const File& file, const ElfImage* image, Trailer trailer) {
  ModuleInfo info{.name = {},
                  .file_size = file.size(),
                  .compression = {},
                  .trailer = std::move(trailer),
                  .machine = {},
                  .debug_sections = false,
                  .leaf = {},
                  .leads_to = {},
                  .inner = {},
                  .signer = {}};
  info.name = module_name_of(file.path()).value_or(std::string());
  if (info.name.empty()) {
    info.name = name_inside(file).value_or(std::string());
  }
  if (image != nullptr) {
    info.machine = machine_name(image->machine);
    info.debug_sections = has_debug_sections(*image);
  }
  if (info.trailer.kind == TrailerKind::merkle) {
    MODPROOF_ASSIGN(leaf, leaf_of(file, info.trailer.payload_size, info.trailer.proof.position));
    info.leaf = leaf;
    info.leads_to = lead(info.trailer.proof, leaf);
    auto inner = read_trailer_of(file, info.trailer.payload_size);
    if (!inner) {
      info.signer = std::unexpected(std::move(inner.error()));
    } else if (inner->kind != TrailerKind::none) {
      info.inner = std::move(*inner);
    }
  }
  const Trailer& signature = info.inner ? *info.inner : info.trailer;
  if (signature.kind == TrailerKind::pkcs7) {
    info.signer = read_signer(file, signature);
  }
  return info;
}

/// What is known to be a compressed file around a relocatable ELF file.
Result<FileInfo> inspect_compressed_module(const std::string& path, std::uint64_t max_size) {
  MODPROOF_ASSIGN(contents, ModuleContents::open(path, max_size));
  MODPROOF_TRY(check_plain(contents.file()));  // a compression that the kernel does not know
  MODPROOF_ASSIGN(trailer, read_trailer(contents.file()));
  MODPROOF_ASSIGN(image, read_elf(contents.file()));
  MODPROOF_ASSIGN(info, inspect_module(contents.file(), &image, std::move(trailer)));
  MODPROOF_TRY(contents.stored().check_unchanged());
  auto& module = std::get<ModuleInfo>(info);
  module.file_size = contents.stored().size();
  module.compression = name_of(contents.compression());
  return info;
}

}  // namespace

Result<FileInfo> inspect(const std::string& path, const InfoOptions& options) {
  MODPROOF_ASSIGN(file, File::open(path));
  ByteVector head(static_cast<std::size_t>(std::min<std::uint64_t>(file.size(), kElfHead)));
  MODPROOF_TRY(file.read_at(0, head));
  if (head.empty()) {
    return fail(ErrorKind::malformed, path, "the file is empty", 0);
  }
  const bool manifest = starts_with(head, kManifestMagic);
  if (manifest || starts_with(head, kTreeFileMagic)) {
    MODPROOF_ASSIGN(tree, read_tree(path));
    return TreeInfo{.tree = std::move(tree), .manifest = manifest};
  }
  if (is_cpio(head)) {
    return inspect_initramfs(file, options);
  }
  MODPROOF_ASSIGN(package, starts_like(file, starts_like_package));
  if (package) {
    return describe_package(path, options.kernel, options.cancel);
  }
  MODPROOF_ASSIGN(container, is_kernel_container(file));
  if (container) {
    return describe_kernel(path, options.kernel);
  }
  if (const auto compression = compression_of(head); compression != Compression::none) {
    MODPROOF_ASSIGN(inner, decompressed_head(FileRange(file), compression, kElfHead));
    if (is_cpio(inner)) {
      return inspect_initramfs(file, options);
    }
    if (!is_relocatable(inner)) {
      return describe_kernel(path, options.kernel);
    }
    return inspect_compressed_module(path, options.max_module_size);
  }
  MODPROOF_ASSIGN(trailer, read_trailer(file));
  if (starts_with(head, ELFMAG)) {
    MODPROOF_ASSIGN(image, read_elf(file));
    if (image.type == ET_EXEC || image.type == ET_DYN) {
      return describe_kernel(path, options.kernel);
    }
    if (image.type != ET_REL) {
      return fail(ErrorKind::malformed, path, "an ELF file, but neither a module nor a kernel", 0);
    }
    return inspect_module(file, &image, std::move(trailer));
  }
  if (trailer.kind != TrailerKind::none) {
    return inspect_module(file, nullptr, std::move(trailer));
  }
  return fail(ErrorKind::malformed, path,
              "neither a module, nor a kernel, nor an initramfs, nor a package, nor a tree file",
              0);
}

}  // namespace modproof
