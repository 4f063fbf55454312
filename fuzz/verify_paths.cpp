// SPDX-License-Identifier: LGPL-2.1-or-later
// The fast path against a plain one: verify() on real files, several at once through all lanes,
// and the same verdict worked out from the specification with nothing but OpenSSL's SHA-256.
//
// The input is a script, because nobody finds a proof by chance:
//
//     byte 0       number of modules - 1, modulo 20
//     byte 1       which module is changed
//     byte 2       how: nothing, a bit flipped, cut off, bytes appended, trailer of another module
//     bytes 3, 4   where
//     byte 5       what each payload is repeated from and how long it is, in steps of 4099 bytes
//     the rest     the payloads, divided among the modules
#include <algorithm>
#include <array>
#include <memory>
#include <string>
#include <vector>

#include <openssl/evp.h>

#include "modproof/base/bytes.h"
#include "modproof/ops/verify.h"

#include "check.h"

namespace {

using namespace modproof;
constexpr std::size_t kMost = 20;

Digest plain_hash(const ByteVector& message) {
  Digest digest{};
  FUZZ_CHECK(EVP_Digest(message.data(), message.size(), digest.data(), nullptr, EVP_sha256(),
                        nullptr) == 1);
  return digest;
}

ByteVector be32(std::size_t value) {
  return {static_cast<std::uint8_t>(value >> 24U), static_cast<std::uint8_t>(value >> 16U),
          static_cast<std::uint8_t>(value >> 8U), static_cast<std::uint8_t>(value)};
}

std::size_t read_be32(const std::uint8_t* from) {
  return std::size_t{from[0]} << 24U | std::size_t{from[1]} << 16U | std::size_t{from[2]} << 8U |
         from[3];
}

template <typename From>
void append(ByteVector& to, const From& from) {
  to.insert(to.end(), from.begin(), from.end());
}

Digest plain_leaf(std::size_t position, Bytes payload) {
  ByteVector message{1};
  append(message, be32(position));
  append(message, payload);
  return plain_hash(message);
}

Digest plain_node(const Digest& left, const Digest& right) {
  ByteVector message{2};
  append(message, left);
  append(message, right);
  return plain_hash(message);
}

const std::string kMarker = "~Module signature appended~\n";

/// Every module with its trailer; the number of levels and the root.
struct PlainTree {
  std::vector<ByteVector> modules;
  std::size_t levels = 0;
  Digest root{};
};

PlainTree plain_seal(std::vector<ByteVector> payloads) {
  PlainTree tree;
  std::vector<std::vector<Digest>> levels(1);
  for (std::size_t i = 0; i < payloads.size(); ++i) {
    levels[0].push_back(plain_leaf(i, payloads[i]));
  }
  do {
    const std::vector<Digest>& below = levels.back();
    std::vector<Digest> above;
    for (std::size_t i = 0; i < below.size(); i += 2) {
      above.push_back(plain_node(below[i], i + 1 < below.size() ? below[i + 1] : below[i]));
    }
    levels.push_back(above);
  } while (levels.back().size() > 1);
  tree.levels = levels.size() - 1;
  tree.root = levels.back()[0];
  for (std::size_t i = 0; i < payloads.size(); ++i) {
    ByteVector module = std::move(payloads[i]);
    append(module, be32(i));
    for (std::size_t level = 0; level < tree.levels; ++level) {
      const std::size_t index = i >> level;
      const std::size_t sibling = index ^ 1U;
      append(module, levels[level][sibling < levels[level].size() ? sibling : index]);
    }
    append(module, ByteVector{0, 0, 3, 0, 0, 0, 0, 0});
    append(module, be32(4 + 32 * tree.levels));
    append(module, kMarker);
    tree.modules.push_back(std::move(module));
  }
  return tree;
}

/// The size of the Merkle trailer at the end of `file`, or 0 if there is none; well-formed or not.
std::size_t claimed_trailer(Bytes file) {
  if (file.size() < 40 || !std::equal(kMarker.begin(), kMarker.end(), file.end() - 28) ||
      file[file.size() - 38] != 3) {
    return 0;
  }
  return 40 + read_be32(&file[file.size() - 32]);
}

/// True if the file starts like one of gzip, xz or zstd.
bool looks_compressed(Bytes file) {
  for (const ByteVector& magic :
       {ByteVector{0x1F, 0x8B, 8}, ByteVector{0xFD, '7', 'z', 'X', 'Z', 0},
        ByteVector{0x28, 0xB5, 0x2F, 0xFD}}) {
    if (file.size() >= magic.size() && std::equal(magic.begin(), magic.end(), file.begin())) {
      return true;
    }
  }
  return false;
}

/// What the kernel would decide, by the words of the specification.
bool plain_accepts(Bytes file, const PlainTree& tree) {
  const std::size_t trailer = claimed_trailer(file);
  if (trailer == 0 || trailer > file.size() || trailer != 44 + 32 * tree.levels) {
    return false;
  }
  for (const std::size_t field : {0U, 1U, 3U, 4U, 5U, 6U, 7U}) {
    if (file[file.size() - 40 + field] != 0) {
      return false;
    }
  }
  const Bytes payload = file.first(file.size() - trailer);
  if (claimed_trailer(payload) != 0) {
    return false;
  }
  const std::uint8_t* proof = file.data() + payload.size();
  const std::size_t position = read_be32(proof);
  if (position >> tree.levels != 0) {
    return false;
  }
  Digest node = plain_leaf(position, payload);
  for (std::size_t level = 0; level < tree.levels; ++level) {
    Digest sibling;
    std::copy_n(proof + 4 + 32 * level, 32, sibling.begin());
    node = position >> level & 1U ? plain_node(sibling, node) : plain_node(node, sibling);
  }
  return node == tree.root;
}

std::vector<ByteVector> payloads_of(Bytes script, std::size_t count, std::size_t shape) {
  std::vector<ByteVector> payloads(count);
  const std::size_t share = script.size() / count;
  for (std::size_t i = 0; i < count; ++i) {
    const Bytes part = script.subspan(i * share, share);
    append(payloads[i], part);
    // Two modules larger than a buffer, so that lanes come to their ends at different times; more
    // of them would only make the target slow.
    const std::size_t more = part.empty() || i % 10 != 3 ? 0 : shape % 32 * 4099;
    for (std::size_t at = 0; at < more; at += part.size()) {
      append(payloads[i], part.first(std::min(part.size(), more - at)));
    }
  }
  return payloads;
}

void change(PlainTree& tree, std::size_t which, std::size_t how, std::size_t where) {
  ByteVector& module = tree.modules[which % tree.modules.size()];
  // From the end, where the trailer is, or anywhere.
  const std::size_t at =
      how >= 128 ? where % module.size() : module.size() - 1 - where % module.size();
  switch (how % 5) {
    case 0:
      return;
    case 1:
      module[at] ^= static_cast<std::uint8_t>(1U << (how / 5 % 8));
      return;
    case 2:
      module.resize(at);
      return;
    case 3:
      module.insert(module.begin() + static_cast<std::ptrdiff_t>(at), where % 50, 0x5A);
      return;
    default: {
      const ByteVector& other = tree.modules[where % tree.modules.size()];
      const std::size_t trailer = 44 + 32 * tree.levels;
      std::copy(other.end() - static_cast<std::ptrdiff_t>(trailer), other.end(),
                module.end() - static_cast<std::ptrdiff_t>(trailer));
      return;
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::size_t kHead = 6;
  if (size < kHead || size > 4096) {
    return fuzz::refused("no script");
  }
  static const std::array<fuzz::MemoryFile, kMost> memory;
  const std::size_t count = 1 + data[0] % kMost;
  PlainTree tree = plain_seal(payloads_of({data + kHead, size - kHead}, count, data[5]));
  change(tree, data[1], data[2], std::size_t{data[3]} << 8U | data[4]);

  std::vector<ModuleFile> modules;
  for (std::size_t i = 0; i < count; ++i) {
    memory[i].set(tree.modules[i].data(), tree.modules[i].size());
    modules.push_back({memory[i].path(), "m" + std::to_string(i)});
  }
  VerifyOptions options;
  options.root = Root{.levels = static_cast<std::uint32_t>(tree.levels), .hash = tree.root};
  RunOptions run;
  run.jobs = 1;
  const auto report = verify(modules, options, run);
  FUZZ_CHECK(report.has_value());
  // A payload may look compressed; such a file is decompressed or, most often, cannot be. It is
  // never accepted for the bytes that it is stored in.
  std::size_t verdict = 0;
  std::size_t error = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const bool accepts = !looks_compressed(tree.modules[i]) && plain_accepts(tree.modules[i], tree);
    if (verdict < report->verdicts.size() && report->verdicts[verdict].name == modules[i].name) {
      FUZZ_CHECK((report->verdicts[verdict].reason == Reason::accepted) == accepts);
      ++verdict;
    } else {
      FUZZ_CHECK(error < report->errors.size() && !accepts);
      const ErrorKind kind = report->errors[error].kind;
      FUZZ_CHECK(kind == ErrorKind::unsupported || kind == ErrorKind::malformed);
      ++error;
    }
  }
  FUZZ_CHECK(verdict == report->verdicts.size() && error == report->errors.size());
  return fuzz::taken();
}
