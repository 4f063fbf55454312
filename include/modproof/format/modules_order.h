// SPDX-License-Identifier: LGPL-2.1-or-later
// modules.order: the modules of a build, one a line, in the order that kbuild links and modprobe
// prefers. In a build tree a line names the object (`drivers/net/foo.o`, module beside it), in an
// installed tree the module (`kernel/drivers/net/foo.ko`).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "modproof/base/bytes.h"
#include "modproof/base/result.h"

namespace modproof {

/// One line.
struct OrderLine {
  std::string module_path;   ///< of the .ko file, relative to the directory of modules.order
  std::uint64_t offset = 0;  ///< of the line in the file

  friend bool operator==(const OrderLine&, const OrderLine&) = default;
};

/// Reads a whole modules.order.
/// Errors (malformed, with the offset; path empty): a line that is empty, does not end in `.o` or
/// `.ko`, holds a NUL or a carriage return, is an absolute path, or has a component `..`; a last
/// line without a newline. Duplicates are not noticed here.
[[nodiscard]] Result<std::vector<OrderLine>> parse_modules_order(Bytes text);

}  // namespace modproof
