// SPDX-License-Identifier: LGPL-2.1-or-later
// How the Merkle tree grows: building it and taking a proof from it, from 10^4 to 10^6 leaves.
//
// bytes_per_leaf is the memory that a finished tree holds, asked of malloc(3).
#include <cstdint>
#include <cstring>
#include <utility>
#include <vector>

#include <benchmark/benchmark.h>
#include <malloc.h>

#include "modproof/merkle/tree.h"

namespace {

using modproof::Digest;
using modproof::Tree;

std::vector<Digest> some_leaves(std::size_t count) {
  std::vector<Digest> leaves(count);
  for (std::size_t i = 0; i < count; ++i) {
    std::memcpy(leaves[i].data(), &i, sizeof i);
  }
  return leaves;
}

/// Bytes that malloc has given out, from its arenas and by mmap.
std::size_t memory_in_use() {
  const auto info = ::mallinfo2();
  return info.uordblks + info.hblkhd;
}

void build(benchmark::State& state) {
  const auto count = static_cast<std::size_t>(state.range(0));
  std::size_t held = 0;
  for (auto _ : state) {
    state.PauseTiming();
    const std::size_t before = memory_in_use();
    auto leaves = some_leaves(count);
    state.ResumeTiming();
    const Tree tree(std::move(leaves));
    benchmark::DoNotOptimize(tree.root());
    state.PauseTiming();
    held = memory_in_use() - before;
    state.ResumeTiming();
  }
  state.SetComplexityN(state.range(0));
  state.SetItemsProcessed(state.iterations() * state.range(0));
  state.counters["bytes_per_leaf"] = static_cast<double>(held) / static_cast<double>(count);
}
BENCHMARK(build)
    ->RangeMultiplier(10)
    ->Range(10'000, 1'000'000)
    ->Unit(benchmark::kMillisecond)
    ->Complexity(benchmark::oN);

void proof(benchmark::State& state) {
  const auto count = static_cast<std::size_t>(state.range(0));
  const Tree tree(some_leaves(count));
  std::uint32_t position = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(tree.proof(position));
    // Far from the one before, so that not only the cache of the processor is measured.
    position = static_cast<std::uint32_t>((position + std::uint64_t{2654435761}) % count);
  }
  state.SetComplexityN(state.range(0));
}
BENCHMARK(proof)->RangeMultiplier(10)->Range(10'000, 1'000'000)->Complexity(benchmark::oLogN);

}  // namespace

BENCHMARK_MAIN();
