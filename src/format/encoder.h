// SPDX-License-Identifier: LGPL-2.1-or-later
// Compression, the counterpart of decoder.h, in forms that the kernel can decompress. The same
// bytes give the same stream, however they are handed over: no time, one thread, and the libraries
// see pieces of one size (zlib and libzstd promise nothing for others). Another version of a
// library may give another stream.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "modproof/base/bytes.h"
#include "modproof/base/result.h"

#include "base/file_range.h"
#include "format/stream_encoder.h"
#include "format/stream_settings.h"

namespace modproof {

/// Takes the next bytes of an output.
using ByteSink = std::function<Status(Bytes)>;

/// One stream on its way to a sink.
class StreamWriter {
 public:
  /// `size` is the number of bytes that will be appended; `path` names the file in messages.
  StreamWriter(const StreamSettings& settings, std::uint64_t size, std::string path, ByteSink sink);
  ~StreamWriter();
  StreamWriter(const StreamWriter&) = delete;
  StreamWriter& operator=(const StreamWriter&) = delete;

  /// Errors: those of the sink; io (no memory).
  [[nodiscard]] Status append(Bytes bytes);

  /// Ends the stream; nothing is appended any more. Errors: as append().
  [[nodiscard]] Status finish();

 private:
  static constexpr std::size_t kPiece = 1U << 18U;

  [[nodiscard]] Status encode(bool last);

  std::string path_;
  ByteSink sink_;
  std::unique_ptr<StreamEncoder> encoder_;
  ByteVector input_;  ///< at most kPiece bytes, not yet compressed
  ByteVector output_;
};

/// Compresses `range` as one stream, and gives it to `sink`.
/// Errors: those of the sink; io; changed.
[[nodiscard]] Status compress_range(const FileRange& range, const StreamSettings& settings,
                                    const ByteSink& sink);

}  // namespace modproof
