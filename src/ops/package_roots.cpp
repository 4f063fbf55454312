// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ops/package_roots.h"

#include <algorithm>
#include <optional>
#include <utility>

#include <fmt/core.h>

#include "base/try.h"
#include "format/linux_banner.h"
#include "ops/describe_kernel_file.h"

namespace modproof {

void PackageRoots::add(std::size_t index, const PackageEntry& entry, File contents) {
  std::string path = contents.path();
  auto description = describe_kernel_file(std::move(contents), options_);
  const std::lock_guard lock(mutex_);
  images_[entry.place.version].emplace(
      index, Image{.path = std::move(path), .description = std::move(description)});
}

Status check_introduction(const KernelDescription& description, const std::string& version,
                          const std::string& path) {
  const std::string release = release_of(description.version);
  const bool need_not_say = release.empty() && !description.raw_kind.empty();
  if (release != version && !need_not_say) {
    return fail(ErrorKind::malformed, path,
                release.empty()
                    ? "this kernel does not say its version"
                    : fmt::format("this kernel says that it is of version {}", printable(release)));
  }
  return {};
}

Result<PackageRoot> PackageRoots::root_of(const std::string& version,
                                          std::vector<std::string>& notes) const {
  std::optional<PackageRoot> found;
  if (const auto images = images_.find(version); images != images_.end()) {
    for (const auto& [index, image] : images->second) {
      if (!image.description) {
        return std::unexpected(image.description.error());
      }
      const KernelDescription& description = *image.description;
      MODPROOF_TRY(check_introduction(description, version, image.path));
      if (!description.raw_kind.empty()) {
        notes.push_back(
            fmt::format("{}: passed over: the root of this kind of image ({}) cannot be told; name "
                        "the package with the vmlinux that it was made from as well (Debian: "
                        "linux-image-{}-dbg)",
                        printable(image.path), description.raw_kind, printable(version)));
        continue;
      }
      if (!description.kernel) {
        return fail(ErrorKind::missing, image.path,
                    "this kernel has no module hashes (no section .module_hashes)");
      }
      if (found && found->root != description.kernel->root) {
        return fail(ErrorKind::malformed, image.path,
                    fmt::format("its root differs from that of {}, which is of the same version",
                                printable(found->source)));
      }
      if (!found) {
        found = {.version = version, .root = description.kernel->root, .source = image.path};
      }
    }
  }
  if (!found) {
    return fail(ErrorKind::missing, {},
                version.empty()
                    ? std::string("the packages do not say of which kernel version "
                                  "they are (no directory lib/modules/VERSION)")
                    : fmt::format("no kernel image of version {} with a root that can "
                                  "be told is in these packages; name the package that holds it as "
                                  "well",
                                  printable(version)));
  }
  return *found;
}

void PackageNotesKeeper::failed(Error error) {
  const std::string text = describe(error);
  if (std::ranges::none_of(notes_.errors,
                           [&](const Error& known) { return describe(known) == text; })) {
    notes_.errors.push_back(std::move(error));
  }
}

void PackageNotesKeeper::done(const PackageReader& package) {
  for (const std::string& link : package.links()) {
    notes_.notes.push_back(
        fmt::format("{}:{}: is a symbolic link and was not followed; what it leads to counts under "
                    "its own name",
                    printable(package.path()), printable(link)));
  }
}

void PackageNotesKeeper::no_root(const std::string& version, std::uint64_t count, Error error) {
  notes_.without_root += count;
  error.message += fmt::format(
      "; so {} module{}{} cannot be checked, unless --kernel, --root or --tree says against what",
      count, count == 1 ? "" : "s", version.empty() ? "" : " of version " + printable(version));
  notes_.errors.push_back(std::move(error));
}

}  // namespace modproof
