// SPDX-License-Identifier: LGPL-2.1-or-later
// Any bytes as a module file, compressed or not. Decompressed in memory it is what it is
// decompressed as a stream into a file, or refused by both; compressed again in the way that its
// head tells, it is the same module.
#include "ops/module_contents.h"

#include <algorithm>

#include "base/file_range.h"
#include "check.h"
#include "format/decompress_range.h"
#include "format/elf.h"
#include "format/encoder.h"
#include "ops/named_file.h"

namespace {

using namespace modproof;

/// Modules of this size still stay in memory, see kModuleInMemory.
constexpr std::uint64_t kLimit = 1U << 20U;

bool is_refusal(const Error& error) {
  return error.kind == ErrorKind::malformed || error.kind == ErrorKind::unsupported;
}

ByteVector all_of(const File& file) {
  const auto bytes = FileRange(file).head(static_cast<std::size_t>(file.size()));
  FUZZ_CHECK(bytes.has_value());
  return *bytes;
}

/// Compresses `module` as `stored` is, and decompresses it again.
void check_again(const File& stored, Compression compression, const File& module) {
  const auto settings = settings_of(FileRange(stored), compression);
  FUZZ_CHECK(settings.has_value());
  ByteVector bytes;
  const auto status = compress_range(FileRange(module), *settings, [&](Bytes more) -> Status {
    bytes.insert(bytes.end(), more.begin(), more.end());
    return {};
  });
  FUZZ_CHECK(status.has_value());
  static const fuzz::MemoryFile memory;
  memory.set(bytes.data(), bytes.size());
  const auto again = ModuleContents::open(memory.path(), kLimit);
  FUZZ_CHECK(again.has_value() && again->compression() == compression);
  FUZZ_CHECK(all_of(again->file()) == all_of(module));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const fuzz::MemoryFile memory;
  memory.set(data, size);
  static_cast<void>(name_of_module_at(memory.path(), kLimit).has_value());
  const Compression compression = module_compression({data, std::min(size, kCompressionHead)});
  const auto contents = ModuleContents::open(memory.path(), kLimit);
  if (compression == Compression::none) {
    FUZZ_CHECK(contents.has_value() && contents->compression() == compression);
    FUZZ_CHECK(std::ranges::equal(all_of(contents->file()), Bytes(data, size)));
    return fuzz::refused("not compressed");
  }
  const auto stored = File::open(memory.path());
  FUZZ_CHECK(stored.has_value());
  const auto streamed = decompress_to_file(FileRange(*stored), compression, kLimit, Rules::kernel);
  FUZZ_CHECK(contents.has_value() == streamed.has_value());
  if (!contents) {
    FUZZ_CHECK(is_refusal(contents.error()) && is_refusal(streamed.error()));
    return fuzz::refused(contents.error());
  }
  FUZZ_CHECK(contents->compression() == compression && contents->file().size() <= kLimit);
  const ByteVector module = all_of(contents->file());
  FUZZ_CHECK(module == all_of(*streamed));
  check_again(*stored, compression, contents->file());
  const auto head =
      check_module_head(Bytes(module).first(std::min(module.size(), kElfHead)), module.size());
  return head ? fuzz::taken() : fuzz::refused(head.error());
}
