// SPDX-License-Identifier: LGPL-2.1-or-later
// A plain module is read once: its leaf comes from the engine that hashes several at once, and the
// digest of the whole file, which has no position in front of it, is made of the same bytes. Those
// of a compressed module are others, so its file is read again, from the page cache most likely.
#include "modproof/ops/make_manifest.h"

#include <algorithm>
#include <optional>
#include <utility>

#include <fmt/core.h>

#include "modproof/hash/sha256.h"
#include "modproof/merkle/tree.h"
#include "modproof/ops/discover.h"

#include "base/try.h"
#include "format/elf.h"
#include "format/elf_contents.h"
#include "format/modinfo.h"
#include "ops/build_input.h"
#include "ops/digest_file.h"
#include "ops/first_error.h"
#include "ops/hash_modules.h"
#include "ops/known_tree.h"
#include "ops/module_contents.h"

namespace modproof {
namespace {

/// The largest .modinfo that is read for the release of the kernel.
constexpr std::uint64_t kModinfoLimit = std::uint64_t{16} << 20U;

/// Leaves and file digests, a slot for each module.
class Collector : public ModuleVisitor {
 public:
  Collector(const std::vector<ModuleFile>& modules, const KnownTree* known, const Cancel* cancel)
      : modules_(modules),
        known_(known),
        cancel_(cancel),
        streams_(modules.size()),
        leaves_(modules.size()),
        files_(modules.size()),
        errors_(modules.size()) {}

  Result<std::optional<std::uint32_t>> begin(std::size_t index, const OpenModule& module,
                                             Bytes head) override {
    const std::uint64_t size = module.trailer.payload_size;
    MODPROOF_TRY(check_module_head(head, size));
    if (module.compression == Compression::none) {
      streams_[index].emplace();
    }
    leaves_[index].payload_size = size;
    if (known_ == nullptr) {
      return static_cast<std::uint32_t>(index);
    }
    const auto place = known_->find(modules_[index].name);
    if (!place) {
      return fail(ErrorKind::missing, {}, "the tree file has no such module");
    }
    // The form whose size this is; if there is none, its leaf will fit none either.
    const auto own = known_->file().leaves_of(*place);
    const auto form = std::find_if(own.begin(), own.end(),
                                   [&](const Leaf& leaf) { return leaf.payload_size == size; });
    return known_->first_position(*place) +
           static_cast<std::uint32_t>(form == own.end() ? 0 : form - own.begin());
  }

  Status payload(std::size_t index, Bytes chunk) override {
    if (streams_[index]) {
      streams_[index]->update(chunk);
    }
    return {};
  }

  Status finish(std::size_t index, const OpenModule& module, const Digest& leaf) override {
    if (known_ != nullptr) {
      const auto own = known_->file().leaves_of(*known_->find(modules_[index].name));
      if (std::none_of(own.begin(), own.end(),
                       [&](const Leaf& known) { return known.hash == leaf; })) {
        return fail(ErrorKind::changed, {},
                    "its payload is none of the forms that the tree file has of it");
      }
    }
    leaves_[index].hash = leaf;
    if (!streams_[index]) {
      MODPROOF_ASSIGN(file, digest_file(module.file, cancel_));
      files_[index] = file;
      return {};
    }
    ByteVector behind(static_cast<std::size_t>(module.file.size() - module.trailer.payload_size));
    MODPROOF_TRY(module.file.read_at(module.trailer.payload_size, behind));
    MODPROOF_TRY(module.file.check_unchanged());
    streams_[index]->update(behind);
    files_[index] = streams_[index]->finish();
    streams_[index].reset();
    return {};
  }

  void failed(std::size_t index, Error error) override {
    streams_[index].reset();
    errors_.set(index, std::move(error));
  }

  [[nodiscard]] Status status() const { return errors_.status(); }
  [[nodiscard]] std::vector<Leaf> take_leaves() { return std::move(leaves_); }
  [[nodiscard]] const std::vector<Digest>& files() const { return files_; }

 private:
  const std::vector<ModuleFile>& modules_;
  const KnownTree* known_;
  const Cancel* cancel_;
  std::vector<std::optional<Sha256>> streams_;  // of plain modules
  std::vector<Leaf> leaves_;
  std::vector<Digest> files_;
  FirstError errors_;
};

/// The release in the vermagic of `elf`; empty if it has none.
Result<std::string> release_of(const ElfContents& elf) {
  const ElfSection* section = elf.find(".modinfo");
  if (section == nullptr) {
    return std::string();
  }
  MODPROOF_ASSIGN(bytes, elf.bytes(*section, kModinfoLimit));
  const std::string_view magic = modinfo_value(bytes, "vermagic").value_or(std::string_view());
  return std::string(magic.substr(0, magic.find(' ')));
}

/// Fills in what the first module that has it says of the kernel.
Status read_identity(const std::vector<ModuleFile>& modules, std::uint64_t max_module_size,
                     Manifest& manifest) {
  for (const ModuleFile& module : modules) {
    MODPROOF_ASSIGN(contents, ModuleContents::open(module.path, max_module_size));
    MODPROOF_ASSIGN(elf, ElfContents::open(contents.file()));
    if (manifest.architecture.empty()) {
      manifest.architecture = machine_name(elf.image().machine);
    }
    MODPROOF_ASSIGN(release, release_of(elf));
    if (!release.empty()) {
      manifest.kernel = std::move(release);
      return {};
    }
  }
  return {};
}

Status check_all_there(const std::vector<ModuleFile>& modules, const KnownTree& known,
                       const std::string& directory) {
  std::vector<bool> there(known.file().names.size());
  for (const ModuleFile& module : modules) {
    there[*known.find(module.name)] = true;
  }
  const auto gone = std::find(there.begin(), there.end(), false);
  if (gone != there.end()) {
    const auto index = static_cast<std::size_t>(gone - there.begin());
    return fail(ErrorKind::missing, directory,
                fmt::format("module {} of the tree file is not in it",
                            printable(known.file().names[index])));
  }
  return {};
}

}  // namespace

Result<Manifest> make_manifest(const std::string& directory, const std::string& tree,
                               const RunOptions& run) {
  MODPROOF_ASSIGN(known, KnownTree::load_if_named(tree));
  MODPROOF_ASSIGN(modules, modules_of_build(directory));
  if (modules.empty()) {
    return fail(ErrorKind::missing, directory, "no modules in this directory");
  }
  Collector collector(modules, known ? &*known : nullptr, run.cancel);
  MODPROOF_TRY(hash_modules(modules, collector, run));
  MODPROOF_TRY(collector.status());
  Manifest manifest;
  MODPROOF_TRY(read_identity(modules, run.max_module_size, manifest));
  if (!known) {
    for (const ModuleFile& module : modules) {
      manifest.tree.names.push_back(module.name);
    }
    manifest.tree.leaves = collector.take_leaves();
    manifest.tree.root = Tree(hashes_of(manifest.tree.leaves)).root();
    manifest.files = collector.files();
    return manifest;
  }
  MODPROOF_TRY(check_all_there(modules, *known, directory));
  manifest.files.resize(modules.size());
  for (std::size_t i = 0; i < modules.size(); ++i) {
    manifest.files[*known->find(modules[i].name)] = collector.files()[i];
  }
  manifest.tree = std::move(*known).take_file();
  return manifest;
}

}  // namespace modproof
