// SPDX-License-Identifier: LGPL-2.1-or-later
// What the .config of two build trees says about why their kernels differ.
#pragma once

#include <string>

namespace modproof {

/// The symbols that are not the same in the .config beside kernel `a` and the one beside kernel `b`
/// (both paths), as a clause: a few, and how many more. Empty if none differs, or if one of the two
/// has no .config that can be read. What kconfig takes from the tools at hand (versions, what they
/// can do) does not count: that is no decision of whoever configured the kernel.
[[nodiscard]] std::string config_difference(const std::string& a, const std::string& b);

}  // namespace modproof
