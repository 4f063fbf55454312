// SPDX-License-Identifier: LGPL-2.1-or-later
// Any kernel image compared with itself and with a copy in which one byte is another: never the
// same then, whether the byte is of the kernel, of what it is wrapped in, or of a signature. The
// first three bytes of the input say which byte and how, as for diff_files.
#include "check.h"
#include "ops/diff/kernels.h"
#include "ops/kernel_contents.h"

namespace {

using namespace modproof;

Result<KernelContents> open(const fuzz::MemoryFile& memory) {
  constexpr std::uint64_t kLimit = 1U << 18U;
  auto file = File::open(memory.path());
  FUZZ_CHECK(file.has_value());
  return KernelContents::open(std::move(*file), kLimit);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const fuzz::MemoryFile one;
  static const fuzz::MemoryFile two;
  if (size < 4) {
    return fuzz::refused("no file");
  }
  ByteVector contents(data + 3, data + size);
  one.set(contents.data(), contents.size());
  const auto a = open(one);
  if (!a) {
    return fuzz::refused(a.error());
  }
  const auto same = compare_kernels(*a, *a);
  FUZZ_CHECK(same ? !same->has_value() : same.error().kind == ErrorKind::malformed);
  const std::size_t place = (std::size_t{data[0]} << 8U | data[1]) % contents.size();
  contents[place] ^= data[2];
  two.set(contents.data(), contents.size());
  const auto b = open(two);
  if (!b) {
    return fuzz::refused(b.error());
  }
  const auto difference = compare_kernels(*a, *b);
  if (!difference) {
    FUZZ_CHECK(difference.error().kind == ErrorKind::malformed ||
               difference.error().kind == ErrorKind::unsupported);
    return fuzz::refused(difference.error());
  }
  FUZZ_CHECK(difference->has_value() == (data[2] != 0));
  if (*difference) {
    FUZZ_CHECK(!(*difference)->only_wrapping || !a->layers().empty());
    for (const DiffGuess& guess : (*difference)->guesses) {
      FUZZ_CHECK(guess.evidence.find('\n') == std::string::npos);
    }
  }
  return fuzz::taken();
}
