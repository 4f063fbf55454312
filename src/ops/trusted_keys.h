// SPDX-License-Identifier: LGPL-2.1-or-later
// The public keys of a directory, and whose signature a signature is.
//
//     NAME.pub            SSH: a public key a line, as ssh-keygen writes it
//     NAME.asc NAME.gpg   OpenPGP: exported keys
//     NAME.pem NAME.crt   X.509: one certificate in PEM, or the bare public key
//
// Other files are an error, so that no key is silently left out. A key is what its fingerprint
// says, never the name of its file, its comment or a `keyid` beside a signature:
//
//     SSH      ssh-keygen -l of the key without its comment
//     OpenPGP  the fingerprint of the primary key, so that subkeys do not count on their own
//     X.509    SHA-256 of the public key, so that a second certificate of it does not count again
//
// One key that stands there as SSH and as X.509, or in two spellings of X.509, has one identity.
//
// A certificate is pinned: its key is trusted because the file is there. No chain is built, and
// dates, issuer and usage are not looked at; `openssl cms` cannot do that for a key that nobody
// certified. gpg looks at what a key says of itself: expired and revoked keys are refused.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "modproof/base/bytes.h"
#include "modproof/base/result.h"

#include "base/temporary_directory.h"
#include "ops/sign.h"

namespace modproof {

/// Who made a signature.
struct Signer {
  std::string identity;  ///< the same for all forms of one key; to compare, not to show
  std::string name;      ///< `SCHEME FINGERPRINT` of the form that was used
};

class TrustedKeys {
 public:
  /// Reads the keys in `directory`. Copies are kept in a private directory as long as this lives,
  /// so what is used is what was checked.
  /// Errors: io; malformed (a file that is no public key of its kind, or holds a secret one);
  /// unsupported (another file name, too many keys); missing (no key); program.
  [[nodiscard]] static Result<TrustedKeys> load(const std::string& directory);

  /// The key that made `signature` over `message`; nothing if it is none of these, or if the
  /// signature is not good. Errors: io; program (a program that cannot be started).
  [[nodiscard]] Result<std::optional<Signer>> signer(Bytes signature,
                                                     std::string_view message) const;

 private:
  /// A key that its program is given by name.
  struct Key {
    Scheme scheme;
    std::string file;  // in the private directory
    std::string fingerprint;
    std::string identity;
    std::string public_key;  // X.509 only: its file; `file` is empty where that is all
  };

  explicit TrustedKeys(TemporaryDirectory own) : own_(std::move(own)) {}
  [[nodiscard]] Status add(const std::string& path);
  [[nodiscard]] Status add_ssh(const std::string& path, std::string_view text);
  [[nodiscard]] Status add_openpgp(const std::string& path, Bytes bytes);
  [[nodiscard]] Status add_x509(const std::string& path, std::string_view text);
  [[nodiscard]] Result<std::string> keep(std::string_view text);
  [[nodiscard]] Result<std::optional<Signer>> signer_openpgp(const std::string& signature,
                                                             const std::string& message) const;
  [[nodiscard]] Result<bool> is_x509_signature(const Key& key, Bytes bytes,
                                               const std::string& signature,
                                               const std::string& message) const;
  [[nodiscard]] std::string gpg_home() const { return own_.path() + "/gnupg"; }

  TemporaryDirectory own_;
  std::vector<Key> keys_;
  bool openpgp_ = false;
  std::size_t files_ = 0;  // in own_
};

}  // namespace modproof
