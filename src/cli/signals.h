// SPDX-License-Identifier: LGPL-2.1-or-later
// Ctrl-C and its like: work stops in an orderly way, then the process dies of the signal after all.
#pragma once

#include "modproof/base/cancel.h"

namespace modproof::cli {

/// From now on SIGINT, SIGTERM and SIGHUP (unless they were ignored) set caught_signal(); one that
/// comes some seconds after the first kills at once. SIGPIPE and SIGXFSZ are ignored, so that a
/// closed pipe and a file that is larger than `ulimit -f` are errors of writing.
void catch_signals();

/// The flag that the signals set.
[[nodiscard]] const Cancel& caught_signal();

/// If one of the signals came, dies of it, so that the shell sees why.
void die_of_caught_signal();

}  // namespace modproof::cli
