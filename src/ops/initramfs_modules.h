// SPDX-License-Identifier: LGPL-2.1-or-later
// The modules in initramfs images, for who checks or explains each.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "modproof/base/cancel.h"
#include "modproof/base/result.h"

#include "base/file.h"

namespace modproof {

/// Gets a module: its name, and its file as it is stored, whose path is `IMAGE:NAME IN IT`. An
/// error is one of that module; all others are visited as well.
using TakeModule = std::function<Status(std::string name, File stored)>;

/// Visits each file that is called like a module in the initramfs images `paths`, one after
/// another, in all of their parts. Errors of modules go to `errors`, and so does that of an image
/// that is broken, behind those of what was visited in it. `max_size` is the most bytes that a part
/// of an image may decompress to. Errors: interrupted.
[[nodiscard]] Status visit_modules_in(const std::vector<std::string>& paths, std::uint64_t max_size,
                                      const Cancel* cancel, const TakeModule& take,
                                      std::vector<Error>& errors);

}  // namespace modproof
