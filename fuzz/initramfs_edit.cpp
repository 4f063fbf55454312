// SPDX-License-Identifier: LGPL-2.1-or-later
// Any bytes as an initramfs that is edited. Without a change the bytes stay as they are. With
// changes the result has the same files in the same order, those with the contents that were asked
// for.
#include "format/initramfs_edit.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "base/file_range.h"
#include "base/temporary_file.h"
#include "check.h"
#include "format/initramfs.h"

namespace {

using namespace modproof;
constexpr std::uint64_t kLimit = 1U << 18U;
/// What is appended to a file or put in its place; of an odd length, so that padding changes.
constexpr std::size_t kMore = 45;

using Files = std::vector<std::pair<std::string, ByteVector>>;

bool is_module(const std::string& name) { return name.ends_with(".ko"); }

ByteVector all_of(const File& file) {
  const auto bytes = FileRange(file).head(static_cast<std::size_t>(file.size()));
  FUZZ_CHECK(bytes.has_value());
  return *bytes;
}

Result<Files> files_of(const File& image, std::uint64_t limit) {
  Files files;
  const InitramfsVisitor visitor{.wants = is_module,
                                 .take = [&](const std::string& name, File contents) -> Status {
                                   files.emplace_back(name, all_of(contents));
                                   return {};
                                 }};
  const auto status = visit_initramfs(image, limit, visitor);
  return status ? Result<Files>(std::move(files)) : std::unexpected(status.error());
}

Result<ByteVector> edited(const File& image, const InitramfsEditor& editor) {
  ByteVector result;
  const auto status = edit_initramfs(image, kLimit, editor, [&](Bytes bytes) -> Status {
    result.insert(result.end(), bytes.begin(), bytes.end());
    return {};
  });
  return status ? Result<ByteVector>(std::move(result)) : std::unexpected(status.error());
}

/// One file stays, one gets longer, one becomes another, one both.
struct Changes {
  std::size_t next = 0;
  Files expected;

  Result<InitramfsChange> operator()(const std::string& name, const File& contents) {
    ByteVector bytes = all_of(contents);
    InitramfsChange change;
    const std::size_t how = next++;
    if (how % 4 >= 2) {
      auto file = TemporaryFile::create_in_memory();
      FUZZ_CHECK(file.has_value());
      bytes.assign(kMore + how % 3, static_cast<std::uint8_t>(how));
      FUZZ_CHECK(file->append(bytes).has_value());
      auto replaced = std::move(*file).finish(name);
      FUZZ_CHECK(replaced.has_value());
      change.replaced = std::move(*replaced);
    }
    if (how % 2 == 1) {
      change.appended.assign(kMore, 0xA5);
      bytes.insert(bytes.end(), kMore, 0xA5);
    }
    expected.emplace_back(name, std::move(bytes));
    return change;
  }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const fuzz::MemoryFile memory;
  memory.set(data, size);
  const auto image = File::open(memory.path());
  FUZZ_CHECK(image.has_value());
  const auto before = files_of(*image, kLimit);
  const auto same =
      edited(*image, {.wants = is_module,
                      .edit = [](const std::string&, const File&) { return InitramfsChange{}; }});
  FUZZ_CHECK(before.has_value() == same.has_value());
  if (!before) {
    FUZZ_CHECK(before.error().kind == ErrorKind::malformed ||
               before.error().kind == ErrorKind::unsupported);
    return fuzz::refused(before.error());
  }
  FUZZ_CHECK(std::ranges::equal(*same, Bytes(data, size)));

  Changes changes{.next = size, .expected = {}};
  const auto result = edited(*image, {.wants = is_module, .edit = std::ref(changes)});
  if (!result) {  // a part in a form that is only read, or one whose head does not say how it was
                  // made
    FUZZ_CHECK(result.error().kind == ErrorKind::unsupported ||
               result.error().kind == ErrorKind::malformed);
    return fuzz::refused(result.error());
  }
  memory.set(result->data(), result->size());
  const auto reopened = File::open(memory.path());
  FUZZ_CHECK(reopened.has_value());
  // Parts may have grown by what was put into them.
  const auto after = files_of(*reopened, kLimit + 2 * (kMore + 4) * (before->size() + 1));
  FUZZ_CHECK(after.has_value() && *after == changes.expected);
  return before->empty() ? fuzz::refused("no module in it") : fuzz::taken();
}
