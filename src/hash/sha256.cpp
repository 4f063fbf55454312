// SPDX-License-Identifier: LGPL-2.1-or-later
// The public classes: a message in one stream, and several messages side by side. Both are thin:
// a stream is one lane and the bytes that do not fill a block yet.
#include "modproof/hash/sha256.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cstring>
#include <utility>

#include "backend.h"

namespace modproof {

std::string_view name_of(const Sha256Backend& backend) noexcept { return backend.name; }

std::size_t lanes_of(const Sha256Backend& backend) noexcept { return backend.lanes; }

struct Sha256::State {
  std::unique_ptr<hash::LaneEngine> engine;
  std::array<std::uint8_t, kSha256Block> held{};
  std::size_t held_size = 0;  ///< always less than a block between calls

  void compress(const std::uint8_t* data, std::size_t blocks) {
    const Sha256Lanes::Part part{0, data};
    engine->update({&part, 1}, blocks);
  }
};

Sha256::Sha256(const Sha256Backend& backend) : state_(std::make_unique<State>(backend.make(1))) {}
Sha256::~Sha256() = default;
Sha256::Sha256(Sha256&&) noexcept = default;
Sha256& Sha256::operator=(Sha256&&) noexcept = default;

void Sha256::update(Bytes data) {
  if (data.empty()) {
    return;
  }
  State& state = *state_;
  if (state.held_size != 0) {
    const std::size_t taken = std::min(kSha256Block - state.held_size, data.size());
    std::memcpy(state.held.data() + state.held_size, data.data(), taken);
    state.held_size += taken;
    data = data.subspan(taken);
    if (state.held_size < kSha256Block) {
      return;
    }
    state.compress(state.held.data(), 1);
    state.held_size = 0;
  }
  if (const std::size_t blocks = data.size() / kSha256Block; blocks != 0) {
    state.compress(data.data(), blocks);
    data = data.subspan(blocks * kSha256Block);
  }
  std::copy(data.begin(), data.end(), state.held.begin());
  state.held_size = data.size();
}

Digest Sha256::finish() {
  const Bytes tail(state_->held.data(), std::exchange(state_->held_size, 0));
  const Digest digest = state_->engine->finish(0, tail);
  state_->engine->begin(0);
  return digest;
}

Digest Sha256::of(Bytes message) { return default_sha256_backend().digest(message); }

void Sha256::of_each(Bytes messages, std::size_t size, std::span<Digest> digests) {
  assert(messages.size() == size * digests.size());
  default_sha256_backend().digest_each(messages, size, digests);
}

struct Sha256Lanes::State {
  std::unique_ptr<hash::LaneEngine> engine;
  std::size_t lanes;
};

Sha256Lanes::Sha256Lanes(const Sha256Backend& backend)
    : state_(std::make_unique<State>(backend.make(backend.lanes), backend.lanes)) {}
Sha256Lanes::~Sha256Lanes() = default;
Sha256Lanes::Sha256Lanes(Sha256Lanes&&) noexcept = default;
Sha256Lanes& Sha256Lanes::operator=(Sha256Lanes&&) noexcept = default;

std::size_t Sha256Lanes::count() const noexcept { return state_->lanes; }

void Sha256Lanes::begin(std::size_t lane) {
  assert(lane < state_->lanes);
  state_->engine->begin(lane);
}

void Sha256Lanes::update(std::span<const Part> parts, std::size_t blocks) {
  assert(parts.size() <= state_->lanes);
  if (blocks != 0 && !parts.empty()) {
    state_->engine->update(parts, blocks);
  }
}

Digest Sha256Lanes::finish(std::size_t lane, Bytes tail) {
  assert(lane < state_->lanes);
  return state_->engine->finish(lane, tail);
}

}  // namespace modproof
