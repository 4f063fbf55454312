// SPDX-License-Identifier: LGPL-2.1-or-later
#include "modproof/ops/info.h"

#include <algorithm>

#include <elf.h>

#include "modproof/format/module_name.h"
#include "modproof/merkle/tree.h"
#include "modproof/ops/make_tree.h"

#include "base/file.h"
#include "base/try.h"
#include "format/compression.h"
#include "format/elf.h"
#include "ops/leaf_of.h"
#include "ops/read_trailer.h"

namespace modproof {
namespace {

bool starts_with(Bytes bytes, std::string_view magic) {
  return bytes.size() >= magic.size() &&
         std::equal(magic.begin(), magic.end(), bytes.begin(),
                    [](char a, std::uint8_t b) { return static_cast<std::uint8_t>(a) == b; });
}

Result<FileInfo> inspect_module(const File& file, const ElfImage* image, Trailer trailer) {
  ModuleInfo info{.name = {},
                  .file_size = file.size(),
                  .trailer = std::move(trailer),
                  .machine = {},
                  .debug_sections = false,
                  .leaf = {},
                  .leads_to = {}};
  info.name = module_name_of(file.path()).value_or(std::string());
  if (image != nullptr) {
    info.machine = machine_name(image->machine);
    info.debug_sections = has_debug_sections(*image);
  }
  if (info.trailer.kind == TrailerKind::merkle) {
    MODPROOF_ASSIGN(leaf, leaf_of(file, info.trailer.payload_size, info.trailer.proof.position));
    info.leaf = leaf;
    info.leads_to = lead(info.trailer.proof, leaf);
  }
  return info;
}

Result<FileInfo> inspect_kernel(const File& file, const ElfImage& image) {
  KernelInfo info{.kernel = {}, .machine = machine_name(image.machine), .bits = image.bits};
  auto kernel = read_kernel(file.path());
  if (kernel) {
    info.kernel = std::move(*kernel);
  } else if (kernel.error().kind != ErrorKind::missing) {
    return std::unexpected(std::move(kernel.error()));
  }
  return info;
}

}  // namespace

Result<FileInfo> inspect(const std::string& path) {
  MODPROOF_ASSIGN(file, File::open(path));
  ByteVector head(static_cast<std::size_t>(std::min<std::uint64_t>(file.size(), kElfHead)));
  MODPROOF_TRY(file.read_at(0, head));
  if (head.empty()) {
    return fail(ErrorKind::malformed, path, "the file is empty", 0);
  }
  if (starts_with(head, kTreeFileMagic)) {
    MODPROOF_ASSIGN(tree, read_tree(path));
    return TreeInfo{.tree = std::move(tree)};
  }
  MODPROOF_TRY(check_not_compressed(head, path));
  MODPROOF_ASSIGN(trailer, read_trailer(file));
  if (starts_with(head, ELFMAG)) {
    MODPROOF_ASSIGN(image, read_elf(file));
    if (image.type == ET_EXEC || image.type == ET_DYN) {
      if (!is_kernel(image)) {
        return fail(ErrorKind::malformed, path, "a linked ELF file, but not a kernel", 0);
      }
      return inspect_kernel(file, image);
    }
    if (image.type != ET_REL) {
      return fail(ErrorKind::malformed, path, "an ELF file, but neither a module nor a kernel", 0);
    }
    return inspect_module(file, &image, std::move(trailer));
  }
  if (trailer.kind != TrailerKind::none) {
    return inspect_module(file, nullptr, std::move(trailer));
  }
  return fail(ErrorKind::malformed, path, "neither a module, nor a kernel, nor a tree file", 0);
}

}  // namespace modproof
