// SPDX-License-Identifier: LGPL-2.1-or-later
// Initramfs images on any bytes, and the settings of a compressed one. Whatever is visited is no
// larger than the limit.
#include "format/initramfs.h"

#include <algorithm>

#include "check.h"
#include "format/stream_settings.h"
#include "ops/info_initramfs.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace modproof;
  static constexpr std::uint64_t kLimit = 1U << 18U;
  static const fuzz::MemoryFile memory;
  memory.set(data, size);
  const auto file = File::open(memory.path());
  FUZZ_CHECK(file.has_value());
  static_cast<void>(is_initramfs(*file).has_value());
  const InitramfsVisitor visitor{
      .wants = [](const std::string& name) { return name.ends_with(".ko"); },
      .take = [size](const std::string& name, File contents) -> Status {
        FUZZ_CHECK(name.ends_with(".ko"));
        FUZZ_CHECK(contents.size() <= std::max<std::uint64_t>(kLimit, size));
        return {};
      }};
  const auto status = visit_initramfs(*file, kLimit, visitor);
  FUZZ_CHECK(status.has_value() || status.error().kind == ErrorKind::malformed ||
             status.error().kind == ErrorKind::unsupported);
  const Compression compression = compression_of({data, size});
  const auto settings = settings_of(FileRange(*file), compression);
  FUZZ_CHECK(settings.has_value() || settings.error().kind == ErrorKind::malformed ||
             settings.error().kind == ErrorKind::unsupported);

  // What info says of it: parts one behind another, all of them in the file.
  const auto info = inspect_initramfs(
      *file, {.kernel = {}, .max_module_size = kLimit, .max_initramfs_size = kLimit});
  FUZZ_CHECK(info.has_value() == status.has_value());
  if (info) {
    std::uint64_t end = 0;
    for (const InitramfsPart& part : info->parts) {
      FUZZ_CHECK(part.offset >= end && part.size > 0 && part.modules <= part.entries);
      end = part.offset + part.size;
    }
    FUZZ_CHECK(end <= size && info->with_proof + info->with_signature <= info->modules());
  }
  return status ? fuzz::taken() : fuzz::refused(status.error());
}
