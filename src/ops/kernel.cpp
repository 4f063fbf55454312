// SPDX-License-Identifier: LGPL-2.1-or-later
#include "modproof/ops/kernel.h"

#include <cerrno>
#include <charconv>
#include <string_view>

#include <fmt/core.h>
#include <unistd.h>

#include "modproof/format/root_text.h"

#include "base/file.h"
#include "base/replacement.h"
#include "base/try.h"
#include "format/elf.h"
#include "format/root_section.h"

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

/// `original` is the file as the section was found in it.
Status write_in_place(const File& original, const RootSection& section, Bytes bytes, bool sync) {
  const std::string& path = original.path();
  MODPROOF_ASSIGN(file, File::open_writable(path));
  if (!same_contents(file.stamp(), original.stamp())) {
    return fail(ErrorKind::changed, path, "the file changed while it was read; try again");
  }
  ssize_t written = 0;
  do {
    written =
        ::pwrite(file.descriptor(), bytes.data(), bytes.size(), static_cast<off_t>(section.offset));
  } while (written < 0 && errno == EINTR);
  if (written != static_cast<ssize_t>(bytes.size())) {
    return fail_errno(path, "cannot write", written < 0 ? errno : ENOSPC);
  }
  if (sync && ::fdatasync(file.descriptor()) != 0) {
    return fail_errno(path, "cannot write to the disk", errno);
  }
  return {};
}

Status write_copy(const File& original, const std::string& output, const RootSection& section,
                  Bytes bytes, bool sync) {
  MODPROOF_ASSIGN(copy, Replacement::create(output));
  MODPROOF_TRY(copy.append_from(original, 0, original.size()));
  MODPROOF_TRY(copy.write_at(section.offset, bytes));
  MODPROOF_TRY(copy.keep_metadata(original, Times::renew));
  if (output != original.path()) {
    copy.replace_anything();
  }
  MODPROOF_TRY(original.check_unchanged());
  if (sync) {
    MODPROOF_TRY(copy.sync());
  }
  MODPROOF_TRY(copy.commit());
  return sync ? copy.sync_directory() : Status{};
}

}  // namespace

Result<KernelImage> read_kernel(const std::string& path) {
  MODPROOF_ASSIGN(file, File::open(path));
  MODPROOF_ASSIGN(section, read_root_section(file));
  return KernelImage{.root = section.root,
                     .root_offset = section.offset,
                     .bits = section.bits,
                     .order = section.order,
                     .machine = machine_name(section.machine)};
}

Result<Root> read_running_root(const std::string& directory) {
  if (::access(directory.c_str(), F_OK) != 0 && errno == ENOENT) {
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
  MODPROOF_ASSIGN(section, read_root_section(file));
  const PatchOutcome outcome{.before = section.root, .changed = section.root != root};
  const auto bytes = encode_root_section(root, section.order);
  if (!output.empty()) {
    MODPROOF_TRY(write_copy(file, output, section, bytes, sync));
  } else if (outcome.changed) {
    const bool one_sector =
        section.offset / kSector == (section.offset + kRootSectionSize - 1) / kSector;
    MODPROOF_TRY(one_sector ? write_in_place(file, section, bytes, sync)
                            : write_copy(file, path, section, bytes, sync));
  }
  return outcome;
}

}  // namespace modproof
