// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ops/digest_file.h"

#include <algorithm>

#include "modproof/hash/sha256.h"

#include "base/file.h"
#include "base/try.h"

namespace modproof {

Result<Digest> digest_file(const std::string& path, const Cancel& cancel) {
  constexpr std::uint64_t kBuffer = std::uint64_t{1} << 20U;
  MODPROOF_ASSIGN(file, File::open(path));
  ByteVector buffer(static_cast<std::size_t>(std::min(kBuffer, file.size())));
  Sha256 sha;
  for (std::uint64_t at = 0; at < file.size();) {
    if (cancel.requested()) {
      return fail(ErrorKind::interrupted, path, "interrupted");
    }
    const auto size =
        static_cast<std::size_t>(std::min<std::uint64_t>(buffer.size(), file.size() - at));
    const MutableBytes part(buffer.data(), size);
    MODPROOF_TRY(file.read_at(at, part));
    sha.update(part);
    at += size;
  }
  MODPROOF_TRY(file.check_unchanged());
  return sha.finish();
}

}  // namespace modproof
