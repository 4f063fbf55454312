// SPDX-License-Identifier: LGPL-2.1-or-later
// Proofs that whatever made an initramfs took away, attached again in a new image.
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "modproof/format/module_name.h"
#include "modproof/format/trailer.h"
#include "modproof/ops/verify.h"

#include "base/file.h"
#include "base/replacement.h"
#include "base/try.h"
#include "format/initramfs_edit.h"
#include "ops/find_payload.h"
#include "ops/known_tree.h"
#include "ops/read_trailer.h"
#include "ops/run.h"

namespace modproof {
namespace {

/// The trailer that `module` lost; nothing, if it carries one, is compressed, or is not in the
/// tree.
Result<ByteVector> lost_trailer(const File& module, const std::string& name,
                                const KnownTree& known) {
  const auto trailer = read_trailer(module);
  if (!trailer && trailer.error().kind != ErrorKind::malformed) {
    return std::unexpected(trailer.error());
  }
  if (!trailer || trailer->kind != TrailerKind::none) {
    return ByteVector();  // verify says what is wrong with it
  }
  MODPROOF_ASSIGN(position, find_payload(module, *module_name_of(name), known));
  return position ? encode_trailer(known.tree().proof(*position)) : ByteVector();
}

}  // namespace

Result<std::vector<std::string>> fix_initramfs(const std::string& path, const std::string& tree,
                                               const std::string& output, const FixOptions& options,
                                               const RunOptions& run) {
  MODPROOF_ASSIGN(known, KnownTree::load(tree));
  MODPROOF_ASSIGN(file, File::open(path));
  MODPROOF_ASSIGN(copy, Replacement::create(output));
  std::vector<std::string> fixed;
  const InitramfsEditor editor{
      .wants = [](const std::string& name) { return module_name_of(name).has_value(); },
      .append = [&](const std::string& name, File contents) -> Result<ByteVector> {
        if (cancelled(run.cancel)) {
          return fail_interrupted();
        }
        auto trailer = lost_trailer(contents, name, known);
        if (trailer && !trailer->empty()) {
          fixed.push_back(contents.path());
        }
        return trailer;
      }};
  MODPROOF_TRY(edit_initramfs(file, options.max_size, editor,
                              [&](Bytes bytes) { return copy.append(bytes); }));
  MODPROOF_TRY(copy.keep_metadata(file, Times::renew));
  if (output != path) {
    copy.replace_anything();
  }
  MODPROOF_TRY(file.check_unchanged());
  if (options.sync) {
    MODPROOF_TRY(copy.sync());
  }
  MODPROOF_TRY(copy.commit());
  if (options.sync) {
    MODPROOF_TRY(copy.sync_directory());
  }
  return fixed;
}

}  // namespace modproof
