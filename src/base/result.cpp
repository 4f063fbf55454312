// SPDX-License-Identifier: LGPL-2.1-or-later
// Errors as one line of text.
#include "modproof/base/result.h"

#include <system_error>

#include <fmt/core.h>

#include "base/utf8.h"

namespace modproof {

const char* name_of(ErrorKind kind) noexcept {
  switch (kind) {
    case ErrorKind::usage:
      return "usage";
    case ErrorKind::io:
      return "io";
    case ErrorKind::malformed:
      return "malformed";
    case ErrorKind::unsupported:
      return "unsupported";
    case ErrorKind::changed:
      return "changed";
    case ErrorKind::duplicate:
      return "duplicate";
    case ErrorKind::missing:
      return "missing";
    case ErrorKind::program:
      return "program";
    case ErrorKind::interrupted:
      return "interrupted";
  }
  return "unknown";
}

std::string describe(const Error& error) {
  std::string text;
  if (!error.path.empty()) {
    text = printable(error.path) + ": ";
  }
  if (error.offset) {
    text += fmt::format("offset {}: ", *error.offset);
  }
  return text + error.message;
}

std::string printable(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t length = utf8_sequence_length(text.substr(i));
    const auto byte = static_cast<unsigned char>(text[i]);
    const bool c1_control =
        length == 2 && byte == 0xC2 && static_cast<unsigned char>(text[i + 1]) < 0xA0;
    if (length == 0 || byte < 0x20 || byte == 0x7F || byte == '\\' || c1_control) {
      out += fmt::format("\\x{:02x}", byte);
      i += 1;
      continue;
    }
    out += text.substr(i, length);
    i += length;
  }
  return out;
}

std::unexpected<Error> fail_errno(std::string path, std::string_view what, int code) {
  return fail(ErrorKind::io, std::move(path),
              fmt::format("{}: {}", what, std::generic_category().message(code)));
}

}  // namespace modproof
