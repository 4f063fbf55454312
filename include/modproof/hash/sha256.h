// SPDX-License-Identifier: LGPL-2.1-or-later
// SHA-256 of one message, and of several messages side by side on one core.
//
// One stream of SHA instructions leaves half of the unit idle, because each round waits for the one
// before it. Sha256Lanes therefore advances independent messages together. Which implementation
// runs is chosen once, from what the processor can do:
//
//   avx512    x86-64 with AVX-512 and SHA extensions: sixteen lanes, an element of a register each
//   sha-ni    x86-64 SHA extensions, several lanes interleaved
//   armv8     ARMv8 cryptography extensions, several lanes interleaved
//   openssl   OpenSSL's EVP interface, one lane after another: everywhere else
//
// A library built with MODPROOF_SHA256=NAME has that backend only, and openssl where it cannot run.
// One thing can fail, and it is about neither a message nor a file: the openssl backend throws
// std::runtime_error where OpenSSL is configured to have no SHA-256.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "modproof/base/bytes.h"
#include "modproof/base/digest.h"
#include "modproof/base/result.h"

namespace modproof {

/// Bytes in a block of SHA-256 (FIPS 180-4).
inline constexpr std::size_t kSha256Block = 64;

/// One way to compute SHA-256. Values are constants of the library and live for ever.
struct Sha256Backend;

/// The name of a backend, as in the table above.
[[nodiscard]] std::string_view name_of(const Sha256Backend& backend) noexcept;

/// How many messages this backend advances best at once; at least 1.
[[nodiscard]] std::size_t lanes_of(const Sha256Backend& backend) noexcept;

/// Every backend that works on this machine, the best first; never empty.
[[nodiscard]] std::span<const Sha256Backend* const> sha256_backends() noexcept;

/// The backend that everything below uses unless told otherwise: the best one, or the one set last.
[[nodiscard]] const Sha256Backend& default_sha256_backend() noexcept;

/// Makes the backend of that name the default. Call it before other threads hash.
/// Errors: usage, where this build or this machine has no such backend (the message lists those it
/// has).
[[nodiscard]] Status set_default_sha256_backend(std::string_view name);

/// One message in one stream.
class Sha256 {
 public:
  explicit Sha256(const Sha256Backend& backend = default_sha256_backend());
  ~Sha256();
  Sha256(Sha256&&) noexcept;
  Sha256& operator=(Sha256&&) noexcept;

  /// Takes the next bytes of the message; any number of them, at any alignment.
  void update(Bytes data);

  /// The digest of all bytes since construction or the last finish(); the next message starts.
  [[nodiscard]] Digest finish();

  /// The digest of one message that is at hand as a whole.
  [[nodiscard]] static Digest of(Bytes message);

  /// The digests of several messages of one length, side by side: `messages` holds
  /// digests.size() of them, each of `size` bytes, one right behind the other.
  static void of_each(Bytes messages, std::size_t size, std::span<Digest> digests);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Several messages at once; fastest with all lanes busy and some KiB an update. The caller feeds
/// whole blocks to any set of lanes, each set by the same number of blocks, and gives the last
/// bytes of a message to finish(). At first each lane holds an empty message.
class Sha256Lanes {
 public:
  /// One lane's next blocks: `data` points to at least 64 * blocks bytes, at any alignment.
  struct Part {
    std::size_t lane;
    const std::uint8_t* data;
  };

  explicit Sha256Lanes(const Sha256Backend& backend = default_sha256_backend());
  ~Sha256Lanes();
  Sha256Lanes(Sha256Lanes&&) noexcept;
  Sha256Lanes& operator=(Sha256Lanes&&) noexcept;

  /// The number of lanes, numbered from 0: lanes_of(backend).
  [[nodiscard]] std::size_t count() const noexcept;

  /// Starts an empty message in `lane`, whatever it held.
  void begin(std::size_t lane);

  /// Advances each lane named in `parts` (each at most once) by `blocks` blocks of 64 bytes.
  void update(std::span<const Part> parts, std::size_t blocks);

  /// The digest of the message in `lane` with `tail` (any length, usually under a block) as its
  /// last bytes. The lane must be begun again before it is used again.
  [[nodiscard]] Digest finish(std::size_t lane, Bytes tail);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace modproof
