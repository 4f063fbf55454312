// SPDX-License-Identifier: LGPL-2.1-or-later
// SHA-256 with the SHA extensions of x86-64 (SHA-NI), up to four messages interleaved.
//
// The problem. SHA256RNDS2 does two rounds. Its result comes four cycles later, the unit takes the
// next one after two, and in one message each needs the result of the one before:
//
//   cycle      0   2   4   6   8   10  12
//   one lane   A0  .   A1  .   A2  .   A3        the unit idles half of the time
//   two lanes  A0  B0  A1  B1  A2  B2  A3        full, if nothing ever gets in the way
//
// A block has 32 of them: 128 cycles, whatever else is done, where 64 would do. This is the rate of
// every implementation of one stream, OpenSSL's included. A second message costs nothing but
// registers. In practice two lanes do not fill the unit, most likely because the message schedule
// and the end of a block push single instructions out of their slot, and a slot missed is lost.
// More lanes leave more that can take it, and the window of the processor is deep enough to find
// them.
//
// Measured with bench/hash_bench.cpp (AMD EPYC, Zen 5, one core, 64 KiB a lane, 10^9 bytes a
// second, median of 12 runs that alternate):
//
//               OpenSSL 3.0   one lane   two    three   four
//   GCC 12         2.04         2.04     3.07   3.48    3.68
//   clang 19       2.05         2.06     3.09   3.57    3.87
//
// Four lanes need more than the 16 registers there are. Words of the message schedule that wait
// then live on the stack; those moves go to units that have nothing else to do.
//
// The choice of means. Intrinsics leave the order of instructions to the compiler, which knows
// neither these latencies nor what the interleaving is for, and undoes it at will. One long piece
// of assembly fixes everything, registers included, and has to be written again for each number of
// lanes. Here each step is a few instructions of `asm volatile`: compilers keep the order of these,
// so the order in the source is the order in the binary, while registers are theirs to assign and
// one template serves every number of lanes. It also means that no function needs a target
// attribute: the rest of the file is plain x86-64.
#include "sha256_shani.h"

#include <algorithm>
#include <utility>

#include <cpuid.h>
#include <emmintrin.h>

#define MODPROOF_INLINE [[gnu::always_inline]] inline

namespace modproof::hash {
namespace {

constexpr std::size_t kLanes = 4;

/// One message: the state in the two registers that SHA256RNDS2 wants, named from the highest word
/// down, and the message schedule, of which w[i % 4] holds the words 4i to 4i+3.
struct Lane {
  __m128i abef;
  __m128i cdgh;
  __m128i w[4];
};

/// Four big-endian words from `from`.
MODPROOF_INLINE __m128i load_words(const std::uint8_t* from, __m128i byte_order) {
  // NOLINTNEXTLINE(misc-const-correctness): the assembly writes it
  __m128i words = _mm_loadu_si128(reinterpret_cast<const __m128i*>(from));
  asm volatile("pshufb %1, %0" : "+x"(words) : "x"(byte_order));
  return words;
}

/// Rounds 4i to 4i+3, where `k` are their constants. Two rounds turn CDGH into the next ABEF, and
/// the old ABEF is the next CDGH: after four, both are back in their places.
MODPROOF_INLINE void four_rounds(Lane& lane, __m128i words, const std::uint32_t* k) {
  asm volatile(
      "movdqa %[w], %%xmm0\n\t"
      "paddd %[k], %%xmm0\n\t"
      "sha256rnds2 %%xmm0, %[abef], %[cdgh]\n\t"
      "pshufd $0x0e, %%xmm0, %%xmm0\n\t"
      "sha256rnds2 %%xmm0, %[cdgh], %[abef]"
      : [abef] "+x"(lane.abef), [cdgh] "+x"(lane.cdgh)
      : [w] "x"(words), [k] "m"(*reinterpret_cast<const __m128i*>(k))
      : "xmm0");
}

/// First half of making the words W[t] to W[t+3]: `w` is W[t-16..] and becomes W[t-16..] +
/// s0(W[t-15..]).
MODPROOF_INLINE void schedule_begin(__m128i& w, __m128i next) {
  asm volatile("sha256msg1 %1, %0" : "+x"(w) : "x"(next));
}

/// Second half: adds W[t-7..], which straddles `before` and `last`, and s1(W[t-2..]).
MODPROOF_INLINE void schedule_end(__m128i& w, __m128i before, __m128i last) {
  __m128i straddling;
  asm volatile(
      "movdqa %[last], %[straddling]\n\t"
      "palignr $4, %[before], %[straddling]\n\t"
      "paddd %[straddling], %[w]\n\t"
      "sha256msg2 %[last], %[w]"
      : [w] "+x"(w), [straddling] "=&x"(straddling)
      : [before] "x"(before), [last] "x"(last));
}

/// Four rounds of one lane and what the schedule can do by then: the words of the next four rounds
/// are completed, those of three later are begun.
template <std::size_t I>
MODPROOF_INLINE void quad(Lane& lane) {
  four_rounds(lane, lane.w[I % 4], &kRoundConstants[4 * I]);
  if constexpr (I >= 3 && I < 15) {
    schedule_end(lane.w[(I + 1) % 4], lane.w[(I - 1) % 4], lane.w[I % 4]);
  }
  if constexpr (I >= 1 && I < 13) {
    schedule_begin(lane.w[(I - 1) % 4], lane.w[I % 4]);
  }
}

template <std::size_t I, std::size_t... L>
MODPROOF_INLINE void quad_of_each(Lane* lanes, std::index_sequence<L...>) {
  (quad<I>(lanes[L]), ...);
}

/// One block of N lanes. Unrolled by templates and not by hope.
template <std::size_t N, std::size_t... I>
MODPROOF_INLINE void all_rounds(Lane* lanes, std::index_sequence<I...>) {
  (quad_of_each<I>(lanes, std::make_index_sequence<N>()), ...);
}

template <std::size_t N>
void compress(const Stream* streams, std::size_t blocks) noexcept {
  Lane lanes[N];
  const std::uint8_t* data[N];
  // In memory the words are a b c d, e f g h from the lowest up; two shuffles regroup them.
  for (std::size_t l = 0; l < N; ++l) {
    const auto* words = reinterpret_cast<const float*>(streams[l].words);
    const __m128 abcd = _mm_loadu_ps(words);
    const __m128 efgh = _mm_loadu_ps(words + 4);
    lanes[l].abef = _mm_castps_si128(_mm_shuffle_ps(efgh, abcd, 0x11));
    lanes[l].cdgh = _mm_castps_si128(_mm_shuffle_ps(efgh, abcd, 0xbb));
    data[l] = streams[l].data;
  }
  const __m128i byte_order = _mm_set_epi32(0x0c0d0e0f, 0x08090a0b, 0x04050607, 0x00010203);
  do {
    __m128i abef[N];
    __m128i cdgh[N];
#pragma GCC unroll 4
    for (std::size_t l = 0; l < N; ++l) {
      abef[l] = lanes[l].abef;
      cdgh[l] = lanes[l].cdgh;
#pragma GCC unroll 4
      for (std::size_t i = 0; i < 4; ++i) {
        lanes[l].w[i] = load_words(data[l] + 16 * i, byte_order);
      }
      data[l] += kSha256Block;
    }
    all_rounds<N>(lanes, std::make_index_sequence<16>());
#pragma GCC unroll 4
    for (std::size_t l = 0; l < N; ++l) {
      lanes[l].abef = _mm_add_epi32(abef[l], lanes[l].abef);
      lanes[l].cdgh = _mm_add_epi32(cdgh[l], lanes[l].cdgh);
    }
  } while (--blocks != 0);
  for (std::size_t l = 0; l < N; ++l) {
    auto* words = reinterpret_cast<float*>(streams[l].words);
    const __m128 abef = _mm_castsi128_ps(lanes[l].abef);
    const __m128 cdgh = _mm_castsi128_ps(lanes[l].cdgh);
    _mm_storeu_ps(words, _mm_shuffle_ps(abef, cdgh, 0xbb));
    _mm_storeu_ps(words + 4, _mm_shuffle_ps(abef, cdgh, 0x11));
  }
}

std::unique_ptr<LaneEngine> make(std::size_t lanes) {
  return make_block_engine(shani_compress, lanes);
}

Digest digest(Bytes message) { return digest_by_blocks(shani_compress, message); }

void digest_each(Bytes messages, std::size_t size, std::span<Digest> digests) {
  digest_each_by_blocks(shani_compress, kLanes, messages, size, digests);
}

/// Intel SDM volume 2, CPUID: leaf 1 ECX bit 9 is SSSE3, leaf 7 EBX bit 29 is SHA.
bool processor_has_sha() noexcept {
  unsigned a = 0;
  unsigned b = 0;
  unsigned c = 0;
  unsigned d = 0;
  const bool ssse3 = __get_cpuid(1, &a, &b, &c, &d) != 0 && (c >> 9 & 1) != 0;
  return ssse3 && __get_cpuid_count(7, 0, &a, &b, &c, &d) != 0 && (b >> 29 & 1) != 0;
}

}  // namespace

bool shani_usable() noexcept {
  // A virtual machine leaves the processor for each question, which takes 5 us.
  static const bool usable = processor_has_sha();
  return usable;
}

void shani_compress(std::span<const Stream> streams, std::size_t blocks) noexcept {
  while (!streams.empty()) {
    const std::size_t taken = std::min(streams.size(), kLanes);
    switch (taken) {
      case 1:
        compress<1>(streams.data(), blocks);
        break;
      case 2:
        compress<2>(streams.data(), blocks);
        break;
      case 3:
        compress<3>(streams.data(), blocks);
        break;
      default:
        compress<kLanes>(streams.data(), blocks);
    }
    streams = streams.subspan(taken);
  }
}

constinit const Sha256Backend kShaNiBackend{"sha-ni", kLanes, shani_usable,
                                            make,     digest, digest_each};

}  // namespace modproof::hash
