// SPDX-License-Identifier: LGPL-2.1-or-later
// What StreamWriter (encoder.h) wants of a compression: a library in a common cover.
#pragma once

#include <cstddef>
#include <optional>

#include "modproof/base/bytes.h"

namespace modproof {

class StreamEncoder {
 public:
  struct Step {
    std::size_t used = 0;
    std::size_t made = 0;
    bool end = false;  ///< all of the stream is written
  };

  StreamEncoder() = default;
  virtual ~StreamEncoder() = default;
  StreamEncoder(const StreamEncoder&) = delete;
  StreamEncoder& operator=(const StreamEncoder&) = delete;

  /// Takes from `input`, of which `last` says that nothing follows, and fills `to`.
  /// Nothing, if the library has no memory.
  [[nodiscard]] virtual std::optional<Step> advance(Bytes input, bool last, MutableBytes to) = 0;
};

}  // namespace modproof
