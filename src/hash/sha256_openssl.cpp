// SPDX-License-Identifier: LGPL-2.1-or-later
// The backend that works everywhere: OpenSSL's EVP interface, one lane after another.
//
// It is also what all other backends are tested against. OpenSSL is not loaded before the first
// message is hashed here (base/libcrypto.h), and EVP_MD_fetch reads its configuration and loads its
// providers: a run that uses another backend pays neither.
#include <memory>
#include <new>
#include <stdexcept>
#include <vector>

#include "backend.h"
#include "base/libcrypto.h"

namespace modproof::hash {
namespace {

/// What a Result is for cannot be said here: no caller of a hash function expects one.
const Libcrypto& crypto() {
  static const Libcrypto* const table = [] {
    auto loaded = libcrypto();
    if (!loaded) {
      throw std::runtime_error(loaded.error().message);
    }
    return *loaded;
  }();
  return *table;
}

struct FreeContext {
  void operator()(EVP_MD_CTX* context) const { crypto().EVP_MD_CTX_free(context); }
};
using Context = std::unique_ptr<EVP_MD_CTX, FreeContext>;

/// SHA-256 itself is never to blame for a failure of EVP: memory is out, or OpenSSL is set up so
/// that it has no SHA-256. Neither is about a file, so it is not a Result.
void check(int ok) {
  if (ok != 1) {
    throw std::runtime_error("OpenSSL cannot compute SHA-256; see its configuration (openssl.cnf)");
  }
}

/// Fetched once, because each fetch takes locks and searches all providers. Never freed: a thread
/// that still hashes while the process ends must find it.
const EVP_MD* sha256() {
  static const EVP_MD* const fetched = crypto().EVP_MD_fetch(nullptr, "SHA256", nullptr);
  check(fetched != nullptr);
  return fetched;
}

Context make_context() {
  Context context{crypto().EVP_MD_CTX_new()};
  if (!context) {
    throw std::bad_alloc();
  }
  return context;
}

Digest finish_context(EVP_MD_CTX* context, Bytes tail) {
  Digest digest;
  check(crypto().EVP_DigestUpdate(context, tail.data(), tail.size()));
  check(crypto().EVP_DigestFinal_ex(context, digest.data(), nullptr));
  return digest;
}

class EvpEngine final : public LaneEngine {
 public:
  explicit EvpEngine(std::size_t lanes) {
    contexts_.reserve(lanes);
    for (std::size_t lane = 0; lane < lanes; ++lane) {
      contexts_.push_back(make_context());
      begin(lane);
    }
  }

  void begin(std::size_t lane) override {
    check(crypto().EVP_DigestInit_ex2(contexts_[lane].get(), sha256(), nullptr));
  }

  void update(std::span<const Sha256Lanes::Part> parts, std::size_t blocks) override {
    for (const auto& part : parts) {
      check(
          crypto().EVP_DigestUpdate(contexts_[part.lane].get(), part.data, blocks * kSha256Block));
    }
  }

  Digest finish(std::size_t lane, Bytes tail) override {
    return finish_context(contexts_[lane].get(), tail);
  }

 private:
  std::vector<Context> contexts_;
};

bool usable() noexcept { return true; }

std::unique_ptr<LaneEngine> make(std::size_t lanes) { return std::make_unique<EvpEngine>(lanes); }

Digest digest(Bytes message) {
  thread_local const Context context = make_context();
  check(crypto().EVP_DigestInit_ex2(context.get(), sha256(), nullptr));
  return finish_context(context.get(), message);
}

void digest_each(Bytes messages, std::size_t size, std::span<Digest> digests) {
  for (Digest& each : digests) {
    each = digest(messages.first(size));
    messages = messages.subspan(size);
  }
}

}  // namespace

constinit const Sha256Backend kOpensslBackend{"openssl", 1, usable, make, digest, digest_each};

}  // namespace modproof::hash
