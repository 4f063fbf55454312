// SPDX-License-Identifier: LGPL-2.1-or-later
#include "format/package_payload.h"

#include <array>

#include <fmt/core.h>

#include "base/try.h"
#include "format/decompress_range.h"
#include "format/rpm.h"

namespace modproof {
namespace {

/// What the archive in `range`, compressed or not, starts with.
Result<ByteVector> archive_head(const FileRange& range) {
  MODPROOF_ASSIGN(head, range.head(kArchiveHead));
  const Compression compression = compression_of(head);
  if (compression == Compression::none) {
    return head;
  }
  return decompressed_head(range, compression, kArchiveHead);
}

/// The payload in `range`, which has to be an archive of `kind`, compressed or not.
Result<PackagePayload> payload_of(std::string_view format, const FileRange& range,
                                  ArchiveKind kind) {
  MODPROOF_ASSIGN(start, range.head(kCompressionHead));
  MODPROOF_ASSIGN(head, archive_head(range));
  // An archive of nothing but its end is one of tar.
  const bool empty_tar = kind == ArchiveKind::tar && !head.empty() && head.front() == 0;
  if (!is_archive(kind, head) && !empty_tar) {
    return fail(ErrorKind::unsupported, range.file().path(),
                fmt::format("the payload of this package ({}) is no such archive, nor compressed "
                            "in a way that is known",
                            format),
                range.offset());
  }
  const Compression compression = compression_of(start);
  PackagePayload payload{
      .format = std::string(format), .range = range, .archive = kind, .compression = compression};
  if (compression != Compression::none) {
    payload.format += fmt::format(", {}", name_of(compression));
  }
  return payload;
}

/// deb(5): the first member is debian-binary, which starts with the version of the format.
Status check_debian_binary(ArchiveStream& members, const ArchiveEntry& entry, const File& file) {
  std::array<std::uint8_t, 2> version{};
  MODPROOF_ASSIGN(count, members.read(version));
  if (entry.name != "debian-binary" || count != version.size()) {
    return fail(ErrorKind::malformed, file.path(),
                "an ar archive, but not a Debian package: it does not start with debian-binary", 0);
  }
  if (version[0] != '2' || version[1] != '.') {
    return fail(ErrorKind::unsupported, file.path(),
                "a Debian package of another version of the format than 2", entry.contents_at);
  }
  return {};
}

Result<PackagePayload> deb_payload(const File& file) {
  const FileRange whole(file);
  MODPROOF_ASSIGN(members, ArchiveStream::open(ArchiveKind::ar, whole, Compression::none));
  std::optional<FileRange> data;
  for (bool first = true;; first = false) {
    MODPROOF_ASSIGN(entry, members.next());
    if (!entry) {
      break;
    }
    const auto range = whole.part(entry->contents_at, entry->size);
    if (!range) {
      return fail(ErrorKind::malformed, file.path(),
                  fmt::format("its member {} reaches past the end; the package is cut off",
                              printable(entry->name)),
                  entry->contents_at);
    }
    if (first) {
      MODPROOF_TRY(check_debian_binary(members, *entry, file));
    }
    if (entry->name == "data.tar" || entry->name.starts_with("data.tar.")) {
      if (data) {
        return fail(ErrorKind::malformed, file.path(),
                    "this Debian package has two members data.tar", entry->contents_at);
      }
      data = range;
    }
  }
  if (!data) {
    return fail(ErrorKind::malformed, file.path(), "this Debian package has no member data.tar");
  }
  return payload_of("deb, tar", *data, ArchiveKind::tar);
}

}  // namespace

Result<bool> starts_like_package(const File& file) {
  const FileRange whole(file);
  MODPROOF_ASSIGN(head, whole.head(kArchiveHead));
  if (is_archive(ArchiveKind::ar, head) || is_rpm(head)) {
    return true;
  }
  MODPROOF_ASSIGN(inner, archive_head(whole));
  return is_archive(ArchiveKind::tar, inner);
}

Result<std::optional<PackagePayload>> find_package_payload(const File& file) {
  const FileRange whole(file);
  MODPROOF_ASSIGN(head, whole.head(kArchiveHead));
  if (is_archive(ArchiveKind::ar, head)) {
    MODPROOF_ASSIGN(payload, deb_payload(file));
    return payload;
  }
  if (is_rpm(head)) {
    MODPROOF_ASSIGN(range, rpm_payload(whole));
    MODPROOF_ASSIGN(payload, payload_of("rpm, cpio", range, ArchiveKind::cpio));
    return payload;
  }
  MODPROOF_ASSIGN(inner, archive_head(whole));
  if (!is_archive(ArchiveKind::tar, inner)) {
    return std::nullopt;
  }
  MODPROOF_ASSIGN(payload, payload_of("tar", whole, ArchiveKind::tar));
  return payload;
}

}  // namespace modproof
