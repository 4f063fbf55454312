// SPDX-License-Identifier: LGPL-2.1-or-later
// .config: what a kernel is configured to be, as kconfig writes it. A line is one of
//
//     CONFIG_NAME=y                  or m, or n
//     CONFIG_NAME=-1                 a decimal number
//     CONFIG_NAME=0x1f               a hexadecimal number
//     CONFIG_NAME="text"             with \ before " and \ (and, when read, before any other byte)
//     # CONFIG_NAME is not set
//     # anything else                a comment
//
// or empty. kconfig itself warns of other lines and goes on; here they are errors, because what is
// said of a configuration that was half understood is worth nothing.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "modproof/base/bytes.h"
#include "modproof/base/result.h"

namespace modproof {

/// The largest .config or auto.conf that is read. Those of distributions have some 300 KiB.
inline constexpr std::uint64_t kKconfigLimit = std::uint64_t{16} << 20U;

enum class KconfigKind : std::uint8_t { not_set, yes, module, number, text };

/// One symbol.
struct KconfigEntry {
  std::string name;  ///< without CONFIG_
  KconfigKind kind = KconfigKind::not_set;
  /// Of a text what stands between the quotes, without escapes; of all others the letters or digits
  /// as written; empty if not set.
  std::string value;
  std::size_t line = 0;     ///< from 1
  std::size_t earlier = 0;  ///< the line of the setting that this one replaces; 0 for none

  friend bool operator==(const KconfigEntry&, const KconfigEntry&) = default;
};

/// The symbols of one .config. Of several settings of one symbol the last one counts, as it does to
/// kconfig.
class Kconfig {
 public:
  /// Nothing if the file does not name it. The pointer lives as long as this object.
  [[nodiscard]] const KconfigEntry* find(std::string_view name) const;
  /// The same, but nothing unless it is y.
  [[nodiscard]] const KconfigEntry* yes(std::string_view name) const;
  [[nodiscard]] bool is_yes(std::string_view name) const { return yes(name) != nullptr; }
  /// The value of a text; empty if it is not one.
  [[nodiscard]] std::string_view text(std::string_view name) const;
  /// In the order of the file.
  [[nodiscard]] const std::vector<KconfigEntry>& entries() const { return entries_; }

  void set(KconfigEntry entry);

 private:
  std::vector<KconfigEntry> entries_;
  std::map<std::string, std::size_t, std::less<>> places_;
};

/// Reads a whole .config. Errors (malformed, with the offset; path empty): a line of none of the
/// kinds above, a NUL byte, a carriage return, a last line without newline.
[[nodiscard]] Result<Kconfig> parse_kconfig(Bytes text);

/// Reads include/config/auto.conf, which kconfig writes for make: the symbols that are set, with
/// texts as they are (since Linux 5.16) or quoted as in .config. Gives what stands behind `=`.
/// Errors as parse_kconfig.
[[nodiscard]] Result<std::map<std::string, std::string, std::less<>>> parse_auto_conf(Bytes text);

}  // namespace modproof
