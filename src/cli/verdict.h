// SPDX-License-Identifier: LGPL-2.1-or-later
// The verdict on a module, as text and as JSON.
#pragma once

#include <string>

#include "modproof/ops/verify.h"

#include "cli/output.h"

namespace modproof::cli {

/// `PATH: REASON: DETAIL`, with the offset where there is one.
[[nodiscard]] std::string line_of(const Verdict& verdict, const Output& output);

[[nodiscard]] Json document_of(const Verdict& verdict);

}  // namespace modproof::cli
