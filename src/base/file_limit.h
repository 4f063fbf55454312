// SPDX-License-Identifier: LGPL-2.1-or-later
// How many files this process may have open.
#pragma once

#include <cstddef>

#include <sys/types.h>

namespace modproof {

/// Raises the limit to what it may be raised to. By habit shells start programs with 1024, because
/// select(2) takes no more; the tool does not use it.
void raise_file_limit() noexcept;

/// Gives the child process `child` the limit that this one had before raise_file_limit().
void restore_file_limit(pid_t child) noexcept;

/// The limit of this process.
[[nodiscard]] std::size_t file_limit() noexcept;

}  // namespace modproof
