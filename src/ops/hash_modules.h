// SPDX-License-Identifier: LGPL-2.1-or-later
// Many module files, each read once, their leaves hashed several at a time.
//
// Each thread keeps as many files open as the SHA-256 backend has lanes, with a buffer for each:
//
//     lane 0  | prefix | chunk of file a ......................|
//     lane 1  | prefix | chunk of file b ...........|             advance all by the same number of
//     lane 2  | prefix | chunk of file c .................|       blocks, refill what ran empty
//
// A lane whose file ends takes the next file at once, so all lanes stay full until the list is
// empty. Memory is buffers only, however large the modules are; a compressed module is decompressed
// into the buffer of its lane, or into a file if it is large (see module_contents.h). What is done
// with a module besides hashing it (compare, copy, collect) is the visitor's business; nothing
// depends on the number of threads.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "modproof/base/bytes.h"
#include "modproof/base/digest.h"
#include "modproof/base/result.h"
#include "modproof/format/trailer.h"
#include "modproof/ops/discover.h"
#include "modproof/ops/run_options.h"

#include "base/file.h"
#include "format/compression.h"

namespace modproof {

/// A module file that is open, with its trailer read.
struct OpenModule {
  File file;  ///< as it is stored
  /// What the file is compressed with. Trailer and payload are those of the module inside.
  Compression compression = Compression::none;
  Trailer trailer;
  /// The module inside, where it is compressed: in a file if it is large, otherwise in memory,
  /// until begin() returns.
  std::optional<File> decompressed;
  Bytes held;
};

/// Told of each module: begin, payload any number of times, finish; or, instead of any of these,
/// failed or bad_trailer, after which no more is said of that module. Calls for one module come
/// from one thread, calls for different modules may come at the same time.
class ModuleVisitor {
 public:
  virtual ~ModuleVisitor() = default;

  /// The file is open; `head` are the first bytes of the module (kElfHead, or all of a shorter
  /// file). Gives the position to hash it for, or nothing if its leaf is not wanted: no more calls
  /// then.
  [[nodiscard]] virtual Result<std::optional<std::uint32_t>> begin(std::size_t index,
                                                                   const OpenModule& module,
                                                                   Bytes head) = 0;

  /// The next bytes of the payload, before they are hashed.
  [[nodiscard]] virtual Status payload(std::size_t index, Bytes chunk);

  /// The leaf; the file did not change while it was read.
  [[nodiscard]] virtual Status finish(std::size_t index, const OpenModule& module,
                                      const Digest& leaf) = 0;

  /// The file could not be read, or one of the calls above gave this error. An error without a
  /// path has got that of the module.
  virtual void failed(std::size_t index, Error error) = 0;

  /// The file could be read, but its trailer is malformed; as failed() unless overridden.
  virtual void bad_trailer(std::size_t index, Error error);
};

/// Visits every module.
/// Errors: interrupted only; what goes wrong with a module is for the visitor to keep.
[[nodiscard]] Status hash_modules(std::span<const ModuleFile> modules, ModuleVisitor& visitor,
                                  const RunOptions& options);

}  // namespace modproof
