// SPDX-License-Identifier: LGPL-2.1-or-later
// Decompression as a stream, one class for each compression, all of them thin covers of a library:
//
//     gzip  zlib              xz, lzma  liblzma       lz4  liblz4 (frames, and the legacy blocks
//     bzip2 libbz2            zstd      libzstd            that kernels are compressed with)
//                                                     lzo  liblzo2 (in the format of lzop)
//
// Checksums that a format has are checked. Memory is what the format asks for, with a limit: 160
// MiB (a dictionary of 128 MiB, the largest that kernels are made with), lzo and lz4 two blocks.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "modproof/base/bytes.h"
#include "modproof/base/result.h"

#include "base/range_reader.h"
#include "format/compression.h"

namespace modproof {

/// The most memory that a decoder of a stream takes for its dictionary and tables.
inline constexpr std::size_t kDecoderMemory = std::size_t{160} << 20U;

/// By whose rules a stream is read. The kernel's decompressors take less than the command line
/// tools, and of some streams they would see other contents:
///
///     several streams (members, frames)   tools: their contents one after another; kernel: the
///     first gzip                                kernel: at most a name in the header
///     (kernel/module/
///                                         decompress.c and lib/decompress_inflate.c step over
///                                         nothing else)
///     lzo                                 kernel: one checksum, of the data, in front of each
///     block
///                                         of at most 256 KiB (lib/decompress_unlzo.c)
///     lz4 in legacy blocks                kernel: zeros where the next size is end the stream
enum class Rules : std::uint8_t { tools, kernel };

/// One compressed stream; by the rules of tools also several of one kind right after another.
class Decoder {
 public:
  virtual ~Decoder() = default;

  /// Decompresses into `to`, which is not empty. Gives the number of bytes; 0 at the end, and from
  /// then on. Errors: malformed (broken or cut off, with the offset in the file); unsupported
  /// (takes too much memory, or a feature that is not known); io; changed.
  [[nodiscard]] virtual Result<std::size_t> read(MutableBytes to) = 0;
};

/// The decoder for what stands in `source`, which outlives it and is left behind the last byte that
/// was used. `compression` is not none. What the kernel does not take is malformed by its rules.
/// Errors: io, where the library has no memory.
[[nodiscard]] Result<std::unique_ptr<Decoder>> make_decoder(Compression compression,
                                                            RangeReader& source,
                                                            Rules rules = Rules::tools);

/// Errors: malformed, if bytes are left in `source` behind what was decompressed; io; changed.
[[nodiscard]] Status check_at_end(RangeReader& source, Compression compression);

/// The parts of make_decoder() that decode whole blocks.
[[nodiscard]] std::unique_ptr<Decoder> make_lz4_legacy_decoder(RangeReader& source, Rules rules);
[[nodiscard]] std::unique_ptr<Decoder> make_lzo_decoder(RangeReader& source, Rules rules);

/// Fills `to` from `source`. Errors: malformed (cut off); io; changed.
[[nodiscard]] Status read_exactly(RangeReader& source, Compression compression, MutableBytes to);

/// The error of a stream that is broken, at the place up to which `source` was read.
[[nodiscard]] std::unexpected<Error> broken(const RangeReader& source, Compression compression,
                                            std::string_view what);

}  // namespace modproof
