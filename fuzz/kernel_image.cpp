// SPDX-License-Identifier: LGPL-2.1-or-later
// Kernel images on any bytes: every wrapper, every decoder, and the root of what is inside. What
// comes out is no larger than the limit, and the file that was given is still what it was.
#include <algorithm>
#include <vector>

#include "check.h"
#include "format/kernel_container.h"
#include "format/linux_banner.h"
#include "format/root_section.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace modproof;
  constexpr std::uint64_t kLimit = 1U << 18U;
  static const fuzz::MemoryFile memory;
  memory.set(data, size);
  auto file = File::open(memory.path());
  FUZZ_CHECK(file.has_value());
  const auto container = is_kernel_container(*file);
  FUZZ_CHECK(container.has_value() || container.error().kind == ErrorKind::malformed ||
             container.error().kind == ErrorKind::unsupported);
  const auto kernel = unwrap_kernel(std::move(*file), kLimit);
  if (!kernel) {
    FUZZ_CHECK(kernel.error().kind == ErrorKind::malformed ||
               kernel.error().kind == ErrorKind::unsupported);
    return fuzz::refused(kernel.error());
  }
  FUZZ_CHECK(kernel->layers.size() < kMaxKernelLayers);
  FUZZ_CHECK(kernel->file.size() <= std::max<std::uint64_t>(kLimit, size));
  FUZZ_CHECK(find_linux_banner(FileRange(kernel->file)).has_value());
  if (kernel->layers.empty()) {
    FUZZ_CHECK(kernel->file.size() == size);
  }
  if (kernel->raw_kind.empty()) {
    const auto section = read_root_section(kernel->file);
    FUZZ_CHECK(section.has_value() || section.error().kind == ErrorKind::malformed ||
               section.error().kind == ErrorKind::missing);
    if (!section && section.error().kind == ErrorKind::malformed) {
      return fuzz::refused(section.error());
    }
  }
  return fuzz::taken();
}
