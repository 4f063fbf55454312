// SPDX-License-Identifier: LGPL-2.1-or-later
#include "format/package_reader.h"

#include <algorithm>
#include <memory>
#include <utility>

#include <fmt/core.h>

#include "base/temporary_file.h"
#include "base/try.h"
#include "format/decompress_range.h"

namespace modproof {

namespace {

/// The option that allows a file of this kind to be larger.
std::string_view option_for(PackageFile kind) noexcept {
  switch (kind) {
    case PackageFile::module:
      return "--max-module-size";
    case PackageFile::kernel:
      return "--max-kernel-size";
    default:
      return {};
  }
}

}  // namespace

PackageReader::PackageReader(std::unique_ptr<File> file, PackagePayload payload,
                             ArchiveStream stream)
    : file_(std::move(file)), payload_(std::move(payload)), stream_(std::move(stream)) {}

Result<PackageReader> PackageReader::open(const std::string& path) {
  MODPROOF_ASSIGN(opened, File::open(path));
  auto file = std::make_unique<File>(std::move(opened));
  MODPROOF_ASSIGN(payload, find_package_payload(*file));
  if (!payload) {
    return fail(ErrorKind::malformed, path, "not a package", 0);
  }
  MODPROOF_ASSIGN(stream,
                  ArchiveStream::open(payload->archive, payload->range, payload->compression));
  return PackageReader(std::move(file), std::move(*payload), std::move(stream));
}

std::unexpected<Error> PackageReader::bad_entry(const std::string& path, std::string what) const {
  return fail(ErrorKind::malformed, file_->path(),
              fmt::format("its entry {} {}", printable(path), what));
}

Status PackageReader::remember_path(const std::string& path) {
  if (!seen_.emplace(without_usr(path)).second) {
    return bad_entry(path, "stands in it twice");
  }
  if (seen_.size() > kMaxPackageFiles) {
    return fail(ErrorKind::unsupported, file_->path(),
                fmt::format("holds more than {} modules", kMaxPackageFiles));
  }
  return {};
}

Result<std::optional<PackageEntry>> PackageReader::next() {
  while (true) {
    MODPROOF_ASSIGN(entry, stream_.next());
    if (!entry) {
      MODPROOF_TRY(check_links());
      MODPROOF_TRY(file_->check_unchanged());
      return std::nullopt;
    }
    auto path = entry_path(entry->name);
    if (!path) {
      path.error().path = file_->path();
      return std::unexpected(std::move(path.error()));
    }
    PackagePlace place = place_of(*path);
    // Directories may be called as they like.
    if (place.kind == PackageFile::other || entry->type == EntryType::directory) {
      continue;
    }
    MODPROOF_TRY(remember_path(*path));
    if (entry->type == EntryType::symbolic_link) {
      links_.push_back(std::move(*path));
      continue;
    }
    if (entry->type != EntryType::regular) {
      return bad_entry(*path, "is no regular file");
    }
    std::string target;
    if (!entry->hard_link.empty()) {
      auto named = entry_path(entry->hard_link);
      if (!named) {
        return bad_entry(*path, "is a hard link that leads out of the package");
      }
      target = std::move(*named);
    }
    if (entry->size == 0 && (!target.empty() || entry->links > 1)) {
      std::string known_as = target.empty() ? *path : std::move(target);
      other_names_.emplace(std::move(*path), std::move(known_as));
      continue;
    }
    with_contents_.insert(*path);
    if (!target.empty()) {
      with_contents_.insert(std::move(target));
    }
    return PackageEntry{.path = std::move(*path), .place = std::move(place), .size = entry->size};
  }
}

Status PackageReader::check_links() const {
  for (const auto& [path, known_as] : other_names_) {
    if (!with_contents_.contains(known_as)) {
      return bad_entry(path, fmt::format("is a hard link to {}, whose contents are not those of a "
                                         "module or a kernel image in this package",
                                         printable(known_as)));
    }
  }
  return {};
}

Result<File> PackageReader::contents(const PackageEntry& entry, std::uint64_t limit) {
  constexpr std::size_t kPiece = std::size_t{256} << 10U;
  std::string name = fmt::format("{}:{}", file_->path(), entry.path);
  if (entry.size > limit) {
    return fail(ErrorKind::unsupported, std::move(name),
                fmt::format("has {} bytes, more than {}", entry.size,
                            beyond({limit, option_for(entry.place.kind)})));
  }
  MODPROOF_ASSIGN(output, entry.size <= kPackageFileInMemory ? TemporaryFile::create_in_memory()
                                                             : TemporaryFile::create());
  ByteVector buffer(static_cast<std::size_t>(std::clamp<std::uint64_t>(entry.size, 1, kPiece)));
  while (true) {
    MODPROOF_ASSIGN(count, stream_.read(buffer));
    if (count == 0) {
      break;
    }
    if (count > entry.size - output.size()) {
      return bad_entry(entry.path, "has more contents than it says");
    }
    MODPROOF_TRY(output.append(Bytes(buffer).first(count)));
  }
  if (output.size() != entry.size) {
    return bad_entry(entry.path, "has less contents than it says");
  }
  return std::move(output).finish(std::move(name));
}

}  // namespace modproof
