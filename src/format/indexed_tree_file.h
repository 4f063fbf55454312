// SPDX-License-Identifier: LGPL-2.1-or-later
// A tree file with the index of its names that reading it makes anyway, to see that no two are the
// same.
#pragma once

#include "modproof/base/bytes.h"
#include "modproof/base/result.h"
#include "modproof/format/tree_file.h"

#include "format/name_index.h"

namespace modproof {

struct IndexedTreeFile {
  TreeFile file;
  NameIndex by_name;  ///< of file.names
};

/// Reads a whole tree file. Errors: those of decode_tree_file().
[[nodiscard]] Result<IndexedTreeFile> decode_indexed_tree_file(Bytes bytes);

/// The index of the names of `file`. Errors: duplicate, as check_names_differ().
[[nodiscard]] Result<IndexedTreeFile> index_tree_file(TreeFile file);

}  // namespace modproof
