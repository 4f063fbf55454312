// SPDX-License-Identifier: LGPL-2.1-or-later
// What a file has besides its bytes: owner, mode, extended attributes.
#pragma once

#include <cstdint>
#include <string>

#include <sys/stat.h>

#include "modproof/base/result.h"

namespace modproof {

/// What becomes of metadata that cannot be kept.
enum class Keep : std::uint8_t {
  all,       ///< it is an error
  possible,  ///< what only root may set, or the file system cannot hold, is left out
};

/// Gives the open file `to` owner and mode of `old`, and the extended attributes of the open file
/// `from` (-1: none). At no moment may anybody do more with `to` than `old` lets them.
///
/// `security.ima` and `security.evm` are left out: they describe the old bytes. An access ACL that
/// `to` has from the default ACL of its directory goes, unless `from` has one. Where the owner is
/// left out, so are the set-ID bits; where the group or the ACL is, the group may do no more than
/// everybody. `path` is for messages. Errors: io.
[[nodiscard]] Status copy_metadata(const struct stat& old, int from, int to, Keep keep,
                                   const std::string& path);

}  // namespace modproof
