// SPDX-License-Identifier: LGPL-2.1-or-later
// SHA-256 with the cryptography extensions of ARMv8, up to three messages interleaved.
//
// SHA256H and SHA256H2 together do four rounds, the one gives a to d, the other e to h, and both
// need both results of the four rounds before:
//
//   abcd ──┬── SHA256H ──> abcd ──┬── SHA256H ──>
//          ╳                      ╳
//   efgh ──┴── SHA256H2 ─> efgh ──┴── SHA256H2 ─>
//
// Arm's optimisation guides give four cycles until the result and one instruction started a cycle
// (Neoverse N1, V1, Cortex-A76 and later): in one message the unit works in two cycles of four.
// Two lanes fill it on paper. As in sha256_shani.cpp, where the reasons and the means are
// described, it takes one more in practice, and three lanes are about what 32 registers hold: two
// of state, four of schedule and two of saved state each, and a few to work with.
//
// Run under qemu-user against all tests; not measured on hardware for want of it.
#include <algorithm>
#include <utility>

#include <arm_neon.h>
#include <asm/hwcap.h>
#include <sys/auxv.h>

#include "sha256_blocks.h"

#define MODPROOF_SHA2 [[gnu::target("+sha2")]]
#define MODPROOF_INLINE [[gnu::target("+sha2"), gnu::always_inline]] inline

namespace modproof::hash {
namespace {

constexpr std::size_t kLanes = 3;

/// One message: its state, and the message schedule, of which w[i % 4] holds words 4i to 4i+3.
struct Lane {
  uint32x4_t abcd;
  uint32x4_t efgh;
  uint32x4_t w[4];
};

/// Rounds 4i to 4i+3, where `k` are their constants.
MODPROOF_INLINE void four_rounds(Lane& lane, uint32x4_t words, const std::uint32_t* k) {
  uint32x4_t sum = vaddq_u32(words, vld1q_u32(k));
  uint32x4_t old_abcd;
  asm volatile(
      "mov %[old].16b, %[abcd].16b\n\t"
      "sha256h %q[abcd], %q[efgh], %[sum].4s\n\t"
      "sha256h2 %q[efgh], %q[old], %[sum].4s"
      : [abcd] "+w"(lane.abcd), [efgh] "+w"(lane.efgh), [old] "=&w"(old_abcd)
      : [sum] "w"(sum));
}

/// Replaces the words W[t-16..] in `w0` by W[t..]; w1 to w3 hold the twelve words between.
MODPROOF_INLINE void schedule(uint32x4_t& w0, uint32x4_t w1, uint32x4_t w2, uint32x4_t w3) {
  asm volatile(
      "sha256su0 %0.4s, %1.4s\n\t"
      "sha256su1 %0.4s, %2.4s, %3.4s"
      : "+&w"(w0)
      : "w"(w1), "w"(w2), "w"(w3));
}

template <std::size_t I>
MODPROOF_INLINE void quad(Lane& lane) {
  four_rounds(lane, lane.w[I % 4], &kRoundConstants[4 * I]);
  if constexpr (I < 12) {
    schedule(lane.w[I % 4], lane.w[(I + 1) % 4], lane.w[(I + 2) % 4], lane.w[(I + 3) % 4]);
  }
}

template <std::size_t I, std::size_t... L>
MODPROOF_INLINE void quad_of_each(Lane* lanes, std::index_sequence<L...>) {
  (quad<I>(lanes[L]), ...);
}

template <std::size_t N, std::size_t... I>
MODPROOF_INLINE void all_rounds(Lane* lanes, std::index_sequence<I...>) {
  (quad_of_each<I>(lanes, std::make_index_sequence<N>()), ...);
}

template <std::size_t N>
MODPROOF_SHA2 void compress(const Stream* streams, std::size_t blocks) noexcept {
  Lane lanes[N];
  const std::uint8_t* data[N];
  for (std::size_t l = 0; l < N; ++l) {
    lanes[l].abcd = vld1q_u32(streams[l].words);
    lanes[l].efgh = vld1q_u32(streams[l].words + 4);
    data[l] = streams[l].data;
  }
  do {
    uint32x4_t abcd[N];
    uint32x4_t efgh[N];
#pragma GCC unroll 4
    for (std::size_t l = 0; l < N; ++l) {
      abcd[l] = lanes[l].abcd;
      efgh[l] = lanes[l].efgh;
#pragma GCC unroll 4
      for (std::size_t i = 0; i < 4; ++i) {
        lanes[l].w[i] = vreinterpretq_u32_u8(vrev32q_u8(vld1q_u8(data[l] + 16 * i)));
      }
      data[l] += kSha256Block;
    }
    all_rounds<N>(lanes, std::make_index_sequence<16>());
#pragma GCC unroll 4
    for (std::size_t l = 0; l < N; ++l) {
      lanes[l].abcd = vaddq_u32(abcd[l], lanes[l].abcd);
      lanes[l].efgh = vaddq_u32(efgh[l], lanes[l].efgh);
    }
  } while (--blocks != 0);
  for (std::size_t l = 0; l < N; ++l) {
    vst1q_u32(streams[l].words, lanes[l].abcd);
    vst1q_u32(streams[l].words + 4, lanes[l].efgh);
  }
}

void compress_all(std::span<const Stream> streams, std::size_t blocks) noexcept {
  while (!streams.empty()) {
    const std::size_t taken = std::min(streams.size(), kLanes);
    switch (taken) {
      case 1:
        compress<1>(streams.data(), blocks);
        break;
      case 2:
        compress<2>(streams.data(), blocks);
        break;
      default:
        compress<kLanes>(streams.data(), blocks);
    }
    streams = streams.subspan(taken);
  }
}

bool usable() noexcept { return (getauxval(AT_HWCAP) & HWCAP_SHA2) != 0; }

std::unique_ptr<LaneEngine> make(std::size_t lanes) {
  return make_block_engine(compress_all, lanes);
}

Digest digest(Bytes message) { return digest_by_blocks(compress_all, message); }

void digest_each(Bytes messages, std::size_t size, std::span<Digest> digests) {
  digest_each_by_blocks(compress_all, kLanes, messages, size, digests);
}

}  // namespace

constinit const Sha256Backend kArmv8Backend{"armv8", kLanes, usable, make, digest, digest_each};

}  // namespace modproof::hash
