// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ops/initramfs_modules.h"

#include <utility>

#include "modproof/format/module_name.h"
#include "modproof/ops/verify.h"

#include "format/initramfs.h"
#include "ops/run.h"
#include "ops/starts_like.h"

namespace modproof {

Result<bool> is_initramfs_file(const std::string& path) { return starts_like(path, is_initramfs); }

Status visit_modules_in(const std::vector<std::string>& paths, std::uint64_t max_size,
                        const Cancel* cancel, const TakeModule& take, std::vector<Error>& errors) {
  const InitramfsVisitor visitor{
      .wants = [](const std::string& name) { return module_name_of(name).has_value(); },
      .take = [&](const std::string& name, File contents) -> Status {
        if (cancelled(cancel)) {
          return fail_interrupted();
        }
        if (auto status = take(*module_name_of(name), std::move(contents)); !status) {
          errors.push_back(std::move(status.error()));
        }
        return {};
      }};
  for (const std::string& path : paths) {
    auto file = File::open(path);
    auto status = file ? visit_initramfs(*file, max_size, visitor)
                       : Status(std::unexpected(std::move(file.error())));
    if (!status) {
      if (status.error().kind == ErrorKind::interrupted) {
        return status;
      }
      errors.push_back(std::move(status.error()));
    }
  }
  return {};
}

}  // namespace modproof
