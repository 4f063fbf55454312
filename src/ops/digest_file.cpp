// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ops/digest_file.h"

#include "modproof/hash/sha256.h"

#include "base/file_range.h"
#include "base/try.h"

namespace modproof {

Result<Digest> digest_file(const std::string& path, const Cancel& cancel) {
  MODPROOF_ASSIGN(file, File::open(path));
  return digest_file(file, &cancel);
}

Result<Digest> digest_file(const File& file, const Cancel* cancel) {
  constexpr std::size_t kPiece = std::size_t{1} << 20U;
  Sha256 sha;
  MODPROOF_TRY(FileRange(file).each_piece(kPiece, [&](Bytes piece) -> Status {
    if (cancelled(cancel)) {
      return fail(ErrorKind::interrupted, file.path(), "interrupted");
    }
    sha.update(piece);
    return {};
  }));
  MODPROOF_TRY(file.check_unchanged());
  return sha.finish();
}

}  // namespace modproof
