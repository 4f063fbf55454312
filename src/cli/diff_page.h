// SPDX-License-Identifier: LGPL-2.1-or-later
// What diff found as one HTML page that needs nothing else: no script, style or picture from
// elsewhere, and readable without any script.
#pragma once

#include <string>

#include "modproof/ops/diff.h"

namespace modproof::cli {

/// The page, in UTF-8. The same report gives the same bytes.
[[nodiscard]] std::string html_page(const DiffReport& report, const DiffOptions& options);

/// `text` as it has to stand in HTML, in an element as in an attribute; control characters and
/// what is no UTF-8 as \xNN.
[[nodiscard]] std::string html_text(std::string_view text);

}  // namespace modproof::cli
