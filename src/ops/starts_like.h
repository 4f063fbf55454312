// SPDX-License-Identifier: LGPL-2.1-or-later
// What a file is by its first bytes, where a broken beginning is no reason to stop: it is then not
// a file of that kind.
#pragma once

#include <string>

#include "modproof/base/result.h"

#include "base/file.h"

namespace modproof {

/// What `test(file)`, which looks at the start of a file, says; false where that start is broken.
/// Errors: those of `test`, other than malformed and unsupported.
template <typename Test>
[[nodiscard]] Result<bool> starts_like(const File& file, Test test) {
  Result<bool> found = test(file);
  if (!found && (found.error().kind == ErrorKind::malformed ||
                 found.error().kind == ErrorKind::unsupported)) {
    return false;
  }
  return found;
}

/// The same of the file `path`; false if it cannot be opened: who reads it will say why.
template <typename Test>
[[nodiscard]] Result<bool> starts_like(const std::string& path, Test test) {
  const auto file = File::open(path);
  return file ? starts_like(*file, test) : Result<bool>(false);
}

}  // namespace modproof
