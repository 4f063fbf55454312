// SPDX-License-Identifier: LGPL-2.1-or-later
// SHA-256 of sixteen messages at once with AVX-512: each 32-bit element of a register belongs to
// another message, and the rounds are written out as FIPS 180-4 has them.
//
//   register   element 15 ... element 1   element 0
//   a          a of 15        a of 1      a of 0         eight such registers hold the states,
//   w[0]       W[0] of 15     W[0] of 1   W[0] of 0      sixteen the message schedules
//
// Why this beats special instructions. A SHA unit gives two rounds of one message every two cycles
// at best, 1,024 cycles for sixteen blocks. AVX-512 has a rotation and any Boolean function of
// three operands (VPTERNLOGD: Ch, Maj, or the XOR of three) as one instruction each, so a round
// costs 19 instructions, 30 with its share of the message schedule, and sixteen blocks about 1,850.
// A Zen 5 core starts up to four a cycle, two of them shifts: 470 cycles at best, about 580 in
// practice.
//
// Measured with bench/hash_bench.cpp (AMD EPYC, Zen 5, one core, 10^9 bytes a second, median of 12
// runs that alternate):
//
//               OpenSSL 3.0   sha-ni, 4 lanes   avx512, 16 lanes of 64 KiB   of 16 KiB
//   GCC 12         2.04            3.68                   6.76                 7.42
//   clang 19       2.05            3.87                   6.55                 7.12
//
// Sixteen times 64 KiB is all of this processor's L2 cache: smaller pieces are a little faster.
//
// Two things decide the speed, and both are taken from the compiler's hands (see sha256_shani.cpp
// for why by `asm volatile`; with intrinsics alone it was 4.4 and 5.0):
//
//   The order of additions. The compilers see additions of integers and reassociate them. What has
//   to be short is the way from e to the next e and from a to the next a, three instructions each:
//
//      e ── ror ── xor3 (S1) ──┐                          a ── ror ── xor3 (S0) ──┐
//      d + h + K + W + Ch ─────+── next e       t1 + Maj(a, b, c) ────────────────+── next a
//
//   One addition more than the textbook has (d joins before S1 is known) is the price.
//
//   Registers. 8 + 16 + what is under way fill all 32. The state before the block therefore waits
//   in memory, and is added from there, once a block.
//
// Sixteen lanes take the same time however many of them are in use, so few messages go to SHA-NI.
// Processors with AVX-512 that lack it (Skylake-X, Cascade Lake) are left to OpenSSL, because a
// lone message would crawl here. Ice Lake, Zen 4 and all later ones have both.
#include <utility>

#include <immintrin.h>

#include "sha256_blocks.h"
#include "sha256_shani.h"

#define MODPROOF_AVX512 [[gnu::target("avx512f,avx512bw")]]
#define MODPROOF_INLINE [[gnu::target("avx512f,avx512bw"), gnu::always_inline]] inline

namespace modproof::hash {
namespace {

constexpr std::size_t kLanes = 16;
static_assert(kLanes <= kMaxLanes);

/// So many streams are faster here than with SHA-NI, which does four in half of the time.
constexpr std::size_t kWorthwhile = 9;

/// The same word of sixteen messages.
using Word = __m512i;

MODPROOF_INLINE Word add(Word a, Word b) {
  Word sum;
  asm volatile("vpaddd %2, %1, %0" : "=v"(sum) : "v"(a), "v"(b));
  return sum;
}

/// Adds the same `k` for every message. %{ and %} are braces; a bare one is asm syntax to GCC.
MODPROOF_INLINE Word add_constant(Word a, const std::uint32_t& k) {
  Word sum;
  asm volatile("vpaddd %2%{1to16%}, %1, %0" : "=v"(sum) : "v"(a), "m"(k));
  return sum;
}

template <int N>
MODPROOF_INLINE Word ror(Word x) {
  Word result;
  asm volatile("vprord %2, %1, %0" : "=v"(result) : "v"(x), "i"(N));
  return result;
}

template <int N>
MODPROOF_INLINE Word shr(Word x) {
  Word result;
  asm volatile("vpsrld %2, %1, %0" : "=v"(result) : "v"(x), "i"(N));
  return result;
}

/// The Boolean function of three bits whose truth table is `Table`: bit 4x + 2y + z is f(x, y, z).
template <int Table>
MODPROOF_INLINE Word boolean(Word x, Word y, Word z) {
  asm volatile("vpternlogd %3, %2, %1, %0" : "+v"(x) : "v"(y), "v"(z), "i"(Table));
  return x;
}

// The functions of FIPS 180-4, 4.1.2.
MODPROOF_INLINE Word xor3(Word x, Word y, Word z) { return boolean<0x96>(x, y, z); }
MODPROOF_INLINE Word ch(Word x, Word y, Word z) { return boolean<0xca>(x, y, z); }
MODPROOF_INLINE Word maj(Word x, Word y, Word z) { return boolean<0xe8>(x, y, z); }
MODPROOF_INLINE Word big_sigma0(Word x) { return xor3(ror<2>(x), ror<13>(x), ror<22>(x)); }
MODPROOF_INLINE Word big_sigma1(Word x) { return xor3(ror<6>(x), ror<11>(x), ror<25>(x)); }
MODPROOF_INLINE Word sigma0(Word x) { return xor3(ror<7>(x), ror<18>(x), shr<3>(x)); }
MODPROOF_INLINE Word sigma1(Word x) { return xor3(ror<17>(x), ror<19>(x), shr<10>(x)); }

/// Round T. The names a to h move by one register a round instead of the values; the sixteen words
/// of the schedule are a ring in the same way, where W[T+16] takes the place of W[T].
template <std::size_t T>
MODPROOF_INLINE void round(Word* state, Word* w) {
  constexpr auto at = [](std::size_t name) { return (name + 64 - T) % 8; };
  const Word a = state[at(0)];
  const Word b = state[at(1)];
  const Word c = state[at(2)];
  const Word d = state[at(3)];
  const Word e = state[at(4)];
  const Word f = state[at(5)];
  const Word g = state[at(6)];
  const Word h = state[at(7)];

  const Word known = add(h, add_constant(w[T % 16], kRoundConstants[T]));
  const Word choice = ch(e, f, g);
  const Word sum1 = big_sigma1(e);
  const Word t1 = add(add(known, choice), sum1);
  state[at(3)] = add(add(add(d, known), choice), sum1);
  state[at(7)] = add(add(t1, maj(a, b, c)), big_sigma0(a));

  if constexpr (T + 16 < 64) {
    w[T % 16] = add(add(w[T % 16], sigma0(w[(T + 1) % 16])),
                    add(w[(T + 9) % 16], sigma1(w[(T + 14) % 16])));
  }
}

template <std::size_t... T>
MODPROOF_INLINE void all_rounds(Word* state, Word* w, std::index_sequence<T...>) {
  (round<T>(state, w), ...);
}

// Moving elements about. The intrinsics would do, but those of GCC 12 warn about themselves.
MODPROOF_INLINE Word unpack_low32(Word a, Word b) {
  asm volatile("vpunpckldq %1, %0, %0" : "+v"(a) : "v"(b));
  return a;
}
MODPROOF_INLINE Word unpack_high32(Word a, Word b) {
  asm volatile("vpunpckhdq %1, %0, %0" : "+v"(a) : "v"(b));
  return a;
}
MODPROOF_INLINE Word unpack_low64(Word a, Word b) {
  asm volatile("vpunpcklqdq %1, %0, %0" : "+v"(a) : "v"(b));
  return a;
}
MODPROOF_INLINE Word unpack_high64(Word a, Word b) {
  asm volatile("vpunpckhqdq %1, %0, %0" : "+v"(a) : "v"(b));
  return a;
}
/// Of the four groups of 128 bits, the even ones of `a` and of `b`.
MODPROOF_INLINE Word even_groups(Word a, Word b) {
  asm volatile("vshufi32x4 $0x88, %1, %0, %0" : "+v"(a) : "v"(b));
  return a;
}
/// The odd ones.
MODPROOF_INLINE Word odd_groups(Word a, Word b) {
  asm volatile("vshufi32x4 $0xdd, %1, %0, %0" : "+v"(a) : "v"(b));
  return a;
}

/// Reads one block of each message and turns sixteen rows, a message each, into sixteen columns.
/// First within groups of four rows and 128 bits, so that few registers are in use; then the
/// groups.
MODPROOF_INLINE void load_blocks(Word* w, const std::uint8_t* const* data, std::size_t offset) {
  const Word byte_order = _mm512_set4_epi32(0x0c0d0e0f, 0x08090a0b, 0x04050607, 0x00010203);
  Word part[16];
#pragma GCC unroll 16
  for (std::size_t i = 0; i < 16; i += 4) {
    Word row[4];
#pragma GCC unroll 4
    for (std::size_t j = 0; j < 4; ++j) {
      row[j] = _mm512_loadu_si512(data[i + j] + offset);
      asm volatile("vpshufb %1, %0, %0" : "+v"(row[j]) : "v"(byte_order));
    }
    const Word low01 = unpack_low32(row[0], row[1]);
    const Word high01 = unpack_high32(row[0], row[1]);
    const Word low23 = unpack_low32(row[2], row[3]);
    const Word high23 = unpack_high32(row[2], row[3]);
    part[i] = unpack_low64(low01, low23);
    part[i + 1] = unpack_high64(low01, low23);
    part[i + 2] = unpack_low64(high01, high23);
    part[i + 3] = unpack_high64(high01, high23);
  }
  // Now the four parts of 128 bits of part[4r + c] are words c, c + 4, c + 8, c + 12 of rows 4r to
  // 4r+3.
#pragma GCC unroll 4
  for (std::size_t c = 0; c < 4; ++c) {
    const Word even01 = even_groups(part[c], part[c + 4]);
    const Word odd01 = odd_groups(part[c], part[c + 4]);
    const Word even23 = even_groups(part[c + 8], part[c + 12]);
    const Word odd23 = odd_groups(part[c + 8], part[c + 12]);
    w[c] = even_groups(even01, even23);
    w[c + 4] = even_groups(odd01, odd23);
    w[c + 8] = odd_groups(even01, even23);
    w[c + 12] = odd_groups(odd01, odd23);
  }
}

/// The states of sixteen messages, word by word.
struct alignas(64) States {
  std::uint32_t words[8][kLanes];

  [[nodiscard]] MODPROOF_INLINE Word load(std::size_t i) const {
    Word word;
    asm volatile("vmovdqa64 %1, %0" : "=v"(word) : "m"(*reinterpret_cast<const Word*>(words[i])));
    return word;
  }
  MODPROOF_INLINE void accumulate(std::size_t i, Word word) {
    auto& memory = *reinterpret_cast<Word*>(words[i]);
    asm volatile(
        "vpaddd %1, %0, %0\n\t"
        "vmovdqa64 %0, %1"
        : "+v"(word), "+m"(memory));
  }
};

/// Up to sixteen streams; elements without one repeat the first, and what they compute is dropped.
MODPROOF_AVX512 void compress16(std::span<const Stream> streams, std::size_t blocks) noexcept {
  States states;
  const std::uint8_t* data[kLanes];
  for (std::size_t l = 0; l < kLanes; ++l) {
    const Stream& stream = streams[l < streams.size() ? l : 0];
    data[l] = stream.data;
    for (std::size_t i = 0; i < 8; ++i) {
      states.words[i][l] = stream.words[i];
    }
  }
  for (std::size_t offset = 0; offset < blocks * kSha256Block; offset += kSha256Block) {
    Word w[16];
    load_blocks(w, data, offset);
    Word state[8];
#pragma GCC unroll 8
    for (std::size_t i = 0; i < 8; ++i) {
      state[i] = states.load(i);
    }
    all_rounds(state, w, std::make_index_sequence<64>());
#pragma GCC unroll 8
    for (std::size_t i = 0; i < 8; ++i) {
      states.accumulate(i, state[i]);
    }
  }
  for (std::size_t l = 0; l < streams.size(); ++l) {
    for (std::size_t i = 0; i < 8; ++i) {
      streams[l].words[i] = states.words[i][l];
    }
  }
}

void compress(std::span<const Stream> streams, std::size_t blocks) noexcept {
  if (streams.size() < kWorthwhile) {
    shani_compress(streams, blocks);
  } else {
    compress16(streams, blocks);
  }
}

bool usable() noexcept {
  // These also ask whether the operating system saves the registers.
  __builtin_cpu_init();
  return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && shani_usable();
}

std::unique_ptr<LaneEngine> make(std::size_t lanes) { return make_block_engine(compress, lanes); }

Digest digest(Bytes message) { return digest_by_blocks(shani_compress, message); }

void digest_each(Bytes messages, std::size_t size, std::span<Digest> digests) {
  digest_each_by_blocks(compress, kLanes, messages, size, digests);
}

}  // namespace

constinit const Sha256Backend kAvx512Backend{"avx512", kLanes, usable, make, digest, digest_each};

}  // namespace modproof::hash
