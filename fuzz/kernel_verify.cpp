// SPDX-License-Identifier: LGPL-2.1-or-later
// The kernel's own check, kernel/files/kernel/module/hashes.c, against the library's on any bytes.
//
// Nobody finds a file that leads to a given root by chance. The root is therefore computed from the
// file: read as carelessly as possible, so that a file that only one of the two should refuse has
// a root to be accepted with. Then that root is changed a little.
#include "kernel_verify.h"

#include <algorithm>
#include <cerrno>

#include "modproof/base/bytes.h"
#include "modproof/format/trailer.h"
#include "modproof/merkle/tree.h"

#include "check.h"
#include "library_verify.h"

namespace {

using namespace modproof;

/// Where the last 40 bytes, looked at as descriptor and marker, make the file lead to; whatever
/// else is wrong with it.
Root careless_root(Bytes file) {
  constexpr std::size_t kEnd = kDescriptorSize + kTrailerMarker.size();
  if (file.size() < kEnd + 4) {
    return {};
  }
  const auto be32 = [&](std::size_t at) {
    return std::uint32_t{file[at]} << 24U | std::uint32_t{file[at + 1]} << 16U |
           std::uint32_t{file[at + 2]} << 8U | file[at + 3];
  };
  const std::size_t size = be32(file.size() - kTrailerMarker.size() - 4);
  if (size < 4 || size > file.size() - kEnd) {
    return {};
  }
  const std::size_t payload = file.size() - kEnd - size;
  Proof proof{.position = be32(payload), .siblings = {}};
  for (std::size_t at = payload + 4;
       at + kDigestSize <= payload + size && proof.siblings.size() < 40; at += kDigestSize) {
    std::copy_n(file.begin() + static_cast<std::ptrdiff_t>(at), kDigestSize,
                proof.siblings.emplace_back().begin());
  }
  return lead(proof, leaf_hash(proof.position, file.first(payload)));
}

/// True if both accept.
bool compare(const Root& root, Bytes file) {
  const LibraryVerdict library = library_verify(root, file);
  std::size_t payload_size = 0;
  const char* reason = nullptr;
  const int kernel = kernel_verify_payload(root.hash.data(), root.levels, file.data(), file.size(),
                                           &reason, &payload_size);
  FUZZ_CHECK(reason != nullptr);
  FUZZ_CHECK((library.error == 0) == (kernel == 0));
  if (kernel == 0) {
    FUZZ_CHECK(payload_size == library.payload_size);
  }
  if (library.error == -ENODATA) {
    FUZZ_CHECK(kernel == -ENODATA);
  }
  return kernel == 0;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Bytes file(data, size);
  Root root = careless_root(file);
  const bool accepted = compare(root, file);
  compare(Root{}, file);
  root.hash[size % root.hash.size()] ^= 1;
  compare(root, file);
  root.hash[size % root.hash.size()] ^= 1;
  for (const std::uint32_t levels : {root.levels + 1, root.levels - 1, 0U, 33U, 0xFFFFFFFFU}) {
    compare({.levels = levels, .hash = root.hash}, file);
  }
  return accepted ? fuzz::taken() : fuzz::refused("leads to no root");
}
