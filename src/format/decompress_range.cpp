// SPDX-License-Identifier: LGPL-2.1-or-later
#include "format/decompress_range.h"

#include <fmt/core.h>

#include "base/range_reader.h"
#include "base/temporary_file.h"
#include "base/try.h"
#include "format/decoder.h"

namespace modproof {
namespace {

/// What `source` decompresses to; it is left behind the last byte that was used.
Result<File> decompress(RangeReader& source, Compression compression, const SizeLimit& limit,
                        Rules rules) {
  constexpr std::size_t kPiece = 1U << 20U;
  const FileRange& range = source.range();
  MODPROOF_ASSIGN(decoder, make_decoder(compression, source, rules));
  MODPROOF_ASSIGN(output, TemporaryFile::create());
  ByteVector buffer(kPiece);
  while (true) {
    MODPROOF_ASSIGN(count, decoder->read(buffer));
    if (count == 0) {
      break;
    }
    if (count > limit.bytes - output.size()) {
      return fail(ErrorKind::unsupported, range.file().path(),
                  "decompresses to more than " + beyond(limit), range.offset());
    }
    MODPROOF_TRY(output.append(Bytes(buffer).first(count)));
  }
  return std::move(output).finish(range.file().path());
}

}  // namespace

std::string beyond(const SizeLimit& limit) {
  std::string text = fmt::format("the {} bytes that are allowed", limit.bytes);
  if (!limit.option.empty()) {
    text += fmt::format("; if it is to be trusted, allow more with {}", limit.option);
  }
  return text;
}

Result<File> decompress_to_file(const FileRange& range, Compression compression,
                                const SizeLimit& limit, Rules rules) {
  RangeReader source(range);
  MODPROOF_ASSIGN(file, decompress(source, compression, limit, rules));
  MODPROOF_TRY(check_at_end(source, compression));
  return file;
}

Result<File> decompress_prefix_to_file(const FileRange& range, Compression compression,
                                       std::uint64_t limit, std::uint64_t& used) {
  RangeReader source(range);
  MODPROOF_ASSIGN(file,
                  decompress(source, compression, {limit, "--max-initramfs-size"}, Rules::kernel));
  used = source.offset() - range.offset();
  return file;
}

Result<ByteVector> decompressed_head(const FileRange& range, Compression compression,
                                     std::size_t most) {
  RangeReader source(range);
  MODPROOF_ASSIGN(decoder, make_decoder(compression, source));
  ByteVector head(most);
  std::size_t done = 0;
  while (done < most) {
    MODPROOF_ASSIGN(count, decoder->read(MutableBytes(head).subspan(done)));
    if (count == 0) {
      break;
    }
    done += count;
  }
  head.resize(done);
  return head;
}

}  // namespace modproof
