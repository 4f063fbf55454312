// SPDX-License-Identifier: LGPL-2.1-or-later
// modproof attest: sign a statement about a build, or check such statements.
#include <set>

#include <fmt/core.h>

#include "modproof/format/root_text.h"

#include "base/file.h"
#include "base/replacement.h"
#include "base/try.h"
#include "cli/attest_check.h"
#include "cli/attested_files.h"
#include "cli/command.h"
#include "cli/envelope.h"
#include "cli/output.h"
#include "cli/signals.h"
#include "cli/statement.h"
#include "cli/text.h"
#include "ops/sign.h"

namespace modproof::cli {
namespace {

constexpr std::uint64_t kReportLimit = std::uint64_t{256} << 20U;

/// `error` about `path`, if it is about no file yet.
std::unexpected<Error> about_file(const std::string& path, Error error) {
  if (error.path.empty()) {
    error.path = path;
  }
  return std::unexpected(std::move(error));
}

Result<Compared> read_report(const std::string& path, const Root& root) {
  MODPROOF_ASSIGN(bytes, read_file(path, kReportLimit));
  auto compared = compared_of_report(text_of(bytes));
  if (!compared) {
    return about_file(path, compared.error());
  }
  const std::string text = to_text(root);
  if (compared->root_a != text && compared->root_b != text) {
    return fail(ErrorKind::malformed, path,
                fmt::format("it compares other builds: neither has root {}", text));
  }
  return compared;
}

Json document_of_files(const FileDigests& files) {
  Json list = Json::array();
  for (const auto& [name, digest] : files) {
    list.push_back({{"name", name}, {"file", to_hex(digest)}});
  }
  return list;
}

/// What keys are called, sorted.
std::set<std::string> names_of(const KeyNames& keys) {
  std::set<std::string> names;
  for (const auto& [identity, name] : keys) {
    names.insert(name);
  }
  return names;
}

class AttestCommand : public Command {
 public:
  void configure(CLI::App& app) override {
    app.add_option("FILE", files_, "the manifest, then other files; or files to check")
        ->type_name("");
    app.add_option("-o,--output", output_file_, "write to FILE, not to standard output")
        ->type_name("FILE");
    const std::string sign = "Sign";
    app.add_option("--ssh-key", ssh_key_, "sign with ssh-keygen and this key file")
        ->type_name("KEY")
        ->group(sign);
    app.add_option("--gpg-key", gpg_key_, "sign with gpg and this key")
        ->type_name("ID")
        ->group(sign);
    auto* x509 = app.add_option("--x509-key", x509_key_, "sign with openssl and this key file")
                     ->type_name("KEY")
                     ->group(sign);
    auto* certificate = app.add_option("--x509-cert", x509_certificate_,
                                       "certificate of that key; the signature is CMS")
                            ->type_name("CERT")
                            ->group(sign);
    certificate->needs(x509);
    app.add_flag("--unsigned", unsigned_, "write the statement only, for other tools")->group(sign);
    app.add_option("--compared", compared_, "what `modproof diff --json` printed")
        ->type_name("REPORT")
        ->group(sign);
    const std::string check = "Check";
    auto* envelopes =
        app.add_option("--check", request_.envelopes, "check these instead of signing")
            ->type_name("ENVELOPE")
            ->group(check);
    auto* keys = app.add_option("--keys", request_.keys, "directory of the public keys to trust")
                     ->type_name("DIR")
                     ->group(check);
    app.add_option("--threshold", request_.threshold, "so many keys have to attest one root")
        ->type_name("N")
        ->check(CLI::Range(1, 256).description(""))
        ->needs(envelopes)
        ->group(check);
    app.add_option("-r,--root", root_, "the root that has to be attested")
        ->type_name("ROOT")
        ->needs(envelopes)
        ->group(check);
    app.add_flag("--partial", request_.partial, "not every attested file has to be named")
        ->needs(envelopes)
        ->group(check);
    app.add_flag("--modules-only", request_.modules_only, "count comparisons without kernels, too")
        ->needs(envelopes)
        ->group(check);
    envelopes->needs(keys);
    keys->needs(envelopes);
    output_.configure(app, "attest");
  }

  Exit run() override { return request_.envelopes.empty() ? attest() : check(); }

 private:
  Exit usage(std::string message) {
    return output_.fail_with(
        {.kind = ErrorKind::usage, .message = std::move(message), .path = {}, .offset = {}});
  }

  /// How many of the options are given of which one is needed to sign.
  [[nodiscard]] int ways_to_sign() const {
    return int{!ssh_key_.empty()} + int{!gpg_key_.empty()} + int{!x509_key_.empty()} +
           int{unsigned_};
  }

  /// The key that was named; nothing if none was.
  [[nodiscard]] std::optional<SigningKey> signing_key() const {
    if (!ssh_key_.empty()) {
      return SigningKey{.scheme = Scheme::ssh, .key = ssh_key_, .certificate = {}};
    }
    if (!gpg_key_.empty()) {
      return SigningKey{.scheme = Scheme::openpgp, .key = gpg_key_, .certificate = {}};
    }
    if (!x509_key_.empty()) {
      return SigningKey{.scheme = Scheme::x509, .key = x509_key_, .certificate = x509_certificate_};
    }
    return std::nullopt;
  }

  Exit attest() {
    const auto key = signing_key();
    if (ways_to_sign() != 1) {
      return usage("give one of --ssh-key, --gpg-key, --x509-key and --unsigned");
    }
    if (files_.empty()) {
      return usage("no manifest to attest");
    }
    if (output_.json() && output_file_.empty()) {
      return usage("--json needs --output: there are two documents to write");
    }
    const auto statement = make_statement();
    if (!statement) {
      return output_.fail_with(statement.error());
    }
    const auto text = seal_statement(*statement, key);
    if (!text) {
      return output_.fail_with(text.error());
    }
    if (output_file_.empty()) {
      put(*text);
      return output_.finish(Exit::well);
    }
    if (const auto written = write_file(output_file_, bytes_of(*text), true); !written) {
      return output_.fail_with(written.error());
    }
    report_attested(*statement);
    return output_.finish(Exit::well);
  }

  Result<Statement> make_statement() {
    MODPROOF_ASSIGN(statement, statement_of_manifest(files_.front()));
    MODPROOF_ASSIGN(others,
                    read_attested_files({files_.begin() + 1, files_.end()}, caught_signal()));
    for (const auto& [name, manifest] : others.manifests) {
      if (const std::string other = differs_in(manifest, statement); !other.empty()) {
        return fail(ErrorKind::malformed, name, "a manifest of another build: it " + other);
      }
    }
    for (const auto& [name, digest] : others.digests) {
      if (!statement.files.emplace(name, digest).second) {
        return fail(ErrorKind::duplicate, name, "the manifest has the same name");
      }
    }
    if (!compared_.empty()) {
      MODPROOF_ASSIGN(compared, read_report(compared_, statement.root));
      statement.compared = std::move(compared);
    }
    return statement;
  }

  /// The text to write: the statement itself, or in an envelope with its signature.
  static Result<std::string> seal_statement(const Statement& statement,
                                            const std::optional<SigningKey>& key) {
    MODPROOF_ASSIGN(payload, encode_statement(statement));
    if (!key) {
      return payload + "\n";
    }
    Envelope envelope{.payload = std::move(payload), .signatures = {}};
    MODPROOF_ASSIGN(signature, sign(*key, envelope.signed_bytes()));
    envelope.signatures.push_back(std::move(signature));
    return encode_envelope(envelope);
  }

  void report_attested(const Statement& statement) {
    if (!output_.quiet()) {
      output_.line(fmt::format("{}: root {} and {}, {}", printable(output_file_),
                               to_text(statement.root), count_of(statement.files.size(), "file"),
                               name_of(verdict_of(statement))));
    }
    Json& json = output_.document();
    json["attestation"] = output_file_;
    json["root"] = to_text(statement.root);
    json["verdict"] = name_of(verdict_of(statement));
    json["files"] = document_of_files(statement.files);
  }

  Exit check() {
    if (ways_to_sign() > 0 || !compared_.empty() || !output_file_.empty()) {
      return usage("--check signs and writes nothing: leave out what is for signing");
    }
    if (files_.empty() && root_.empty()) {
      return usage(nothing_to_compare());
    }
    if (!root_.empty()) {
      const auto root = root_from_text(root_);
      if (!root) {
        return output_.fail_with(about_file("--root", root.error()).error());
      }
      request_.root = *root;
    }
    auto files = read_attested_files(files_, caught_signal());
    if (!files) {
      return output_.fail_with(files.error());
    }
    request_.files = std::move(*files);
    const auto report = check_attestations(request_, caught_signal());
    if (!report) {
      return output_.fail_with(report.error());
    }
    print_check(*report);
    document_check(*report);
    return output_.finish(report->accepted ? Exit::well : Exit::refused);
  }

  /// Says what has become of names that were meant as files.
  [[nodiscard]] std::string nothing_to_compare() const {
    std::string problem = "nothing to compare with: name the files, or give --root";
    if (request_.envelopes.size() < 2) {
      return problem;
    }
    return fmt::format(
        "{}; {} counts as an envelope, as all names between --check and the next option do",
        problem, printable(request_.envelopes.back()));
  }

  void print_check(const CheckReport& report) {
    if (report.accepted && output_.quiet()) {
      return;
    }
    for (const CheckedEnvelope& envelope : report.envelopes) {
      const std::string path = printable(envelope.path);
      if (!envelope.reason.empty()) {
        output_.line(fmt::format("{}: {}", path,
                                 output_.paint(Paint::bad, "does not count: " + envelope.reason)));
        continue;
      }
      for (const std::string& key : names_of(envelope.keys)) {
        output_.line(fmt::format("{}: {}, signed by {}", path,
                                 name_of(verdict_of(*envelope.statement)), key));
      }
    }
    if (!report.root) {
      output_.line("no root is attested by more keys than any other: refused");
      return;
    }
    const std::string wanted =
        request_.threshold > 0 ? fmt::format(" of {} wanted", request_.threshold) : "";
    output_.line(fmt::format("{}{}, root {}, {} compared: {}", count_of(report.keys.size(), "key"),
                             wanted, to_text(*report.root),
                             count_of(request_.files.digests.size(), "file"),
                             report.accepted ? "accepted" : "refused"));
  }

  void document_check(const CheckReport& report) {
    Json& json = output_.document();
    json["accepted"] = report.accepted;
    if (report.root) {
      json["root"] = to_text(*report.root);
    }
    json["keys"] = names_of(report.keys);
    json["envelopes"] = Json::array();
    for (const CheckedEnvelope& envelope : report.envelopes) {
      Json item = {{"path", envelope.path}, {"keys", names_of(envelope.keys)}};
      if (!envelope.reason.empty()) {
        item["reason"] = envelope.reason;
      }
      if (envelope.statement) {
        item["root"] = to_text(envelope.statement->root);
        item["verdict"] = name_of(verdict_of(*envelope.statement));
      }
      json["envelopes"].push_back(std::move(item));
    }
    json["files"] = document_of_files(request_.files.digests);
  }

  std::vector<std::string> files_;
  std::string output_file_;
  std::string ssh_key_;
  std::string gpg_key_;
  std::string x509_key_;
  std::string x509_certificate_;
  std::string compared_;
  std::string root_;
  bool unsigned_ = false;
  CheckRequest request_;
  Output output_;
};

}  // namespace

std::unique_ptr<Command> make_attest_command() { return std::make_unique<AttestCommand>(); }

}  // namespace modproof::cli
