// SPDX-License-Identifier: LGPL-2.1-or-later
// Any file compared with itself and with a copy in which one byte is another: never the same then,
// and whatever is said of sections lies within the files. The first three bytes of the input say
// which byte and how, the rest is the file.
#include <algorithm>

#include "base/file.h"
#include "check.h"
#include "ops/diff/sections.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace modproof;
  static const fuzz::MemoryFile one;
  static const fuzz::MemoryFile two;
  if (size < 4) {
    return fuzz::refused("no file");
  }
  const Bytes contents(data + 3, size - 3);
  ByteVector changed(contents.begin(), contents.end());
  const std::size_t place = (std::size_t{data[0]} << 8U | data[1]) % changed.size();
  changed[place] ^= data[2];
  one.set(contents.data(), contents.size());
  two.set(changed.data(), changed.size());
  const auto a = File::open(one.path());
  const auto b = File::open(two.path());
  FUZZ_CHECK(a.has_value() && b.has_value());
  const auto difference = compare_files(*a, *b);
  if (!difference) {
    FUZZ_CHECK(difference.error().kind == ErrorKind::malformed);
    return fuzz::refused(difference.error());
  }
  FUZZ_CHECK(difference->has_value() == (data[2] != 0));
  bool found = false;
  if (*difference) {
    found = (*difference)->only_trailers || !(*difference)->sections.empty();
    for (const SectionDifference& section : (*difference)->sections) {
      FUZZ_CHECK(section.size_a || section.size_b);
      for (const std::string& line : section.lines) {
        FUZZ_CHECK(line.find('\n') == std::string::npos);
      }
    }
    if ((*difference)->offset) {
      FUZZ_CHECK(*(*difference)->offset < contents.size());
    }
  }
  return found ? fuzz::taken() : fuzz::refused("no section and no trailer differs");
}
