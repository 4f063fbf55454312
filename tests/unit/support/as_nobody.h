// SPDX-License-Identifier: LGPL-2.1-or-later
// Permissions hold for root, too, while one of these lives.
#pragma once

#include <sys/fsuid.h>
#include <unistd.h>

namespace modproof::test {

/// Makes this thread, and those it starts, access files as an ordinary user: setfsuid(2) takes the
/// capabilities away that let root pass. Does nothing where the user is an ordinary one anyway.
class AsNobody {
 public:
  AsNobody() {
    if (::geteuid() == 0) {
      ::setfsuid(65534);
    }
  }
  ~AsNobody() {
    if (::geteuid() == 0) {
      ::setfsuid(0);
    }
  }
  AsNobody(const AsNobody&) = delete;
  AsNobody& operator=(const AsNobody&) = delete;
};

}  // namespace modproof::test
