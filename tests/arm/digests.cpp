// SPDX-License-Identifier: LGPL-2.1-or-later
// The digests of the messages on standard input, by one backend of SHA-256, for tests/arm/run.
//
//     digests BACKEND LANES PIECE <MESSAGES
//
// A message is a u32 with its length, in the byte order of the machine, and its bytes. LANES
// messages are under way side by side: each round advances all of those that have a whole block
// left, by at most PIECE blocks, and a lane whose message ends takes the next one. The data of a
// message starts at an address that no other alignment than one byte fits, for every second
// message. A line of standard output is the digest of a message, in their order; each message is
// hashed once more in one stream, and a difference is an error. Exit status 2 if anything is wrong.
#include <algorithm>
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <string>
#include <vector>

#include "modproof/hash/sha256.h"

namespace {

using namespace modproof;

[[noreturn]] void die(const std::string& what) {
  std::fprintf(stderr, "digests: %s\n", what.c_str());
  std::exit(2);
}

struct Message {
  ByteVector storage;
  std::size_t at = 0;
  [[nodiscard]] Bytes bytes() const { return Bytes(storage).subspan(at); }
};

std::vector<Message> read_messages() {
  std::vector<Message> messages;
  std::uint32_t size = 0;
  while (std::fread(&size, sizeof size, 1, stdin) == 1) {
    Message message{.storage = ByteVector(size + messages.size() % 2), .at = messages.size() % 2};
    if (std::fread(message.storage.data() + message.at, 1, size, stdin) != size) {
      die("a message is cut off");
    }
    messages.push_back(std::move(message));
  }
  return messages;
}

std::size_t number(const char* text) {
  std::size_t value = 0;
  std::from_chars(text, text + std::string_view(text).size(), value);
  return value;
}

/// A message on its way through a lane.
struct Lane {
  std::size_t message = 0;
  Bytes rest;
  bool active = false;
};

std::vector<Digest> digests(const std::vector<Message>& messages, std::size_t count,
                            std::size_t piece) {
  Sha256Lanes sha;
  std::vector<Digest> result(messages.size());
  std::vector<Lane> lanes(std::min(count, sha.count()));
  std::size_t next = 0;
  while (true) {
    std::vector<Sha256Lanes::Part> parts;
    std::size_t blocks = piece;
    for (std::size_t i = 0; i < lanes.size(); ++i) {
      Lane& lane = lanes[i];
      while (!lane.active || lane.rest.size() < kSha256Block) {
        if (lane.active) {
          result[lane.message] = sha.finish(i, lane.rest);
          lane.active = false;
        }
        if (next == messages.size()) {
          break;
        }
        lane = {.message = next, .rest = messages[next].bytes(), .active = true};
        ++next;
        sha.begin(i);
      }
      if (lane.active) {
        parts.push_back({.lane = i, .data = lane.rest.data()});
        blocks = std::min(blocks, lane.rest.size() / kSha256Block);
      }
    }
    if (parts.empty()) {
      return result;
    }
    sha.update(parts, blocks);
    for (const auto& part : parts) {
      lanes[part.lane].rest = lanes[part.lane].rest.subspan(blocks * kSha256Block);
    }
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4 || number(argv[2]) == 0 || number(argv[3]) == 0) {
    die("usage: digests BACKEND LANES PIECE <MESSAGES");
  }
  if (const auto chosen = set_default_sha256_backend(argv[1]); !chosen) {
    die(chosen.error().message);
  }
  const std::vector<Message> messages = read_messages();
  const std::vector<Digest> result = digests(messages, number(argv[2]), number(argv[3]));
  for (std::size_t i = 0; i < messages.size(); ++i) {
    if (Sha256::of(messages[i].bytes()) != result[i]) {
      die("one stream and lanes differ in message " + std::to_string(i));
    }
    std::puts(to_hex(result[i]).c_str());
  }
}
