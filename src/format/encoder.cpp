// SPDX-License-Identifier: LGPL-2.1-or-later
#include "format/encoder.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include <bzlib.h>
#include <fmt/core.h>
#include <lzma.h>
#include <zlib.h>
#include <zstd.h>

#include "base/try.h"
#include "format/block_encoder.h"

namespace modproof {
namespace {

class GzipEncoder : public StreamEncoder {
 public:
  explicit GzipEncoder(GzipSettings settings) : settings_(std::move(settings)) {
    constexpr int kGzip = 16 + MAX_WBITS;
    constexpr int kMemory = 8;
    header_.time = settings_.time;
    header_.os = settings_.system;
    if (!settings_.name.empty()) {
      header_.name = reinterpret_cast<Bytef*>(settings_.name.data());
    }
    good_ = ::deflateInit2(&stream_, settings_.level, Z_DEFLATED, kGzip, kMemory,
                           Z_DEFAULT_STRATEGY) == Z_OK &&
            ::deflateSetHeader(&stream_, &header_) == Z_OK;
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
  GzipSettings settings_;
  gz_header header_{};
  z_stream stream_{};
  bool good_ = false;
};

class Bzip2Encoder : public StreamEncoder {
 public:
  explicit Bzip2Encoder(const Bzip2Settings& settings)
      : good_(::BZ2_bzCompressInit(&stream_, settings.level, 0, 0) == BZ_OK) {}
  ~Bzip2Encoder() override { ::BZ2_bzCompressEnd(&stream_); }

  std::optional<Step> advance(Bytes input, bool last, MutableBytes to) override {
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
  bool good_;
};

class XzEncoder : public StreamEncoder {
 public:
  explicit XzEncoder(const XzSettings& settings) {
    lzma_options_lzma options{};
    good_ = ::lzma_lzma_preset(&options, LZMA_PRESET_DEFAULT) == 0;
    options.dict_size = std::max(settings.dictionary, std::uint32_t{LZMA_DICT_SIZE_MIN});
    std::array<lzma_filter, 3> filters{};
    std::size_t count = 0;
    if (settings.filter) {
      filters.at(count++) = {.id = *settings.filter, .options = nullptr};
    }
    filters.at(count++) = {.id = LZMA_FILTER_LZMA2, .options = &options};
    filters.at(count) = {.id = LZMA_VLI_UNKNOWN, .options = nullptr};
    const lzma_check check = settings.check ? LZMA_CHECK_CRC32 : LZMA_CHECK_NONE;
    good_ = good_ && (settings.old_format
                          ? ::lzma_alone_encoder(&stream_, &options)
                          : ::lzma_stream_encoder(&stream_, filters.data(), check)) == LZMA_OK;
  }
  ~XzEncoder() override { ::lzma_end(&stream_); }

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

class ZstdEncoder : public StreamEncoder {
 public:
  ZstdEncoder(const ZstdSettings& settings, std::uint64_t size) : context_(::ZSTD_createCCtx()) {
    constexpr int kUsualLevel = 3;
    const int window_log = settings.window_log.value_or(0);  // 0: that of the level
    good_ = context_ != nullptr &&
            set(ZSTD_c_compressionLevel, settings.level.value_or(kUsualLevel)) &&
            set(ZSTD_c_windowLog, window_log) && set(ZSTD_c_checksumFlag, settings.checksum) &&
            set(ZSTD_c_contentSizeFlag, settings.size) &&
            ::ZSTD_isError(::ZSTD_CCtx_setPledgedSrcSize(context_, size)) == 0;
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
  bool set(ZSTD_cParameter parameter, int value) {
    return ::ZSTD_isError(::ZSTD_CCtx_setParameter(context_, parameter, value)) == 0;
  }

  ZSTD_CCtx* context_;
  bool good_ = false;
};

}  // namespace

StreamWriter::StreamWriter(const StreamSettings& settings, std::uint64_t size, std::string path,
                           ByteSink sink)
    : path_(std::move(path)), sink_(std::move(sink)), output_(kPiece) {
  input_.reserve(kPiece);
  const auto make = [&](const auto& chosen) -> std::unique_ptr<StreamEncoder> {
    using Chosen = std::decay_t<decltype(chosen)>;
    if constexpr (std::is_same_v<Chosen, GzipSettings>) {
      return std::make_unique<GzipEncoder>(chosen);
    } else if constexpr (std::is_same_v<Chosen, Bzip2Settings>) {
      return std::make_unique<Bzip2Encoder>(chosen);
    } else if constexpr (std::is_same_v<Chosen, XzSettings>) {
      return std::make_unique<XzEncoder>(chosen);
    } else if constexpr (std::is_same_v<Chosen, ZstdSettings>) {
      return std::make_unique<ZstdEncoder>(chosen, size);
    } else if constexpr (std::is_same_v<Chosen, Lz4LegacySettings>) {
      return make_lz4_legacy_encoder();
    } else {
      return make_lzo_encoder(chosen);
    }
  };
  encoder_ = std::visit(make, settings);
}

StreamWriter::~StreamWriter() = default;

Status StreamWriter::append(Bytes bytes) {
  while (!bytes.empty()) {
    const Bytes part = bytes.first(std::min(bytes.size(), kPiece - input_.size()));
    input_.insert(input_.end(), part.begin(), part.end());
    bytes = bytes.subspan(part.size());
    if (input_.size() == kPiece) {
      MODPROOF_TRY(encode(false));
    }
  }
  return {};
}

Status StreamWriter::finish() { return encode(true); }

Status StreamWriter::encode(bool last) {
  Bytes rest = input_;
  bool end = false;
  while (last ? !end : !rest.empty()) {
    const auto step = encoder_->advance(rest, last, output_);
    if (!step) {
      return fail(ErrorKind::io, path_, "cannot compress: no memory");
    }
    rest = rest.subspan(step->used);
    MODPROOF_TRY(sink_(Bytes(output_).first(step->made)));
    end = step->end;
  }
  input_.clear();
  return {};
}

Status compress_range(const FileRange& range, const StreamSettings& settings,
                      const ByteSink& sink) {
  constexpr std::size_t kPiece = 1U << 18U;
  StreamWriter writer(settings, range.size(), range.file().path(), sink);
  MODPROOF_TRY(range.each_piece(kPiece, [&](Bytes piece) { return writer.append(piece); }));
  return writer.finish();
}

}  // namespace modproof
