// SPDX-License-Identifier: LGPL-2.1-or-later
#include "modproof/ops/kernel.h"

#include <cerrno>

#include <elf.h>
#include <fcntl.h>
#include <fmt/core.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include "modproof/format/root_text.h"

#include "base/file.h"
#include "base/file_range.h"
#include "base/replacement.h"
#include "base/resolve_target.h"
#include "base/try.h"
#include "format/compression.h"
#include "format/elf.h"
#include "format/kernel_container.h"
#include "format/linux_banner.h"
#include "format/root_section.h"
#include "ops/describe_kernel_file.h"

namespace modproof {
namespace {

/// What disks write at once, at the least.
constexpr std::uint64_t kSector = 512;

/// Larger than any line that the kernel shows there.
constexpr std::size_t kLineLimit = 4096;

/// One value in /sys: a line. Such files claim a size of their own, so they are read to the end.
Result<std::string> read_line(const std::string& path) {
  MODPROOF_ASSIGN(file, File::open(path));
  std::string text(kLineLimit, '\0');
  ssize_t got = 0;
  do {
    got = ::read(file.descriptor(), text.data(), text.size());
  } while (got < 0 && errno == EINTR);
  if (got < 0) {
    return fail_errno(path, "cannot read", errno);
  }
  text.resize(static_cast<std::size_t>(got));
  if (text.empty() || text.find('\n') != text.size() - 1) {
    return fail(ErrorKind::malformed, path, "not one line of text", 0);
  }
  text.pop_back();
  return text;
}

/// Writes all of `bytes` at `offset` of `file`. Gives the errno value of what went wrong, or 0.
int write_at(const File& file, std::uint64_t offset, Bytes bytes, bool sync) {
  ssize_t written = 0;
  do {
    written = ::pwrite(file.descriptor(), bytes.data(), bytes.size(), static_cast<off_t>(offset));
  } while (written < 0 && errno == EINTR);
  if (written != static_cast<ssize_t>(bytes.size())) {
    return written < 0 ? errno : ENOSPC;
  }
  return sync && ::fdatasync(file.descriptor()) != 0 ? errno : 0;
}

/// True if the root can be written where it is: with one write of the disk, and into a file that
/// nobody knows by another name.
bool fits_in_place(const File& file, const RootSection& section) {
  return file.status().st_nlink == 1 &&
         section.offset / kSector == (section.offset + kRootSectionSize - 1) / kSector;
}

/// `original` is the file as the section was found in it.
Status write_in_place(const File& original, const RootSection& section, Bytes bytes, bool sync) {
  const std::string& path = original.path();
  MODPROOF_ASSIGN(file, File::open_writable(path));
  if (!same_contents(file.stamp(), original.stamp())) {
    return fail(ErrorKind::changed, path, "the file changed while it was read; try again");
  }
  const int code = write_at(file, section.offset, bytes, sync);
  if (code == 0) {
    return {};
  }
  const auto old = encode_root_section(section.root, section.order);
  const bool back = write_at(file, section.offset, old, sync) == 0;
  return fail_errno(path,
                    back ? "cannot write the root (the old one was put back)"
                         : "cannot write the root, and cannot put the old one back; which of them "
                           "the kernel holds has to be looked at with --check",
                    code);
}

Status write_copy(const File& original, const std::string& output, const RootSection& section,
                  Bytes bytes, bool sync) {
  MODPROOF_ASSIGN(copy, Replacement::create(output));
  MODPROOF_TRY(copy.append_from(original, 0, original.size()));
  MODPROOF_TRY(copy.write_at(section.offset, bytes));
  const bool same_file = copy.replaces(original);
  MODPROOF_TRY(copy.keep_metadata(original, Times::renew, same_file ? Keep::all : Keep::possible));
  if (!same_file) {
    copy.replace_anything();
  }
  MODPROOF_TRY(original.check_unchanged());
  if (sync) {
    MODPROOF_TRY(copy.sync());
  }
  MODPROOF_TRY(copy.commit());
  return sync ? copy.sync_directory() : Status{};
}

/// Errors: unsupported, if the kernel in `file` is wrapped in something or raw.
Status check_not_wrapped(const File& file) {
  MODPROOF_ASSIGN(head, FileRange(file).head(kCompressionHead));
  MODPROOF_ASSIGN(container, is_kernel_container(file));
  if (container || compression_of(head) != Compression::none) {
    return fail(ErrorKind::unsupported, file.path(),
                "a kernel image that is made from the vmlinux; patch that vmlinux (ELF), then make "
                "the image from it again",
                0);
  }
  return {};
}

/// Where the kernel was wrapped in something, an offset in it is none in the file that the user
/// knows.
Error inside(const UnwrappedKernel& unwrapped, Error error) {
  if (!unwrapped.layers.empty() && error.offset) {
    error.message +=
        fmt::format(" (inside {}, offset {})", fmt::join(unwrapped.layers, ", "), *error.offset);
    error.offset.reset();
  }
  return error;
}

Result<KernelImage> image_in(const UnwrappedKernel& unwrapped) {
  auto section = read_root_section(unwrapped.file);
  if (!section) {
    return std::unexpected(inside(unwrapped, std::move(section.error())));
  }
  return KernelImage{.root = section->root,
                     .root_offset = section->offset,
                     .bits = section->bits,
                     .order = section->order,
                     .machine = machine_name(section->machine)};
}

std::string no_root_in_raw_image(const std::string& kind) {
  return fmt::format(
      "{} {} keeps no section table, so nothing says where its root is; pass the "
      "vmlinux (ELF) that it is made from, or the root itself",
      kind.starts_with("a") || kind.starts_with("E") ? "an" : "a", kind);
}

/// How the kernel introduces itself: what the setup header says, else the banner in its read-only
/// data; that of a raw image stands anywhere.
Result<std::string> version_of(const UnwrappedKernel& unwrapped) {
  if (!unwrapped.version.empty()) {
    return unwrapped.version;
  }
  const FileRange whole(unwrapped.file);
  if (!unwrapped.raw_kind.empty()) {
    return find_linux_banner(whole);
  }
  MODPROOF_ASSIGN(elf, read_elf(unwrapped.file));
  for (const ElfSection& section : elf.sections) {
    if (section.name == ".rodata" && section.in_file && !section.compressed) {
      const auto part = whole.part(section.offset, section.size);
      return part ? find_linux_banner(*part) : std::string();
    }
  }
  return std::string();
}

}  // namespace

Result<KernelImage> read_kernel(const std::string& path, const KernelOptions& options) {
  MODPROOF_ASSIGN(file, File::open(path));
  MODPROOF_ASSIGN(unwrapped, unwrap_kernel(std::move(file), options.max_size));
  if (!unwrapped.raw_kind.empty()) {
    return fail(ErrorKind::unsupported, path, no_root_in_raw_image(unwrapped.raw_kind));
  }
  return image_in(unwrapped);
}

Result<KernelDescription> describe_kernel(const std::string& path, const KernelOptions& options) {
  MODPROOF_ASSIGN(file, File::open(path));
  return describe_kernel_file(std::move(file), options);
}

Result<KernelDescription> describe_kernel_file(File file, const KernelOptions& options) {
  const std::string path = file.path();
  MODPROOF_ASSIGN(unwrapped, unwrap_kernel(std::move(file), options.max_size));
  KernelDescription description;
  if (unwrapped.raw_kind.empty()) {
    auto elf = read_elf(unwrapped.file);
    if (!elf) {
      return std::unexpected(inside(unwrapped, std::move(elf.error())));
    }
    if (elf->type != ET_EXEC && elf->type != ET_DYN) {
      return fail(ErrorKind::malformed, path, "not a linked kernel (vmlinux)");
    }
    if (!is_kernel(*elf)) {
      return fail(ErrorKind::malformed, path, "a linked ELF file, but not a kernel");
    }
    description.machine = machine_name(elf->machine);
    description.bits = elf->bits;
    auto kernel = image_in(unwrapped);
    if (kernel) {
      description.kernel = std::move(*kernel);
    } else if (kernel.error().kind != ErrorKind::missing) {
      return std::unexpected(std::move(kernel.error()));
    }
  }
  MODPROOF_ASSIGN(version, version_of(unwrapped));
  description.version = std::move(version);
  description.layers = std::move(unwrapped.layers);
  description.raw_kind = std::move(unwrapped.raw_kind);
  return description;
}

Result<Root> read_running_root(const std::string& directory) {
  if (::access(directory.c_str(), F_OK) != 0 && errno == ENOENT) {
    if (::access(directory_of(directory).c_str(), F_OK) != 0 && errno == ENOENT) {
      return fail(ErrorKind::missing, directory,
                  "sysfs is not mounted, so the root of the running kernel cannot be told");
    }
    return fail(ErrorKind::missing, directory,
                "the running kernel has no module hashes (CONFIG_MODULE_HASHES)");
  }
  MODPROOF_ASSIGN(algorithm, read_line(directory + "/algorithm"));
  if (algorithm != "sha256") {
    return fail(ErrorKind::unsupported, directory + "/algorithm",
                fmt::format("hash algorithm {} is unknown to this release", printable(algorithm)));
  }
  MODPROOF_ASSIGN(levels, read_line(directory + "/levels"));
  MODPROOF_ASSIGN(hash, read_line(directory + "/root"));
  auto root = root_from_text(fmt::format("sha256:{}:{}", levels, hash));
  if (!root) {
    return fail(ErrorKind::malformed, directory, root.error().message);
  }
  return *root;
}

Result<PatchOutcome> patch_kernel(const std::string& path, const Root& root,
                                  const std::string& output, bool sync) {
  MODPROOF_ASSIGN(file, File::open(path));
  MODPROOF_TRY(check_not_wrapped(file));
  MODPROOF_ASSIGN(section, read_root_section(file));
  const PatchOutcome outcome{.before = section.root, .changed = section.root != root};
  const auto bytes = encode_root_section(root, section.order);
  if (!output.empty()) {
    MODPROOF_TRY(write_copy(file, output, section, bytes, sync));
  } else if (outcome.changed) {
    MODPROOF_TRY(fits_in_place(file, section) ? write_in_place(file, section, bytes, sync)
                                              : write_copy(file, path, section, bytes, sync));
  }
  return outcome;
}

Status check_patchable(const std::string& path) {
  MODPROOF_ASSIGN(file, File::open(path));
  MODPROOF_TRY(check_not_wrapped(file));
  MODPROOF_ASSIGN(section, read_root_section(file));
  if (fits_in_place(file, section)) {
    const auto writable = File::open_writable(path);
    return writable ? Status{} : std::unexpected(writable.error());
  }
  MODPROOF_ASSIGN(target, resolve_target(path));
  if (::faccessat(AT_FDCWD, directory_of(target).c_str(), W_OK | X_OK, AT_EACCESS) != 0) {
    return fail_errno(path, "cannot create a new file beside it", errno);
  }
  return {};
}

}  // namespace modproof
