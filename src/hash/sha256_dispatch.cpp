// SPDX-License-Identifier: LGPL-2.1-or-later
// Which backend runs: found out once from the processor, changed by name for tests and by users
// who want to compare, or fixed for good when the library was built (MODPROOF_SHA256 in CMake).
#include <algorithm>
#include <array>
#include <atomic>
#include <string>

#include "backend.h"

namespace modproof {
namespace {

/// All that this build contains, the best first. OpenSSL is last and works everywhere.
constexpr std::array kCompiled{
#if defined(__x86_64__)
    &hash::kAvx512Backend,
    &hash::kShaNiBackend,
#elif defined(__AARCH64EL__)
    &hash::kArmv8Backend,
#endif
    &hash::kOpensslBackend,
};

/// Whether the builder of this library lets `backend` run at all.
bool allowed([[maybe_unused]] const Sha256Backend& backend) noexcept {
#ifdef MODPROOF_SHA256_FORCED
  return backend.name == MODPROOF_SHA256_FORCED;
#else
  return true;
#endif
}

struct Usable {
  std::array<const Sha256Backend*, kCompiled.size()> list{};
  std::size_t count = 0;

  Usable() noexcept {
    for (const Sha256Backend* backend : kCompiled) {
      if (allowed(*backend) && backend->usable()) {
        list[count++] = backend;
      }
    }
    // A library built for one backend still has to work on a machine without it.
    if (count == 0) {
      list[count++] = &hash::kOpensslBackend;
    }
  }
};

/// Null until somebody chooses.
std::atomic<const Sha256Backend*> chosen{nullptr};

}  // namespace

std::span<const Sha256Backend* const> sha256_backends() noexcept {
  static const Usable usable;
  return {usable.list.data(), usable.count};
}

const Sha256Backend& default_sha256_backend() noexcept {
  const Sha256Backend* backend = chosen.load(std::memory_order_relaxed);
  return backend != nullptr ? *backend : *sha256_backends().front();
}

Status set_default_sha256_backend(std::string_view name) {
  const auto backends = sha256_backends();
  const auto found = std::ranges::find(backends, name, &Sha256Backend::name);
  if (found != backends.end()) {
    chosen.store(*found, std::memory_order_relaxed);
    return {};
  }
  std::string names;
  for (const Sha256Backend* backend : backends) {
    names += names.empty() ? "" : ", ";
    names += backend->name;
  }
  return fail(ErrorKind::usage, {},
              "no SHA-256 backend '" + printable(name) + "' here; there is: " + names);
}

}  // namespace modproof
