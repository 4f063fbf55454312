// SPDX-License-Identifier: LGPL-2.1-or-later
#include "format/package_entry.h"

#include <algorithm>
#include <array>
#include <optional>

#include <fmt/core.h>

#include "modproof/format/module_name.h"

namespace modproof {
namespace {

constexpr std::string_view kModules = "lib/modules/";
constexpr std::string_view kDebug = "usr/lib/debug/";

/// `path` without `prefix`, if it has that.
std::optional<std::string_view> behind(std::string_view path, std::string_view prefix) {
  if (!path.starts_with(prefix)) {
    return std::nullopt;
  }
  return path.substr(prefix.size());
}

std::string_view without_compression_suffix(std::string_view name) {
  for (const std::string_view suffix : {".gz", ".xz", ".zst"}) {
    if (name.ends_with(suffix)) {
      return name.substr(0, name.size() - suffix.size());
    }
  }
  return name;
}

/// The version in `NAME-VERSION` of a kernel image in /boot.
std::optional<std::string_view> version_in_boot(std::string_view name) {
  for (const std::string_view start : {"vmlinuz-", "vmlinux-", "Image-", "image-"}) {
    if (const auto version = behind(without_compression_suffix(name), start)) {
      const bool is_name = !version->empty() && version->find('/') == std::string_view::npos;
      return is_name ? version : std::nullopt;
    }
  }
  return std::nullopt;
}

/// True for `name` below the directory of the modules.
bool is_kernel_beside_modules(std::string_view name) {
  // build/vmlinux: what modules are built against (Arch); vmlinuz-virt.efi: unified (Fedora).
  constexpr std::array<std::string_view, 6> kNames{"vmlinuz", "vmlinux",       "Image",
                                                   "image",   "build/vmlinux", "vmlinuz-virt.efi"};
  return std::find(kNames.begin(), kNames.end(), without_compression_suffix(name)) != kNames.end();
}

}  // namespace

Result<std::string> entry_path(std::string_view name) {
  if (name.starts_with('/')) {
    return fail(ErrorKind::malformed, {},
                fmt::format("its entry {} has an absolute path", printable(name)));
  }
  std::string path;
  while (!name.empty()) {
    const std::string_view part = name.substr(0, name.find('/'));
    name.remove_prefix(std::min(name.size(), part.size() + 1));
    if (part == "..") {
      return fail(ErrorKind::malformed, {},
                  fmt::format("the path of its entry {} leads upwards (..)",
                              printable(path.empty() ? ".." : path + "/..")));
    }
    if (!part.empty() && part != ".") {
      path += path.empty() ? "" : "/";
      path += part;
    }
  }
  return path;
}

PackagePlace place_of(std::string_view path) {
  const auto debug_path = behind(path, kDebug);
  const std::string_view installed = debug_path.value_or(path);
  if (const auto name = behind(installed, "boot/")) {
    if (const auto version = version_in_boot(*name)) {
      return {.kind = PackageFile::kernel, .version = std::string(*version)};
    }
  }
  const bool module = !debug_path && module_name_of(path);
  const auto below = behind(without_usr(installed), kModules);
  const auto slash = below ? below->find('/') : std::string_view::npos;
  if (slash == std::string_view::npos) {
    return {.kind = module ? PackageFile::module : PackageFile::other, .version = {}};
  }
  std::string version(below->substr(0, slash));
  const std::string_view name = below->substr(slash + 1);
  if (is_kernel_beside_modules(name)) {
    return {.kind = PackageFile::kernel, .version = std::move(version)};
  }
  if (name == "modules.order" && !debug_path) {
    return {.kind = PackageFile::order, .version = std::move(version)};
  }
  return {.kind = module ? PackageFile::module : PackageFile::other,
          .version = module ? std::move(version) : std::string()};
}

std::string_view without_usr(std::string_view path) noexcept {
  return path.starts_with("usr/lib/") ? path.substr(std::string_view("usr/").size()) : path;
}

}  // namespace modproof
