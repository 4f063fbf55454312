// SPDX-License-Identifier: LGPL-2.1-or-later
// Where in a package the archive of its files stands, told by contents and never by a name:
//
//     .deb           ar:  | debian-binary | control.tar.* | data.tar.* |    the last is the payload
//     .rpm           see rpm.h: a compressed cpio archive
//     .pkg.tar.zst   a compressed tar archive, as any other
//     tar            plain, or compressed in any way that decoder.h knows
#pragma once

#include <optional>
#include <string>

#include "modproof/base/result.h"

#include "base/file.h"
#include "base/file_range.h"
#include "format/archive_stream.h"
#include "format/compression.h"

namespace modproof {

struct PackagePayload {
  std::string format;  ///< the kind of package, its archive, its compression: `deb, tar, xz`
  FileRange range;
  ArchiveKind archive = ArchiveKind::tar;
  Compression compression = Compression::none;
};

/// True if `file` starts like a package: whether it is a whole one, find_package_payload() says.
/// Errors: malformed (a compression that is broken at once); unsupported; io; changed.
[[nodiscard]] Result<bool> starts_like_package(const File& file);

/// The payload of the package in `file`, which outlives what is returned; nothing if the file is
/// no package.
/// Errors: malformed (starts like a package, but is none: no or two data.tar, an ar archive that is
/// broken or cut off, headers of an rpm that are; a compression that is broken at once);
/// unsupported (a version of the format that is not known; a payload compressed in a way that is
/// not known); io; changed.
[[nodiscard]] Result<std::optional<PackagePayload>> find_package_payload(const File& file);

}  // namespace modproof
