// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ops/digest_file.h"

#include "modproof/hash/sha256.h"

#include "base/file.h"
#include "base/file_range.h"
#include "base/try.h"

namespace modproof {

Result<Digest> digest_file(const std::string& path, const Cancel& cancel) {
  constexpr std::size_t kPiece = std::size_t{1} << 20U;
  MODPROOF_ASSIGN(file, File::open(path));
  Sha256 sha;
  MODPROOF_TRY(FileRange(file).each_piece(kPiece, [&](Bytes piece) -> Status {
    if (cancel.requested()) {
      return fail(ErrorKind::interrupted, path, "interrupted");
    }
    sha.update(piece);
    return {};
  }));
  MODPROOF_TRY(file.check_unchanged());
  return sha.finish();
}

}  // namespace modproof
