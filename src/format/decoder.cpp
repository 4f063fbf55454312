// SPDX-License-Identifier: LGPL-2.1-or-later
#include "format/decoder.h"

#include <algorithm>
#include <cerrno>
#include <string_view>
#include <utility>

#include <bzlib.h>
#include <fmt/core.h>
#include <lz4frame.h>
#include <lzma.h>
#include <zlib.h>
#include <zstd.h>

#include "base/try.h"

namespace modproof {
namespace {

constexpr std::string_view kCutOff = "the compressed data ends too early; it seems to be cut off";

/// What one call of a library did.
struct Step {
  std::size_t used = 0;
  std::size_t made = 0;
  bool end = false;  ///< of a stream
};

/// What decoders of streams share: input in pieces, and streams that follow one another.
class StreamDecoder : public Decoder {
 public:
  StreamDecoder(Compression compression, RangeReader& source, Rules rules)
      : compression_(compression), source_(source), rules_(rules) {}

  Result<std::size_t> read(MutableBytes to) override {
    while (!finished_) {
      MODPROOF_ASSIGN(input, source_.available());
      if (input.empty() && !begun_) {
        finished_ = true;
        break;
      }
      if (!begun_) {
        if (streams_ > 0 && (rules_ == Rules::kernel || !begins_stream(input))) {
          finished_ = true;
          break;
        }
        MODPROOF_TRY(begin());
        begun_ = true;
        ++streams_;
      }
      MODPROOF_ASSIGN(step, advance(input, to));
      source_.consume(step.used);
      begun_ = !step.end;
      if (step.made > 0) {
        return step.made;
      }
      if (input.empty() && !step.end) {
        return broken(kCutOff);
      }
    }
    return 0;
  }

 protected:
  /// Starts the next stream.
  [[nodiscard]] virtual Status begin() = 0;
  /// Decompresses some of `input`, which is empty at the end of the file, into `to`.
  [[nodiscard]] virtual Result<Step> advance(Bytes input, MutableBytes to) = 0;

  [[nodiscard]] std::unexpected<Error> broken(std::string_view what) const {
    return modproof::broken(source_, compression_, what);
  }
  [[nodiscard]] std::unexpected<Error> too_large() const {
    return fail(ErrorKind::unsupported, source_.range().file().path(),
                fmt::format("needs more than the {} MiB of memory that decompression may take",
                            kDecoderMemory >> 20U),
                source_.range().offset());
  }
  [[nodiscard]] std::unexpected<Error> no_memory() const {
    return fail_errno(source_.range().file().path(), "cannot decompress", ENOMEM);
  }

 private:
  /// True if `input`, which follows the end of a stream, starts another one.
  [[nodiscard]] bool begins_stream(Bytes input) const {
    return compression_ != Compression::lzma && compression_of(input) == compression_;
  }

  Compression compression_;
  RangeReader& source_;
  Rules rules_;
  bool begun_ = false;
  bool finished_ = false;
  std::size_t streams_ = 0;
};

class GzipDecoder : public StreamDecoder {
 public:
  GzipDecoder(RangeReader& source, Rules rules)
      : StreamDecoder(Compression::gzip, source, rules), rules_(rules) {}
  ~GzipDecoder() override { ::inflateEnd(&stream_); }

 protected:
  Status begin() override {
    constexpr int kGzipOnly = 16;  // added to the size of the window (zlib.h, inflateInit2)
    ::inflateEnd(&stream_);
    stream_ = {};
    at_start_ = true;
    return ::inflateInit2(&stream_, MAX_WBITS + kGzipOnly) == Z_OK ? Status{} : no_memory();
  }

  Result<Step> advance(Bytes input, MutableBytes to) override {
    if (std::exchange(at_start_, false) && rules_ == Rules::kernel && has_more_than_a_name(input)) {
      return broken("its header has more than a name, over which the kernel does not step");
    }
    const auto room = static_cast<uInt>(std::min<std::size_t>(to.size(), 1U << 30U));
    // zlib takes no pointer to const, though it only reads what it is given this way.
    stream_.next_in = const_cast<Bytef*>(input.data());
    stream_.avail_in = static_cast<uInt>(input.size());
    stream_.next_out = to.data();
    stream_.avail_out = room;
    const int code = ::inflate(&stream_, Z_NO_FLUSH);
    if (code == Z_MEM_ERROR) {
      return no_memory();
    }
    if (code != Z_OK && code != Z_STREAM_END && code != Z_BUF_ERROR) {
      return broken(stream_.msg != nullptr ? stream_.msg : "the compressed data is broken");
    }
    return Step{.used = input.size() - stream_.avail_in,
                .made = room - stream_.avail_out,
                .end = code == Z_STREAM_END};
  }

 private:
  /// A checksum, an extra field or a comment (RFC 1952 section 2.3.1).
  [[nodiscard]] static bool has_more_than_a_name(Bytes header) {
    constexpr std::size_t kFlags = 3;
    constexpr std::uint8_t kMore = 0x02 | 0x04 | 0x10;
    return header.size() > kFlags && (header[kFlags] & kMore) != 0;
  }

  z_stream stream_{};
  Rules rules_;
  bool at_start_ = true;
};

class Bzip2Decoder : public StreamDecoder {
 public:
  Bzip2Decoder(RangeReader& source, Rules rules)
      : StreamDecoder(Compression::bzip2, source, rules) {}
  ~Bzip2Decoder() override { ::BZ2_bzDecompressEnd(&stream_); }

 protected:
  Status begin() override {
    ::BZ2_bzDecompressEnd(&stream_);
    stream_ = {};
    return ::BZ2_bzDecompressInit(&stream_, 0, 0) == BZ_OK ? Status{} : no_memory();
  }

  Result<Step> advance(Bytes input, MutableBytes to) override {
    const auto room = static_cast<unsigned>(std::min<std::size_t>(to.size(), 1U << 30U));
    stream_.next_in = reinterpret_cast<char*>(const_cast<std::uint8_t*>(input.data()));
    stream_.avail_in = static_cast<unsigned>(input.size());
    stream_.next_out = reinterpret_cast<char*>(to.data());
    stream_.avail_out = room;
    const int code = ::BZ2_bzDecompress(&stream_);
    if (code == BZ_MEM_ERROR) {
      return no_memory();
    }
    if (code != BZ_OK && code != BZ_STREAM_END) {
      return broken("the compressed data is broken");
    }
    return Step{.used = input.size() - stream_.avail_in,
                .made = room - stream_.avail_out,
                .end = code == BZ_STREAM_END};
  }

 private:
  bz_stream stream_{};
};

/// xz, and the older lzma format without checksums.
class LzmaDecoder : public StreamDecoder {
 public:
  LzmaDecoder(Compression compression, RangeReader& source, Rules rules)
      : StreamDecoder(compression, source, rules), alone_(compression == Compression::lzma) {}
  ~LzmaDecoder() override { ::lzma_end(&stream_); }

 protected:
  Status begin() override {
    const lzma_ret code = alone_ ? ::lzma_alone_decoder(&stream_, kDecoderMemory)
                                 : ::lzma_stream_decoder(&stream_, kDecoderMemory, 0);
    return code == LZMA_OK ? Status{} : no_memory();
  }

  Result<Step> advance(Bytes input, MutableBytes to) override {
    stream_.next_in = input.data();
    stream_.avail_in = input.size();
    stream_.next_out = to.data();
    stream_.avail_out = to.size();
    const lzma_ret code = ::lzma_code(&stream_, input.empty() ? LZMA_FINISH : LZMA_RUN);
    switch (code) {
      case LZMA_OK:
      case LZMA_STREAM_END:
      case LZMA_BUF_ERROR:
        return Step{.used = input.size() - stream_.avail_in,
                    .made = to.size() - stream_.avail_out,
                    .end = code == LZMA_STREAM_END};
      case LZMA_MEM_ERROR:
        return no_memory();
      case LZMA_MEMLIMIT_ERROR:
        return too_large();
      default:
        return broken("the compressed data is broken");
    }
  }

 private:
  bool alone_;
  lzma_stream stream_ = LZMA_STREAM_INIT;
};

/// A context that waits for the next decoder of its thread. To make one takes 20 us in a virtual
/// machine, where each question to the processor does 5: as long as a small module.
class IdleZstdContext {
 public:
  IdleZstdContext() = default;
  ~IdleZstdContext() { ::ZSTD_freeDCtx(context_); }
  IdleZstdContext(const IdleZstdContext&) = delete;
  IdleZstdContext& operator=(const IdleZstdContext&) = delete;

  /// A context as new; null if there is no memory for one.
  [[nodiscard]] ZSTD_DCtx* take() noexcept {
    if (context_ == nullptr) {
      return ::ZSTD_createDCtx();
    }
    ::ZSTD_DCtx_reset(context_, ZSTD_reset_session_and_parameters);
    return std::exchange(context_, nullptr);
  }

  /// Keeps `context`, unless it holds much memory.
  void give(ZSTD_DCtx* context) noexcept {
    constexpr std::size_t kMost = std::size_t{4} << 20U;
    if (context != nullptr && context_ == nullptr && ::ZSTD_sizeof_DCtx(context) <= kMost) {
      context_ = context;
    } else {
      ::ZSTD_freeDCtx(context);
    }
  }

 private:
  ZSTD_DCtx* context_ = nullptr;
};

thread_local IdleZstdContext idle_zstd_context;

class ZstdDecoder : public StreamDecoder {
 public:
  ZstdDecoder(RangeReader& source, Rules rules) : StreamDecoder(Compression::zstd, source, rules) {}
  ~ZstdDecoder() override { idle_zstd_context.give(context_); }

 protected:
  Status begin() override {
    constexpr int kLargestWindow = 27;  // 128 MiB, the logarithm of it
    if (context_ == nullptr) {
      context_ = idle_zstd_context.take();
    }
    if (context_ == nullptr || ::ZSTD_isError(::ZSTD_DCtx_setParameter(
                                   context_, ZSTD_d_windowLogMax, kLargestWindow)) != 0) {
      return no_memory();
    }
    return {};
  }

  Result<Step> advance(Bytes input, MutableBytes to) override {
    ZSTD_inBuffer in{input.data(), input.size(), 0};
    ZSTD_outBuffer out{to.data(), to.size(), 0};
    const std::size_t code = ::ZSTD_decompressStream(context_, &out, &in);
    if (::ZSTD_isError(code) != 0) {
      const std::string_view name = ::ZSTD_getErrorName(code);
      return name.find("memory") != std::string_view::npos ? too_large() : broken(name);
    }
    return Step{.used = in.pos, .made = out.pos, .end = code == 0};
  }

 private:
  ZSTD_DCtx* context_ = nullptr;
};

class Lz4Decoder : public StreamDecoder {
 public:
  Lz4Decoder(RangeReader& source, Rules rules) : StreamDecoder(Compression::lz4, source, rules) {}
  ~Lz4Decoder() override { ::LZ4F_freeDecompressionContext(context_); }

 protected:
  Status begin() override {
    if (context_ == nullptr &&
        ::LZ4F_isError(::LZ4F_createDecompressionContext(&context_, LZ4F_VERSION)) != 0) {
      return no_memory();
    }
    return {};
  }

  Result<Step> advance(Bytes input, MutableBytes to) override {
    std::size_t used = input.size();
    std::size_t made = to.size();
    const std::size_t code =
        ::LZ4F_decompress(context_, to.data(), &made, input.data(), &used, nullptr);
    if (::LZ4F_isError(code) != 0) {
      return broken(::LZ4F_getErrorName(code));
    }
    return Step{.used = used, .made = made, .end = code == 0};
  }

 private:
  LZ4F_dctx* context_ = nullptr;
};

}  // namespace

std::unexpected<Error> broken(const RangeReader& source, Compression compression,
                              std::string_view what) {
  return fail(ErrorKind::malformed, source.range().file().path(),
              fmt::format("cannot decompress ({}): {}", name_of(compression), what),
              source.offset());
}

Status read_exactly(RangeReader& source, Compression compression, MutableBytes to) {
  MODPROOF_ASSIGN(count, source.read(to));
  return count == to.size() ? Status{} : broken(source, compression, kCutOff);
}

Status check_at_end(RangeReader& source, Compression compression) {
  MODPROOF_ASSIGN(rest, source.available());
  if (!rest.empty()) {
    return fail(
        ErrorKind::malformed, source.range().file().path(),
        fmt::format("bytes behind the end of what is compressed ({})", name_of(compression)),
        source.offset());
  }
  return {};
}

Result<std::unique_ptr<Decoder>> make_decoder(Compression compression, RangeReader& source,
                                              Rules rules) {
  switch (compression) {
    case Compression::none:
      break;
    case Compression::gzip:
      return std::make_unique<GzipDecoder>(source, rules);
    case Compression::bzip2:
      return std::make_unique<Bzip2Decoder>(source, rules);
    case Compression::lzma:
    case Compression::xz:
      return std::make_unique<LzmaDecoder>(compression, source, rules);
    case Compression::lzo:
      return make_lzo_decoder(source, rules);
    case Compression::lz4_legacy:
      return make_lz4_legacy_decoder(source, rules);
    case Compression::lz4:
      return std::make_unique<Lz4Decoder>(source, rules);
    case Compression::zstd:
      return std::make_unique<ZstdDecoder>(source, rules);
  }
  return fail(ErrorKind::usage, source.range().file().path(), "not compressed");
}

}  // namespace modproof
