// SPDX-License-Identifier: LGPL-2.1-or-later
// Compressed streams for tests, by the writer of the library.
#pragma once

#include <algorithm>
#include <vector>

#include "modproof/base/bytes.h"

#include "format/encoder.h"
#include "support/expect.h"

namespace modproof::test {

/// `data` as one stream, handed over in pieces of these sizes and then the rest.
inline ByteVector compressed(const StreamSettings& settings, Bytes data,
                             const std::vector<std::size_t>& pieces = {}) {
  ByteVector out;
  StreamWriter writer(settings, data.size(), "m.ko", [&](Bytes bytes) -> Status {
    out.insert(out.end(), bytes.begin(), bytes.end());
    return {};
  });
  for (const std::size_t piece : pieces) {
    const Bytes next = data.first(std::min(piece, data.size()));
    value_of(writer.append(next));
    data = data.subspan(next.size());
  }
  value_of(writer.append(data));
  value_of(writer.finish());
  return out;
}

}  // namespace modproof::test
