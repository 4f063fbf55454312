// SPDX-License-Identifier: LGPL-2.1-or-later
// parse_trailer on any bytes. What it accepts lies within the file and is what encode_trailer would
// write; what the whole file gives, its end alone gives as well.
#include "modproof/format/trailer.h"

#include <algorithm>

#include "check.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace modproof;
  const Bytes file(data, size);
  const auto trailer = parse_trailer(file, size);
  const auto of_tail = parse_trailer(file.last(std::min(size, kTrailerWindow)), size);
  FUZZ_CHECK(trailer.has_value() == of_tail.has_value());
  if (!trailer) {
    FUZZ_CHECK(trailer.error().kind == ErrorKind::malformed);
    FUZZ_CHECK(trailer.error().offset.has_value() && *trailer.error().offset < size);
    FUZZ_CHECK(trailer.error().offset == of_tail.error().offset);
    return fuzz::refused(trailer.error());
  }
  FUZZ_CHECK(trailer->kind == of_tail->kind && trailer->proof == of_tail->proof);
  FUZZ_CHECK(trailer->payload_size <= size);
  if (trailer->kind != TrailerKind::merkle) {
    FUZZ_CHECK(trailer->payload_size == size);
    return trailer->kind == TrailerKind::none ? fuzz::refused("no trailer") : fuzz::taken();
  }
  const ByteVector again = encode_trailer(trailer->proof);
  const Bytes behind = file.subspan(trailer->payload_size);
  FUZZ_CHECK(std::equal(again.begin(), again.end(), behind.begin(), behind.end()));
  // The payload does not end in a Merkle trailer itself.
  const auto below = parse_trailer(file.first(trailer->payload_size), trailer->payload_size);
  FUZZ_CHECK(!below || below->kind != TrailerKind::merkle);
  return fuzz::taken();
}
