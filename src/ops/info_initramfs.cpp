// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ops/info_initramfs.h"

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include <sys/stat.h>

#include "modproof/format/module_name.h"
#include "modproof/format/trailer.h"

#include "base/try.h"
#include "format/initramfs.h"
#include "format/initramfs_names.h"
#include "format/initramfs_walk.h"
#include "ops/module_contents.h"
#include "ops/read_trailer.h"

namespace modproof {
namespace {

/// The kernel version whose modules are installed where `entry` stands; nothing if none are.
std::optional<std::string> version_of(const CpioEntry& entry) {
  std::string_view name = entry.name;
  // Both ways to write a name from the root are in use.
  name.remove_prefix(name.starts_with("./") ? 2 : name.starts_with('/') ? 1 : 0);
  for (const std::string_view place : {"lib/modules/", "usr/lib/modules/"}) {
    if (!name.starts_with(place)) {
      continue;
    }
    const std::string_view rest = name.substr(place.size());
    const std::size_t end = rest.find('/');
    if (!rest.empty() && end != 0 && (end != std::string_view::npos || S_ISDIR(entry.mode))) {
      return std::string(rest.substr(0, end));
    }
  }
  return std::nullopt;
}

class Survey : public InitramfsWalker {
 public:
  explicit Survey(std::uint64_t max_module_size) : max_module_size_(max_module_size) {}

  Status entry(const FileRange& range, const CpioEntry& entry) override {
    if (!open_) {
      info_.parts.emplace_back().offset = range.offset() + entry.at;
      open_ = true;
    }
    InitramfsPart& part = info_.parts.back();
    if (!compressed_) {
      part.size = range.offset() + entry.next - part.offset;
      open_ = !entry.is_trailer();
    }
    if (entry.is_trailer()) {
      return names_.entry(range, entry);
    }
    ++part.entries;
    MODPROOF_TRY(names_.entry(range, entry));
    if (auto version = version_of(entry)) {
      versions_.insert(std::move(*version));
    }
    if (has_contents(entry) && module_name_of(entry.name)) {
      ++part.modules;
      MODPROOF_ASSIGN(contents, contents_of(range, entry));
      if (auto status = count(std::move(contents)); !status) {
        info_.errors.push_back(std::move(status.error()));
      }
    }
    return {};
  }

  Status part_begins(const FileRange& compressed, Compression compression) override {
    InitramfsPart& part = info_.parts.emplace_back();
    part.offset = compressed.offset();
    part.size = compressed.size();
    part.compression = name_of(compression);
    open_ = compressed_ = true;
    return {};
  }

  Status part_ends(const FileRange& /*compressed*/, Compression /*compression*/) override {
    open_ = compressed_ = false;
    return {};
  }

  [[nodiscard]] InitramfsInfo info() && {
    info_.kernel_versions.assign(versions_.begin(), versions_.end());
    return std::move(info_);
  }

 private:
  /// Counts a module by its trailer.
  Status count(File stored) {
    MODPROOF_ASSIGN(contents, ModuleContents::of(std::move(stored), max_module_size_));
    MODPROOF_TRY(check_plain(contents.file()));
    MODPROOF_ASSIGN(trailer, read_trailer(contents.file()));
    info_.with_proof += trailer.kind == TrailerKind::merkle ? 1 : 0;
    info_.with_signature +=
        trailer.kind == TrailerKind::pkcs7 || trailer.kind == TrailerKind::other ? 1 : 0;
    return {};
  }

  std::uint64_t max_module_size_;
  InitramfsNames names_{[](const std::string& name) { return module_name_of(name).has_value(); }};
  InitramfsInfo info_;
  std::set<std::string> versions_;
  bool open_ = false;        // the last part has not ended
  bool compressed_ = false;  // it is a compressed one
};

}  // namespace

Result<InitramfsInfo> inspect_initramfs(const File& file, const InfoOptions& options) {
  Survey survey(options.max_module_size);
  MODPROOF_TRY(walk_initramfs(file, options.max_initramfs_size, survey));
  InitramfsInfo info = std::move(survey).info();
  info.file_size = file.size();
  return info;
}

}  // namespace modproof
