// SPDX-License-Identifier: LGPL-2.1-or-later
// What a function of the library gives back when it cannot do its work: an error value that says
// what went wrong, in which file, at which byte. The library neither throws on bad input, nor
// prints, nor exits.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace modproof {

/// The kinds of failure a caller may want to tell apart. The names are also the values of the
/// JSON key `kind`.
enum class ErrorKind : std::uint8_t {
  usage,        ///< the call itself makes no sense (options that exclude each other, ...)
  io,           ///< the system refused: open, read, write, rename, ...
  malformed,    ///< the bytes of a file break its format
  unsupported,  ///< well-formed, but of a version or a kind that this release does not know
  changed,      ///< a file changed while it was read
  duplicate,    ///< two things that must differ have one name
  missing,      ///< something named does not exist
  program,      ///< a program that was run (strip) failed
  interrupted,  ///< the caller asked to stop (see Cancel)
};

/// The lower-case name of a kind, as in the enumeration.
[[nodiscard]] const char* name_of(ErrorKind kind) noexcept;

/// One failure. `message` is a clause without the path and without a full stop; it says what to do
/// where that is known.
struct Error {
  ErrorKind kind = ErrorKind::io;
  std::string message;
  std::string path;                     ///< the file it is about; empty where there is none
  std::optional<std::uint64_t> offset;  ///< byte offset in that file
};

/// `PATH: offset N: MESSAGE`, without the parts that are not there. Control characters in the path
/// are escaped, so that one error is one line.
[[nodiscard]] std::string describe(const Error& error);

/// `text` with control characters, backslashes and invalid UTF-8 as \xNN, fit for one line.
[[nodiscard]] std::string printable(std::string_view text);

template <typename T>
using Result = std::expected<T, Error>;

/// Success without a value.
using Status = Result<void>;

/// Shorthand for a failed Result.
[[nodiscard]] inline std::unexpected<Error> fail(
    ErrorKind kind, std::string path, std::string message,
    std::optional<std::uint64_t> offset = std::nullopt) {
  return std::unexpected(Error{kind, std::move(message), std::move(path), offset});
}

/// A failed system call: `what` and the text of the errno value `code`.
[[nodiscard]] std::unexpected<Error> fail_errno(std::string path, std::string_view what, int code);

}  // namespace modproof
