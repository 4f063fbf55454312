// SPDX-License-Identifier: LGPL-2.1-or-later
// Packages on any bytes. What is handed out has a path that stays in the package, once, and is no
// larger than the limit.
#include <set>
#include <string>

#include "check.h"
#include "format/package_reader.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace modproof;
  static constexpr std::uint64_t kLimit = 1U << 18U;
  static const fuzz::MemoryFile memory;
  memory.set(data, size);
  auto reader = PackageReader::open(memory.path());
  if (!reader) {
    FUZZ_CHECK(reader.error().kind == ErrorKind::malformed ||
               reader.error().kind == ErrorKind::unsupported);
    return fuzz::refused(reader.error());
  }
  std::set<std::string> paths;
  while (true) {
    const auto entry = reader->next();
    if (!entry) {
      FUZZ_CHECK(entry.error().kind == ErrorKind::malformed ||
                 entry.error().kind == ErrorKind::unsupported);
      return fuzz::refused(entry.error());
    }
    if (!*entry) {
      return fuzz::taken();
    }
    const std::string& path = (*entry)->path;
    FUZZ_CHECK(!path.empty() && path.front() != '/' && !path.starts_with("../") &&
               path.find("/../") == std::string::npos && !path.ends_with("/.."));
    FUZZ_CHECK(paths.insert(path).second);
    const auto contents = reader->contents(**entry, kLimit);
    FUZZ_CHECK(!contents || contents->size() <= kLimit);
  }
}
