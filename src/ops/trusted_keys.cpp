// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ops/trusted_keys.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <system_error>
#include <utility>

#include <fmt/core.h>
#include <sys/stat.h>

#include "modproof/format/dsse.h"
#include "modproof/format/pkcs7_signer.h"
#include "modproof/hash/sha256.h"

#include "base/file.h"
#include "base/program.h"
#include "base/replacement.h"
#include "base/try.h"
#include "ops/key_identity.h"

namespace modproof {
namespace {

constexpr std::uint64_t kKeyFileLimit = std::uint64_t{1} << 20U;
/// A program is run for each key.
constexpr std::size_t kMostKeys = 256;
constexpr std::string_view kSshArmour = "-----BEGIN SSH SIGNATURE-----\n";
constexpr std::string_view kCertificate = "-----BEGIN CERTIFICATE-----";
constexpr std::string_view kStatus = "[GNUPG:] ";

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    lines.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

/// A type of plain public keys. Certificates of SSH are left out: they would bring another trust.
bool is_ssh_type(std::string_view type) {
  return (type.starts_with("ssh-") || type.starts_with("ecdsa-") || type.starts_with("sk-")) &&
         type.find("-cert-") == std::string_view::npos &&
         type.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789@.-") ==
             std::string_view::npos;
}

/// The key of a good signature over a binary document, from gpg's status lines.
std::optional<std::string> good_signer(std::string_view status) {
  std::size_t signatures = 0;
  bool good = false;
  std::vector<std::string> valid;
  for (const std::string_view line : lines_of(status)) {
    if (!line.starts_with(kStatus)) {
      continue;
    }
    auto words = split_words(line.substr(kStatus.size()));
    if (words.empty()) {
      continue;
    }
    signatures += words[0] == "NEWSIG" ? 1 : 0;
    good = good || words[0] == "GOODSIG";  // EXPSIG, EXPKEYSIG, REVKEYSIG, BADSIG are not
    if (words[0] == "VALIDSIG") {
      valid = std::move(words);
    }
  }
  // VALIDSIG key date time expires version reserved algorithm hash class primary (doc/DETAILS)
  if (signatures != 1 || !good || valid.size() < 11) {
    return std::nullopt;
  }
  const bool strong = valid[8] == "8" || valid[8] == "9" || valid[8] == "10";  // SHA-2, 256 bits up
  // Class 00 covers the bytes as they are; 01 is text, whose line ends may differ.
  return strong && valid[9] == "00" ? std::optional(valid[10]) : std::nullopt;
}

/// What two forms of one key have in common. Kinds of keys that ssh-keygen cannot convert are not
/// to be had in another form, but for Ed25519.
Result<std::string> identity_of_ssh(const std::string& path, Bytes blob,
                                    const std::string& fingerprint) {
  auto key = public_key_of_ssh_ed25519(blob);
  if (!key) {
    MODPROOF_ASSIGN(answer, ask_program({"ssh-keygen", "-e", "-m", "PKCS8", "-f", path}, path));
    key = answer.exit_status == 0 ? public_key_of_pem(answer.output) : std::nullopt;
  }
  return key ? identity_of(*key) : fingerprint;
}

/// Whether CMS is made over a digest of 256 bits or more; `openssl cms -verify` takes SHA-1, too.
/// With several signers it has verified each of them, so that the first says enough.
Result<bool> has_strong_digest(Bytes signature) {
  constexpr std::array<std::string_view, 7> kStrong = {
      "sha256", "sha384", "sha512", "sha3-256", "sha3-384", "sha3-512", "shake256"};
  const auto signer = read_pkcs7_signer(signature);
  if (signer) {
    return std::find(kStrong.begin(), kStrong.end(), signer->hash) != kStrong.end();
  }
  if (signer.error().kind == ErrorKind::malformed ||
      signer.error().kind == ErrorKind::unsupported) {
    return false;
  }
  return std::unexpected(signer.error());
}

std::vector<std::string> gpg(const std::string& home, std::initializer_list<std::string> more) {
  std::vector<std::string> words = {
      "gpg",     "--homedir",      home,      "--no-options",
      "--batch", "--no-autostart", "--quiet", "--no-auto-key-retrieve"};
  words.insert(words.end(), more);
  return words;
}

}  // namespace

Result<std::string> TrustedKeys::keep(std::string_view text) {
  std::string path = fmt::format("{}/{}", own_.path(), files_++);
  MODPROOF_TRY(write_file(path, bytes_of(text), false));
  return path;
}

Status TrustedKeys::add_ssh(const std::string& path, std::string_view text) {
  std::size_t found = 0;
  std::size_t offset = 0;
  for (const std::string_view line : lines_of(text)) {
    const std::size_t here = std::exchange(offset, offset + line.size() + 1);
    const auto words = split_words(line);
    if (words.empty() || words[0].starts_with('#')) {
      continue;
    }
    const auto blob = words.size() < 2 ? Result<ByteVector>() : from_base64(words[1]);
    if (words.size() < 2 || !is_ssh_type(words[0]) || !blob) {
      return fail(ErrorKind::malformed, path, "no public key of SSH (TYPE BASE64 COMMENT)", here);
    }
    // Without the comment, which is what -l would print and what must not matter.
    const std::string key = words[0] + " " + words[1] + "\n";
    MODPROOF_ASSIGN(plain, keep(key));
    MODPROOF_ASSIGN(answer, ask_program({"ssh-keygen", "-l", "-E", "sha256", "-f", plain}, path));
    const auto printed = split_words(answer.output);
    if (answer.exit_status != 0 || printed.size() < 2 || !printed[1].starts_with("SHA256:")) {
      return fail(ErrorKind::malformed, path, "ssh-keygen cannot read this public key", here);
    }
    MODPROOF_ASSIGN(allowed,
                    keep(fmt::format("modproof namespaces=\"{}\" {}", kSshNamespace, key)));
    MODPROOF_ASSIGN(identity, identity_of_ssh(plain, *blob, printed[1]));
    keys_.push_back({Scheme::ssh, std::move(allowed), printed[1], std::move(identity), {}});
    ++found;
  }
  return found > 0 ? Status() : fail(ErrorKind::malformed, path, "no public key of SSH");
}

Status TrustedKeys::add_openpgp(const std::string& path, Bytes bytes) {
  if (text_of(bytes).find("PRIVATE KEY BLOCK-----") != std::string_view::npos) {
    return fail(ErrorKind::malformed, path, "holds a secret key; export the public one only");
  }
  if (!std::exchange(openpgp_, true) && ::mkdir(gpg_home().c_str(), S_IRWXU) != 0) {
    return fail_errno(gpg_home(), "cannot create a directory", errno);
  }
  MODPROOF_ASSIGN(copy, keep(text_of(bytes)));
  MODPROOF_ASSIGN(answer,
                  ask_program(gpg(gpg_home(), {"--status-fd", "1", "--import", copy}), path));
  bool imported = false;
  for (const std::string_view line : lines_of(answer.output)) {
    imported = imported || line.starts_with("[GNUPG:] IMPORT_OK ");
  }
  if (answer.exit_status != 0 || !imported) {
    return fail(ErrorKind::malformed, path,
                "gpg finds no public key of OpenPGP: " + printable(answer.complaint));
  }
  return {};
}

Status TrustedKeys::add_x509(const std::string& path, std::string_view text) {
  const bool bare = text.starts_with(kPublicKeyBegin);
  const std::size_t first = bare ? 0 : text.find(kCertificate);
  if (text.find("PRIVATE KEY-----") != std::string_view::npos) {
    return fail(ErrorKind::malformed, path,
                "holds a secret key; keep the certificate or public key");
  }
  if (first == std::string_view::npos ||
      text.find("-----BEGIN ", first + 1) != std::string_view::npos) {
    return fail(ErrorKind::malformed, path, "not one certificate or public key in PEM");
  }
  MODPROOF_ASSIGN(copy, keep(text.substr(first)));
  const std::vector<std::string> words =
      bare ? std::vector<std::string>{"openssl", "pkey", "-pubin", "-in", copy}
           : std::vector<std::string>{"openssl", "x509", "-in", copy, "-pubkey"};
  MODPROOF_ASSIGN(answer, ask_program(words, path));
  // The public key, and the one certificate it is of: what else the file holds does not get
  // through.
  const std::string_view output = answer.output;
  const std::size_t end = output.find(kPublicKeyEnd);
  auto read = public_key_of_pem(output);
  if (answer.exit_status != 0 || !read) {
    return fail(ErrorKind::malformed, path, "openssl cannot read this certificate or key");
  }
  MODPROOF_ASSIGN(public_key, keep(output.substr(0, end + kPublicKeyEnd.size())));
  std::string certificate;
  if (!bare) {
    MODPROOF_ASSIGN(kept, keep(output.substr(end + kPublicKeyEnd.size())));
    certificate = std::move(kept);
  }
  MODPROOF_ASSIGN(key, in_usual_form(std::move(*read), public_key, path));
  keys_.push_back({Scheme::x509, std::move(certificate), "SHA256:" + to_hex(Sha256::of(key)),
                   identity_of(key), std::move(public_key)});
  return {};
}

Status TrustedKeys::add(const std::string& path) {
  const std::string extension = std::filesystem::path(path).extension();
  MODPROOF_ASSIGN(bytes, read_file(path, kKeyFileLimit));
  if (extension == ".pub") {
    return add_ssh(path, text_of(bytes));
  }
  if (extension == ".asc" || extension == ".gpg") {
    return add_openpgp(path, bytes);
  }
  if (extension == ".pem" || extension == ".crt") {
    return add_x509(path, text_of(bytes));
  }
  return fail(ErrorKind::unsupported, path,
              "a key is called .pub (SSH), .asc or .gpg (OpenPGP), .pem or .crt (X.509)");
}

Result<TrustedKeys> TrustedKeys::load(const std::string& directory) {
  MODPROOF_ASSIGN(own, TemporaryDirectory::create());
  TrustedKeys keys(std::move(own));
  std::error_code code;
  std::vector<std::string> paths;
  for (std::filesystem::directory_iterator entry(directory, code), end; !code && entry != end;
       entry.increment(code)) {
    paths.push_back(entry->path());
  }
  if (code) {
    return fail(ErrorKind::io, directory, "cannot read the directory: " + code.message());
  }
  if (paths.empty()) {
    return fail(ErrorKind::missing, directory, "no key in it");
  }
  if (paths.size() > kMostKeys) {
    return fail(ErrorKind::unsupported, directory, fmt::format("more than {} keys", kMostKeys));
  }
  std::sort(paths.begin(), paths.end());
  for (const std::string& path : paths) {
    MODPROOF_TRY(keys.add(path));
    if (keys.keys_.size() > kMostKeys) {
      return fail(ErrorKind::unsupported, path, fmt::format("more than {} keys", kMostKeys));
    }
  }
  return keys;
}

Result<std::optional<Signer>> TrustedKeys::signer_openpgp(const std::string& signature,
                                                          const std::string& message) const {
  if (!openpgp_) {
    return std::nullopt;
  }
  // The exit status is not enough: it does not say how many signatures there were, nor of what
  // kind.
  MODPROOF_ASSIGN(
      answer,
      ask_program(gpg(gpg_home(), {"--status-fd", "1", "--verify", signature, message}), ""));
  const auto key = answer.exit_status == 0 ? good_signer(answer.output) : std::nullopt;
  if (!key) {
    return std::nullopt;
  }
  const std::string name = fmt::format("{} {}", name_of(Scheme::openpgp), *key);
  return Signer{.identity = name, .name = name};
}

/// CMS or bare: either is tried, since a bare signature may be any bytes.
Result<bool> TrustedKeys::is_x509_signature(const Key& key, Bytes bytes,
                                            const std::string& signature,
                                            const std::string& message) const {
  MODPROOF_ASSIGN(bare, ask_program({"openssl", "pkeyutl", "-verify", "-rawin", "-pubin", "-inkey",
                                     key.public_key, "-in", message, "-sigfile", signature},
                                    ""));
  if (bare.exit_status == 0 || key.file.empty()) {
    return bare.exit_status == 0;
  }
  // The certificate is the one given, not one that the signature brings along.
  MODPROOF_ASSIGN(cms, ask_program({"openssl", "cms", "-verify", "-binary", "-inform", "DER", "-in",
                                    signature, "-content", message, "-certfile", key.file,
                                    "-nointern", "-noverify", "-out", "/dev/null"},
                                   ""));
  return cms.exit_status == 0 ? has_strong_digest(bytes) : Result<bool>(false);
}

Result<std::optional<Signer>> TrustedKeys::signer(Bytes signature, std::string_view message) const {
  MODPROOF_ASSIGN(directory, TemporaryDirectory::create());
  const std::string signed_path = directory.path() + "/message";
  const std::string signature_path = directory.path() + "/signature";
  MODPROOF_TRY(write_file(signed_path, bytes_of(message), false));
  MODPROOF_TRY(write_file(signature_path, signature, false));
  const bool ssh = text_of(signature).starts_with(kSshArmour);
  for (const Key& key : keys_) {
    if ((key.scheme == Scheme::ssh) != ssh) {
      continue;
    }
    bool good = false;
    if (ssh) {
      MODPROOF_ASSIGN(
          answer, ask_program({"ssh-keygen", "-Y", "verify", "-f", key.file, "-I", "modproof", "-n",
                               std::string(kSshNamespace), "-s", signature_path},
                              "", signed_path));
      good = answer.exit_status == 0;
    } else {
      MODPROOF_ASSIGN(verified, is_x509_signature(key, signature, signature_path, signed_path));
      good = verified;
    }
    if (good) {
      return Signer{.identity = key.identity,
                    .name = fmt::format("{} {}", name_of(key.scheme), key.fingerprint)};
    }
  }
  return ssh ? std::nullopt : signer_openpgp(signature_path, signed_path);
}

}  // namespace modproof
