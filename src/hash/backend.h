// SPDX-License-Identifier: LGPL-2.1-or-later
// What a backend of SHA-256 is, and the list of all that this build contains.
//
//   sha256.h       Sha256, Sha256Lanes      public: messages in, digests out
//                    |
//   backend.h      Sha256Backend            which there are, and what each makes:
//                    |
//                  LaneEngine               the messages that are under way
//                    |
//                    +-- EvpEngine          sha256_openssl.cpp: OpenSSL keeps their state
//                    +-- BlockEngine        sha256_blocks.cpp: we keep it, padding is here
//                          |
//                        Compress           the kernels: sha256_avx512.cpp, sha256_shani.cpp,
//                                           sha256_armv8.cpp
//
// A kernel is one function, Compress, that turns whole blocks into changed state words and knows
// nothing else. OpenSSL's EVP interface does not give its state away, so the seam between backends
// is LaneEngine, one step above Compress.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string_view>

#include "modproof/base/bytes.h"
#include "modproof/base/digest.h"
#include "modproof/hash/sha256.h"

namespace modproof::hash {

/// Several messages under way, as Sha256Lanes shows them to the outside; see there for the rules.
class LaneEngine {
 public:
  virtual ~LaneEngine() = default;
  LaneEngine(const LaneEngine&) = delete;
  LaneEngine& operator=(const LaneEngine&) = delete;

  virtual void begin(std::size_t lane) = 0;
  virtual void update(std::span<const Sha256Lanes::Part> parts, std::size_t blocks) = 0;
  virtual Digest finish(std::size_t lane, Bytes tail) = 0;

 protected:
  LaneEngine() = default;
};

}  // namespace modproof::hash

namespace modproof {

struct Sha256Backend {
  std::string_view name;
  /// How many messages it advances best at once.
  std::size_t lanes;
  /// Whether this machine can run it; asked once, and cheap.
  bool (*usable)() noexcept;
  /// An engine of `lanes` lanes, each with an empty message begun.
  std::unique_ptr<hash::LaneEngine> (*make)(std::size_t lanes);
  /// The digest of one message, for short ones: nothing is allocated per call.
  Digest (*digest)(Bytes message);
  /// What Sha256::of_each() does, with the same arguments.
  void (*digest_each)(Bytes messages, std::size_t size, std::span<Digest> digests);
};

}  // namespace modproof

namespace modproof::hash {

// The backends, each defined in the file named after it. A kernel for another architecture is not
// compiled, so its name must not be used there.
extern const Sha256Backend kOpensslBackend;
#if defined(__x86_64__)
extern const Sha256Backend kShaNiBackend;
extern const Sha256Backend kAvx512Backend;
#elif defined(__AARCH64EL__)
extern const Sha256Backend kArmv8Backend;
#endif

}  // namespace modproof::hash
