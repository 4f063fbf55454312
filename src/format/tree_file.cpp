// SPDX-License-Identifier: LGPL-2.1-or-later
#include "modproof/format/tree_file.h"

#include <algorithm>
#include <utility>

#include <fmt/core.h>

#include "modproof/format/module_name.h"
#include "modproof/hash/sha256.h"

#include "base/try.h"
#include "format/indexed_tree_file.h"
#include "format/malformed.h"
#include "format/name_index.h"

namespace modproof {
namespace {

constexpr std::size_t kVersionAt = 8;
constexpr std::size_t kVariantsAt = 12;
constexpr std::size_t kCountAt = 16;
constexpr std::size_t kLevelsAt = 20;
constexpr std::size_t kHashAt = 24;
constexpr std::size_t kHeaderSize = kHashAt + kDigestSize;
constexpr std::size_t kLeafSize = 8 + kDigestSize;

std::uint16_t load_be16(const std::uint8_t* from) {
  return load<std::uint16_t, std::endian::big>(from);
}

/// The variants of a bit set, lowest bit first.
Result<std::vector<Variant>> variants_of(std::uint32_t bits) {
  const auto bit = [](Variant variant) { return static_cast<std::uint32_t>(variant); };
  if ((bits & ~(bit(Variant::linked) | bit(Variant::strip_debug))) != 0 ||
      (bits & bit(Variant::linked)) == 0) {
    return fail(ErrorKind::unsupported, {},
                fmt::format("variants {:#x} of the tree file are unknown to this release; use a "
                            "newer modproof",
                            bits),
                kVariantsAt);
  }
  std::vector<Variant> variants{Variant::linked};
  if ((bits & bit(Variant::strip_debug)) != 0) {
    variants.push_back(Variant::strip_debug);
  }
  return variants;
}

/// Checks everything but the modules; gives the number of modules.
Result<std::uint32_t> read_header(Bytes bytes, TreeFile& tree) {
  const Bytes magic = bytes_of(kTreeFileMagic);
  if (bytes.size() < magic.size() || !std::equal(magic.begin(), magic.end(), bytes.begin())) {
    return malformed(0, "not a tree file");
  }
  if (bytes.size() < kHeaderSize + kDigestSize) {
    return malformed(bytes.size(), "the tree file is cut off");
  }
  if (const std::uint32_t version = load_be32(bytes.data() + kVersionAt);
      version != kTreeFileVersion) {
    return fail(ErrorKind::unsupported, {},
                fmt::format("version {} of the tree file is unknown to this release, which knows "
                            "version {}; make the tree again",
                            version, kTreeFileVersion),
                kVersionAt);
  }
  const std::size_t digest_at = bytes.size() - kDigestSize;
  const Digest digest = Sha256::of(bytes.first(digest_at));
  if (!std::equal(digest.begin(), digest.end(), bytes.begin() + static_cast<long>(digest_at))) {
    return malformed(digest_at,
                     "the tree file is damaged: its bytes do not have the digest at its end; make "
                     "the tree again");
  }
  MODPROOF_ASSIGN(variants, variants_of(load_be32(bytes.data() + kVariantsAt)));
  tree.variants = std::move(variants);
  tree.root.levels = load_be32(bytes.data() + kLevelsAt);
  if (tree.root.levels > kMaxLevels) {
    return malformed(kLevelsAt,
                     fmt::format("{} levels, more than {}", tree.root.levels, kMaxLevels));
  }
  std::copy_n(bytes.begin() + kHashAt, kDigestSize, tree.root.hash.begin());
  return load_be32(bytes.data() + kCountAt);
}

/// Reads module after module from `bytes`, which end where the digest starts.
Status read_modules(Bytes bytes, std::uint32_t count, TreeFile& tree) {
  const std::size_t variants = tree.variants.size();
  std::size_t at = kHeaderSize;
  // The smallest module takes a name of one byte: a count beyond that is a lie, not memory to have.
  const std::size_t smallest = 2 + 1 + variants * kLeafSize;
  if (count > (bytes.size() - at) / smallest) {
    return malformed(kCountAt, fmt::format("{} modules do not fit into the file", count));
  }
  tree.names.reserve(count);
  tree.leaves.reserve(count * variants);
  for (std::uint32_t i = 0; i < count; ++i) {
    if (bytes.size() - at < 2) {
      return malformed(at, fmt::format("cut off before the name of module {}", i));
    }
    const std::size_t length = load_be16(bytes.data() + at);
    const std::size_t name_at = at + 2;
    if (length == 0 || bytes.size() - name_at < length ||
        bytes.size() - name_at - length < variants * kLeafSize) {
      return malformed(at, fmt::format("module {} with a name of {} bytes does not fit into the "
                                       "file",
                                       i, length));
    }
    std::string name(reinterpret_cast<const char*>(bytes.data()) + name_at, length);
    if (name.find('/') != std::string::npos || name.find('\0') != std::string::npos) {
      return malformed(name_at, fmt::format("module {} has an impossible name", i));
    }
    tree.names.push_back(std::move(name));
    at = name_at + length;
    for (std::size_t v = 0; v < variants; ++v, at += kLeafSize) {
      Leaf leaf{.payload_size = load<std::uint64_t, std::endian::big>(bytes.data() + at),
                .hash = {}};
      std::copy_n(bytes.begin() + static_cast<long>(at) + 8, kDigestSize, leaf.hash.begin());
      tree.leaves.push_back(leaf);
    }
  }
  if (at != bytes.size()) {
    return malformed(at, fmt::format("{} bytes behind the last module", bytes.size() - at));
  }
  return {};
}

Status check_differ(const NameIndex& by_name, std::span<const std::string> names) {
  const auto duplicate = by_name.duplicate();
  if (!duplicate) {
    return {};
  }
  return fail(ErrorKind::duplicate, {},
              fmt::format("two modules are called {} (to the kernel, - and _ are the same)",
                          printable(kernel_name(names[*duplicate]))));
}

}  // namespace

std::string_view name_of(Variant variant) noexcept {
  switch (variant) {
    case Variant::linked:
      return "linked";
    case Variant::strip_debug:
      return "strip-debug";
  }
  return "unknown";
}

ByteVector encode_tree_file(const TreeFile& tree) {
  std::size_t size = kHeaderSize + tree.leaves.size() * kLeafSize + kDigestSize;
  for (const std::string& name : tree.names) {
    size += 2 + name.size();
  }
  ByteVector bytes(size);
  std::copy(kTreeFileMagic.begin(), kTreeFileMagic.end(), bytes.begin());
  store_be32(bytes.data() + kVersionAt, kTreeFileVersion);
  std::uint32_t variants = 0;
  for (const Variant variant : tree.variants) {
    variants |= static_cast<std::uint32_t>(variant);
  }
  store_be32(bytes.data() + kVariantsAt, variants);
  store_be32(bytes.data() + kCountAt, static_cast<std::uint32_t>(tree.names.size()));
  store_be32(bytes.data() + kLevelsAt, tree.root.levels);
  std::uint8_t* at =
      std::copy(tree.root.hash.begin(), tree.root.hash.end(), bytes.data() + kHashAt);
  for (std::size_t i = 0; i < tree.names.size(); ++i) {
    const std::string& name = tree.names[i];
    store<std::uint16_t, std::endian::big>(at, static_cast<std::uint16_t>(name.size()));
    at = std::copy(name.begin(), name.end(), at + 2);
    for (const Leaf& leaf : tree.leaves_of(i)) {
      store<std::uint64_t, std::endian::big>(at, leaf.payload_size);
      at = std::copy(leaf.hash.begin(), leaf.hash.end(), at + 8);
    }
  }
  const Digest digest = Sha256::of(Bytes(bytes).first(size - kDigestSize));
  std::copy(digest.begin(), digest.end(), at);
  return bytes;
}

Result<TreeFile> decode_tree_file(Bytes bytes) {
  MODPROOF_ASSIGN(indexed, decode_indexed_tree_file(bytes));
  return std::move(indexed.file);
}

Result<IndexedTreeFile> decode_indexed_tree_file(Bytes bytes) {
  TreeFile tree;
  MODPROOF_ASSIGN(count, read_header(bytes, tree));
  MODPROOF_TRY(read_modules(bytes.first(bytes.size() - kDigestSize), count, tree));
  return index_tree_file(std::move(tree));
}

Result<IndexedTreeFile> index_tree_file(TreeFile file) {
  NameIndex by_name(file.names);
  MODPROOF_TRY(check_differ(by_name, file.names));
  return IndexedTreeFile{.file = std::move(file), .by_name = std::move(by_name)};
}

Status check_names_differ(std::span<const std::string> names) {
  return check_differ(NameIndex(names), names);
}

}  // namespace modproof
