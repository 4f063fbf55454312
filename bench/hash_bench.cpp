// SPDX-License-Identifier: LGPL-2.1-or-later
// How fast SHA-256 is: each backend with each number of lanes, one stream, short messages, and
// OpenSSL's EVP interface called directly, to which all of it is compared. bytes_per_second is the
// sum over lanes on one core.
//
// Runs of different benchmarks should alternate, because machines change speed under way:
//   hash_bench --benchmark_enable_random_interleaving=true --benchmark_repetitions=10
//              --benchmark_report_aggregates_only=true
#include <cstdint>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>
#include <openssl/evp.h>

#include "modproof/hash/sha256.h"

namespace {

using modproof::Sha256;
using modproof::Sha256Backend;
using modproof::Sha256Lanes;

/// Bytes of each message in memory at a time.
constexpr std::size_t kChunk = 65536;

/// From one lane's memory to the next: not a power of two, or all would share few cache sets.
constexpr std::size_t kStride = kChunk + 64;

void count_bytes(benchmark::State& state, std::size_t bytes_each) {
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(bytes_each));
}

void evp(benchmark::State& state) {
  const std::vector<std::uint8_t> data(kChunk, 1);
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  EVP_DigestInit_ex(context, EVP_sha256(), nullptr);
  for (auto _ : state) {
    EVP_DigestUpdate(context, data.data(), data.size());
  }
  EVP_MD_CTX_free(context);
  count_bytes(state, kChunk);
}
BENCHMARK(evp);

void evp_node(benchmark::State& state) {
  const std::vector<std::uint8_t> node(65, 1);
  modproof::Digest digest;
  for (auto _ : state) {
    EVP_Digest(node.data(), node.size(), digest.data(), nullptr, EVP_sha256(), nullptr);
    benchmark::DoNotOptimize(digest);
  }
}
BENCHMARK(evp_node);

/// A node of the Merkle tree: 65 bytes, two blocks.
void node(benchmark::State& state, const Sha256Backend* backend) {
  if (!modproof::set_default_sha256_backend(modproof::name_of(*backend))) {
    state.SkipWithError("no such backend");
  }
  const std::vector<std::uint8_t> message(65, 1);
  for (auto _ : state) {
    benchmark::DoNotOptimize(Sha256::of(message));
  }
}

void stream(benchmark::State& state, const Sha256Backend* backend) {
  const std::vector<std::uint8_t> data(kChunk, 1);
  Sha256 hash(*backend);
  for (auto _ : state) {
    hash.update(data);
  }
  count_bytes(state, kChunk);
}

/// The first argument is the number of lanes in use, the second the bytes at hand for each.
void lanes(benchmark::State& state, const Sha256Backend* backend) {
  const auto used = static_cast<std::size_t>(state.range(0));
  const auto chunk = static_cast<std::size_t>(state.range(1));
  const std::vector<std::uint8_t> data(used * kStride, 1);
  Sha256Lanes hash(*backend);
  std::vector<Sha256Lanes::Part> parts;
  for (std::size_t lane = 0; lane < used; ++lane) {
    hash.begin(lane);
    parts.push_back({lane, data.data() + lane * kStride});
  }
  for (auto _ : state) {
    hash.update(parts, chunk / modproof::kSha256Block);
  }
  count_bytes(state, used * chunk);
}

void register_backend(const Sha256Backend* backend) {
  const std::string name(modproof::name_of(*backend));
  benchmark::RegisterBenchmark((name + "/node").c_str(), node, backend);
  benchmark::RegisterBenchmark((name + "/stream").c_str(), stream, backend);
  auto* several = benchmark::RegisterBenchmark((name + "/lanes").c_str(), lanes, backend);
  several->ArgNames({"used", "chunk"});
  const auto count = static_cast<std::int64_t>(modproof::lanes_of(*backend));
  for (std::int64_t used = 1; used <= count; ++used) {
    several->Args({used, kChunk});
  }
  several->Args({count, 4096});
  several->Args({count, 16384});
}

}  // namespace

int main(int argc, char** argv) {
  for (const Sha256Backend* backend : modproof::sha256_backends()) {
    register_backend(backend);
  }
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) {
    return 2;
  }
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
  return 0;
}
