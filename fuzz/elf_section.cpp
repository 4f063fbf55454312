// SPDX-License-Identifier: LGPL-2.1-or-later
// The ELF reader and the root section on any bytes, through a real file descriptor as in the tool.
// What it finds lies within the file; a root that is written there is read again.
#include <algorithm>

#include "check.h"
#include "format/elf.h"
#include "format/root_section.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace modproof;
  static const fuzz::MemoryFile memory;
  memory.set(data, size);
  static_cast<void>(check_module_head({data, std::min(size, kElfHead)}, size).has_value());
  const auto file = File::open(memory.path());
  FUZZ_CHECK(file.has_value());
  const auto image = read_elf(*file);
  if (image) {
    FUZZ_CHECK(image->bits == 32 || image->bits == 64);
    for (const ElfSection& section : image->sections) {
      FUZZ_CHECK(!section.in_file ||
                 (section.offset <= size && section.size <= size - section.offset));
    }
    static_cast<void>(has_debug_sections(*image));
  } else {
    FUZZ_CHECK(image.error().kind == ErrorKind::malformed);
  }
  const auto section = read_root_section(*file);
  if (!section) {
    FUZZ_CHECK(section.error().kind == ErrorKind::malformed ||
               section.error().kind == ErrorKind::missing);
    return image ? fuzz::taken() : fuzz::refused(image.error());
  }
  FUZZ_CHECK(section->offset <= size && kRootSectionSize <= size - section->offset);
  const auto bytes = encode_root_section(section->root, section->order);
  FUZZ_CHECK(std::equal(bytes.begin(), bytes.end(), data + section->offset));
  return fuzz::taken();
}
