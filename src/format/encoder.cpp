// SPDX-License-Identifier: LGPL-2.1-or-later
#include "format/encoder.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <utility>

#include <bzlib.h>
#include <fmt/core.h>
#include <lzma.h>
#include <zlib.h>
#include <zstd.h>

#include "base/range_reader.h"
#include "base/try.h"

namespace modproof {
namespace {

/// One stream on its way; a library in a common cover.
class Encoder {
 public:
  struct Step {
    std::size_t used = 0;
    std::size_t made = 0;
    bool end = false;  ///< all of the stream is written
  };

  virtual ~Encoder() = default;

  /// Takes from `input`, of which `last` says that nothing follows, and fills `to`.
  /// Nothing, if the library has no memory.
  virtual std::optional<Step> advance(Bytes input, bool last, MutableBytes to) = 0;
};

class GzipEncoder : public Encoder {
 public:
  GzipEncoder() {
    constexpr int kGzip = 16 + MAX_WBITS;
    constexpr int kMemory = 8;
    good_ = ::deflateInit2(&stream_, Z_BEST_COMPRESSION, Z_DEFLATED, kGzip, kMemory,
                           Z_DEFAULT_STRATEGY) == Z_OK;
  }
  ~GzipEncoder() override { ::deflateEnd(&stream_); }

  std::optional<Step> advance(Bytes input, bool last, MutableBytes to) override {
    stream_.next_in = const_cast<Bytef*>(input.data());
    stream_.avail_in = static_cast<uInt>(input.size());
    stream_.next_out = to.data();
    stream_.avail_out = static_cast<uInt>(to.size());
    const int code = good_ ? ::deflate(&stream_, last ? Z_FINISH : Z_NO_FLUSH) : Z_MEM_ERROR;
    if (code != Z_OK && code != Z_STREAM_END && code != Z_BUF_ERROR) {
      return std::nullopt;
    }
    return Step{.used = input.size() - stream_.avail_in,
                .made = to.size() - stream_.avail_out,
                .end = code == Z_STREAM_END};
  }

 private:
  z_stream stream_{};
  bool good_ = false;
};

class Bzip2Encoder : public Encoder {
 public:
  Bzip2Encoder() {
    constexpr int kLevel = 9;
    good_ = ::BZ2_bzCompressInit(&stream_, kLevel, 0, 0) == BZ_OK;
  }
  ~Bzip2Encoder() override { ::BZ2_bzCompressEnd(&stream_); }

  std::optional<Step> advance(Bytes input, bool last, MutableBytes to) override {
    if (input.empty() && !last) {
      return Step{};
    }
    stream_.next_in = reinterpret_cast<char*>(const_cast<std::uint8_t*>(input.data()));
    stream_.avail_in = static_cast<unsigned>(input.size());
    stream_.next_out = reinterpret_cast<char*>(to.data());
    stream_.avail_out = static_cast<unsigned>(to.size());
    const int code = good_ ? ::BZ2_bzCompress(&stream_, last ? BZ_FINISH : BZ_RUN) : BZ_MEM_ERROR;
    if (code < 0) {
      return std::nullopt;
    }
    return Step{.used = input.size() - stream_.avail_in,
                .made = to.size() - stream_.avail_out,
                .end = code == BZ_STREAM_END};
  }

 private:
  bz_stream stream_{};
  bool good_ = false;
};

class LzmaEncoder : public Encoder {
 public:
  explicit LzmaEncoder(Compression compression) {
    if (compression == Compression::xz) {
      good_ = ::lzma_easy_encoder(&stream_, LZMA_PRESET_DEFAULT, LZMA_CHECK_CRC32) == LZMA_OK;
    } else {
      lzma_options_lzma options{};
      good_ = ::lzma_lzma_preset(&options, LZMA_PRESET_DEFAULT) == 0 &&
              ::lzma_alone_encoder(&stream_, &options) == LZMA_OK;
    }
  }
  ~LzmaEncoder() override { ::lzma_end(&stream_); }

  std::optional<Step> advance(Bytes input, bool last, MutableBytes to) override {
    stream_.next_in = input.data();
    stream_.avail_in = input.size();
    stream_.next_out = to.data();
    stream_.avail_out = to.size();
    const lzma_ret code =
        good_ ? ::lzma_code(&stream_, last ? LZMA_FINISH : LZMA_RUN) : LZMA_MEM_ERROR;
    if (code != LZMA_OK && code != LZMA_STREAM_END && code != LZMA_BUF_ERROR) {
      return std::nullopt;
    }
    return Step{.used = input.size() - stream_.avail_in,
                .made = to.size() - stream_.avail_out,
                .end = code == LZMA_STREAM_END};
  }

 private:
  lzma_stream stream_ = LZMA_STREAM_INIT;
  bool good_ = false;
};

class ZstdEncoder : public Encoder {
 public:
  ZstdEncoder() : context_(::ZSTD_createCCtx()) {
    constexpr int kLevel = 9;
    good_ =
        context_ != nullptr &&
        ::ZSTD_isError(::ZSTD_CCtx_setParameter(context_, ZSTD_c_compressionLevel, kLevel)) == 0 &&
        ::ZSTD_isError(::ZSTD_CCtx_setParameter(context_, ZSTD_c_checksumFlag, 1)) == 0;
  }
  ~ZstdEncoder() override { ::ZSTD_freeCCtx(context_); }

  std::optional<Step> advance(Bytes input, bool last, MutableBytes to) override {
    if (!good_) {
      return std::nullopt;
    }
    ZSTD_inBuffer in{.src = input.data(), .size = input.size(), .pos = 0};
    ZSTD_outBuffer out{.dst = to.data(), .size = to.size(), .pos = 0};
    const std::size_t left =
        ::ZSTD_compressStream2(context_, &out, &in, last ? ZSTD_e_end : ZSTD_e_continue);
    if (::ZSTD_isError(left) != 0) {
      return std::nullopt;
    }
    return Step{.used = in.pos, .made = out.pos, .end = last && left == 0};
  }

 private:
  ZSTD_CCtx* context_;
  bool good_ = false;
};

std::unique_ptr<Encoder> make_encoder(Compression compression) {
  switch (compression) {
    case Compression::gzip:
      return std::make_unique<GzipEncoder>();
    case Compression::bzip2:
      return std::make_unique<Bzip2Encoder>();
    case Compression::xz:
    case Compression::lzma:
      return std::make_unique<LzmaEncoder>(compression);
    case Compression::zstd:
      return std::make_unique<ZstdEncoder>();
    case Compression::none:
    case Compression::lzo:
    case Compression::lz4:
    case Compression::lz4_legacy:
      break;
  }
  return nullptr;
}

}  // namespace

Status compress_range(const FileRange& range, Compression compression, const ByteSink& sink) {
  constexpr std::size_t kPiece = 1U << 18U;
  const auto encoder = make_encoder(compression);
  if (!encoder) {
    return fail(
        ErrorKind::unsupported, range.file().path(),
        fmt::format("what is compressed with {} is only read, not written", name_of(compression)));
  }
  RangeReader source(range);
  ByteVector buffer(kPiece);
  while (true) {
    MODPROOF_ASSIGN(input, source.available());
    const bool last = source.offset() + input.size() == range.offset() + range.size();
    const auto step = encoder->advance(input, last, buffer);
    if (!step) {
      return fail(ErrorKind::io, range.file().path(),
                  fmt::format("cannot compress ({}): no memory", name_of(compression)));
    }
    source.consume(step->used);
    MODPROOF_TRY(sink(Bytes(buffer).first(step->made)));
    if (step->end) {
      return {};
    }
  }
}

}  // namespace modproof
