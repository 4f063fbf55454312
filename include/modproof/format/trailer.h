// SPDX-License-Identifier: LGPL-2.1-or-later
// What stands behind a module in its file, read backwards from the end:
//
//     0                       payload_size               file_size
//     |  payload              |  body    | descriptor | marker    |
//     |  (the ELF file, and   |          | 12 bytes   | 28 bytes  |
//     |  maybe a PKCS#7       |  proof or signature   "~Module signature appended~\n"
//     |  trailer of its own)  |
//
// The descriptor is the kernel's `struct module_signature` (include/linux/module_signature.h):
//
//     0 algo | 1 hash | 2 id_type | 3 signer_len | 4 key_id_len | 5..7 zero | 8..11 be32 body size
//
// id_type 2 is a PKCS#7 signature, 3 a Merkle proof: be32 position, then 32 bytes a level. In a
// Merkle trailer every other field but the size is zero. Only the outermost trailer counts.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "modproof/base/bytes.h"
#include "modproof/base/digest.h"
#include "modproof/base/result.h"

namespace modproof {

/// The last 28 bytes of a file with a trailer (include/linux/module_signature.h,
/// MODULE_SIG_STRING).
inline constexpr std::string_view kTrailerMarker = "~Module signature appended~\n";

/// Bytes in the descriptor (`struct module_signature`).
inline constexpr std::size_t kDescriptorSize = 12;

/// Bytes in a Merkle trailer for a proof of `levels` levels.
[[nodiscard]] constexpr std::size_t merkle_trailer_size(std::uint32_t levels) noexcept {
  return 4 + std::size_t{levels} * kDigestSize + kDescriptorSize + kTrailerMarker.size();
}

/// The end of a file that parse_trailer() needs to see: the largest Merkle trailer, and descriptor
/// and marker of one more below it.
inline constexpr std::size_t kTrailerWindow =
    merkle_trailer_size(kMaxLevels) + kDescriptorSize + kTrailerMarker.size();

enum class TrailerKind : std::uint8_t {
  none,    ///< the file does not end in the marker
  merkle,  ///< a proof
  pkcs7,   ///< a PKCS#7 signature (id_type 2)
  other,   ///< a signature of another kind (id_type 0, 1 or above 3)
};

/// `none`, `merkle`, `pkcs7`, `other`.
[[nodiscard]] std::string_view name_of(TrailerKind kind) noexcept;

/// The outermost trailer of a module file.
struct Trailer {
  TrailerKind kind = TrailerKind::none;
  /// Bytes that a leaf covers: the file without its Merkle trailer, so the whole file for any other
  /// kind.
  std::uint64_t payload_size = 0;
  /// Where the body starts; the file size where there is no trailer.
  std::uint64_t body_offset = 0;
  /// Bytes in the body.
  std::uint32_t body_size = 0;
  /// id_type as it stands in the descriptor.
  std::uint8_t id_type = 0;
  /// The proof, if the kind is merkle.
  Proof proof;
};

/// Reads the outermost trailer. `tail` is the end of the file: min(file_size, kTrailerWindow) bytes
/// or more. The result owns its bytes.
/// Errors (path empty, offset that of the wrong byte in the file):
///   malformed  a marker without room for a descriptor; a body larger than the file; in a Merkle
///              trailer: reserved fields set, a body that is not 4 + 32 * n bytes for n in 1..32,
///              or a payload that itself ends in a Merkle trailer.
[[nodiscard]] Result<Trailer> parse_trailer(Bytes tail, std::uint64_t file_size);

/// The trailer that holds `proof`: body, descriptor, marker. The proof has at least one level.
[[nodiscard]] ByteVector encode_trailer(const Proof& proof);

}  // namespace modproof
