// SPDX-License-Identifier: LGPL-2.1-or-later
// Names of modules and of their files.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace modproof {

/// The name of the module in the file `path`: its base name without `.ko` or `.ko.gz`, `.ko.xz`,
/// `.ko.zst`. Nothing, if that is no file name of a module.
[[nodiscard]] std::optional<std::string> module_name_of(std::string_view path);

/// Hash and equality of names to the kernel, for containers keyed by names as they are written.
struct KernelNameHash {
  [[nodiscard]] std::size_t operator()(std::string_view name) const noexcept;
};
struct KernelNameEqual {
  [[nodiscard]] bool operator()(std::string_view a, std::string_view b) const noexcept;
};

/// `name` as the kernel knows it, with `_` for each `-`; two modules with one such name cannot be
/// loaded together.
[[nodiscard]] std::string kernel_name(std::string_view name);

}  // namespace modproof
