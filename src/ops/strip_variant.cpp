// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ops/strip_variant.h"

#include <utility>

#include <fmt/core.h>
#include <unistd.h>

#include "base/file.h"
#include "base/program.h"
#include "base/temporary_directory.h"
#include "base/try.h"
#include "ops/first_error.h"
#include "ops/leaf_of.h"
#include "ops/module_contents.h"
#include "ops/run.h"

namespace modproof {
namespace {

/// Strips `module` into `copy` and gives the leaf of that at `position`. strip writes elsewhere by
/// itself, which spares copying what it is about to drop.
Result<Leaf> stripped_leaf(const ModuleFile& module, const FileStamp& stamp,
                           const std::vector<std::string>& program, const std::string& copy,
                           std::uint32_t position, std::uint64_t max_module_size) {
  MODPROOF_ASSIGN(contents, ModuleContents::open(module.path, max_module_size));
  const File& original = contents.stored();
  if (!same_contents(original.stamp(), stamp)) {
    return fail(ErrorKind::changed, module.path, "the file changed while it was read; try again");
  }
  // A relative path that starts with a dash would be taken for an option.
  std::string input = module.path.starts_with('-') ? "./" + module.path : module.path;
  if (contents.compression() != Compression::none) {
    // The decompressed module has no name; strip, a child, finds it among our descriptors.
    input = fmt::format("/proc/{}/fd/{}", ::getpid(), contents.file().descriptor());
  }
  std::vector<std::string> arguments = program;
  arguments.insert(arguments.end(), {"--strip-debug", "-o", copy, std::move(input)});
  MODPROOF_TRY(run_program(arguments, module.path));
  MODPROOF_TRY(original.check_unchanged());
  MODPROOF_ASSIGN(stripped, File::open(copy));
  MODPROOF_ASSIGN(hash, leaf_of(stripped, stripped.size(), position));
  ::unlink(copy.c_str());
  return Leaf{.payload_size = stripped.size(), .hash = hash};
}

}  // namespace

Status add_stripped_leaves(const std::vector<ModuleFile>& modules,
                           const std::vector<std::uint32_t>& positions,
                           const std::vector<FileStamp>& stamps, const std::string& program,
                           std::vector<Leaf>& leaves, const RunOptions& run) {
  const std::vector<std::string> words = split_words(program);
  if (words.empty()) {
    return fail(ErrorKind::usage, {}, "the name of the strip program is empty");
  }
  MODPROOF_ASSIGN(directory, TemporaryDirectory::create());
  FirstError errors(modules.size());
  Workers workers(run);
  Progress progress(run, modules.size());
  workers.crew(modules.size()).for_each(modules.size(), [&](std::size_t i) {
    if (cancelled(run.cancel)) {
      return;
    }
    const std::uint32_t position = positions[i] + 1;
    auto leaf = stripped_leaf(modules[i], stamps[i], words,
                              directory.path() + "/" + std::to_string(i) + ".ko", position,
                              run.max_module_size);
    if (leaf) {
      leaves[position] = *leaf;
    } else {
      errors.set(i, std::move(leaf.error()));
    }
    progress.one_done();
  });
  if (cancelled(run.cancel)) {
    return fail_interrupted();
  }
  return errors.status();
}

}  // namespace modproof
