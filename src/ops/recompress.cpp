// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ops/recompress.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include "base/try.h"
#include "ops/run.h"

namespace modproof {
namespace {

class Recompression {
 public:
  Recompression(const File& stored, const PayloadBytes& payload, const Cancel* cancel)
      : stored_(stored), payload_(payload), cancel_(cancel) {}

  [[nodiscard]] Status compress(const StreamSettings& settings, Bytes trailer,
                                const ByteSink& sink) const {
    StreamWriter writer(settings, size_of_payload() + trailer.size(), stored_.path(), sink);
    MODPROOF_TRY(each_piece([&](Bytes piece) { return writer.append(piece); }));
    MODPROOF_TRY(writer.append(trailer));
    return writer.finish();
  }

  /// The lowest of the levels that compresses at least as much as that of the file that was there.
  [[nodiscard]] Result<int> level_of(ZstdSettings settings) const {
    constexpr std::array<int, 2> kTried{3, 9};
    constexpr int kHighest = 19;
    // Another version of the library makes a little more or less.
    const std::uint64_t most = stored_.size() + stored_.size() / 64;
    for (const int level : kTried) {
      settings.level = level;
      std::uint64_t size = 0;
      MODPROOF_TRY(compress(settings, {}, [&](Bytes bytes) -> Status {
        size += bytes.size();
        return {};
      }));
      if (size <= most) {
        return level;
      }
    }
    return kHighest;
  }

 private:
  [[nodiscard]] std::uint64_t size_of_payload() const {
    const auto* range = std::get_if<FileRange>(&payload_);
    return range != nullptr ? range->size() : std::get<Bytes>(payload_).size();
  }

  /// Hands the payload to `take`, and looks between pieces whether to go on.
  template <typename Take>
  [[nodiscard]] Status each_piece(const Take& take) const {
    constexpr std::size_t kPiece = 1U << 18U;
    const auto next = [&](Bytes piece) -> Status {
      return cancelled(cancel_) ? fail_interrupted() : take(piece);
    };
    if (const auto* range = std::get_if<FileRange>(&payload_)) {
      return range->each_piece(kPiece, next);
    }
    for (Bytes rest = std::get<Bytes>(payload_); !rest.empty();) {
      const Bytes piece = rest.first(std::min(rest.size(), kPiece));
      MODPROOF_TRY(next(piece));
      rest = rest.subspan(piece.size());
    }
    return {};
  }

  const File& stored_;
  const PayloadBytes& payload_;
  const Cancel* cancel_;
};

}  // namespace

Status recompress(const File& stored, Compression compression, const PayloadBytes& payload,
                  Bytes trailer, const Cancel* cancel, const ByteSink& sink) {
  MODPROOF_ASSIGN(settings, settings_of(FileRange(stored), compression));
  const Recompression recompression(stored, payload, cancel);
  if (auto* zstd = std::get_if<ZstdSettings>(&settings); zstd != nullptr && !zstd->level) {
    MODPROOF_ASSIGN(level, recompression.level_of(*zstd));
    zstd->level = level;
  }
  return recompression.compress(settings, trailer, sink);
}

}  // namespace modproof
