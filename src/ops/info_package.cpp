// SPDX-License-Identifier: LGPL-2.1-or-later
// What packages hold, without looking into the modules.
#include <utility>

#include <fmt/core.h>

#include "modproof/ops/package.h"

#include "base/file.h"
#include "base/try.h"
#include "format/package_payload.h"
#include "format/package_reader.h"
#include "ops/describe_kernel_file.h"
#include "ops/package_roots.h"
#include "ops/run.h"
#include "ops/starts_like.h"

namespace modproof {

Result<bool> is_package_file(const std::string& path) {
  return starts_like(path, starts_like_package);
}

Result<PackageInfo> describe_package(const std::string& path, const KernelOptions& kernel,
                                     const Cancel* cancel) {
  MODPROOF_ASSIGN(reader, PackageReader::open(path));
  PackageInfo info;
  info.file_size = reader.file_size();
  info.format = reader.format();
  while (true) {
    if (cancelled(cancel)) {
      return fail_interrupted();
    }
    MODPROOF_ASSIGN(entry, reader.next());
    if (!entry) {
      break;
    }
    if (entry->place.kind == PackageFile::module) {
      ++info.modules[entry->place.version];
    } else if (entry->place.kind == PackageFile::kernel) {
      MODPROOF_ASSIGN(contents, reader.contents(*entry, kernel.max_size));
      const std::string name = contents.path();
      MODPROOF_ASSIGN(description, describe_kernel_file(std::move(contents), kernel));
      MODPROOF_TRY(check_introduction(description, entry->place.version, name));
      info.kernels.push_back({.version = entry->place.version,
                              .path = std::move(entry->path),
                              .description = std::move(description)});
    }
  }
  info.links = reader.links();
  return info;
}

}  // namespace modproof
