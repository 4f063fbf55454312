// SPDX-License-Identifier: LGPL-2.1-or-later
// Statements and envelopes: the published names of their fields, one form when written, strict when
// read.
#include "cli/statement.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "modproof/format/dsse.h"
#include "modproof/format/root_text.h"
#include "modproof/hash/sha256.h"

#include "cli/envelope.h"
#include "support/bytes.h"
#include "support/expect.h"

namespace modproof::test {
namespace {

using cli::Compared;
using cli::decode_envelope;
using cli::decode_statement;
using cli::encode_envelope;
using cli::encode_statement;
using cli::Envelope;
using cli::name_of;
using cli::Statement;
using cli::verdict_of;
using nlohmann::json;

Statement statement(bool compared = true) {
  Statement result;
  result.kernel = "7.3.0";
  result.architecture = "x86_64";
  result.root = {.levels = 3, .hash = Sha256::of(bytes_of("root"))};
  result.modules = 5;
  result.manifest = "my.manifest";
  result.files = {{"vmlinuz", Sha256::of(bytes_of("k"))},
                  {"my.manifest", Sha256::of(bytes_of("m"))}};
  if (compared) {
    result.compared = Compared{.same = true,
                               .same_root = true,
                               .ignore_signatures = false,
                               .kernels = true,
                               .root_a = to_text(result.root),
                               .root_b = to_text(result.root),
                               .counts = {{"added", 0},
                                          {"different", 0},
                                          {"gone", 0},
                                          {"moved", 0},
                                          {"not_compared", 0},
                                          {"renamed", 0},
                                          {"same", 5}}};
  }
  return result;
}

json json_of(const Statement& value) { return json::parse(value_of(encode_statement(value))); }

TEST(Statement, ComesBack) {
  for (const bool compared : {false, true}) {
    const Statement value = statement(compared);
    EXPECT_EQ(value_of(decode_statement(value_of(encode_statement(value)))), value);
  }
}

// https://github.com/in-toto/attestation/blob/main/spec/v1/statement.md
TEST(Statement, HasThePublishedFieldsOfInToto) {
  const json value = json_of(statement());
  EXPECT_EQ(value.size(), 4U);
  EXPECT_EQ(value.at("_type"), "https://in-toto.io/Statement/v1");
  EXPECT_TRUE(value.at("predicateType").is_string());
  EXPECT_TRUE(value.at("predicate").is_object());
  ASSERT_EQ(value.at("subject").size(), 3U);
  std::string before;
  for (const json& subject : value.at("subject")) {
    EXPECT_EQ(subject.size(), 2U);
    EXPECT_EQ(subject.at("digest").size(), 1U);
    EXPECT_EQ(subject.at("digest").at("sha256").get<std::string>().size(), 64U);
    EXPECT_LT(before, subject.at("name").get<std::string>());
    before = subject.at("name");
  }
}

// https://github.com/secure-systems-lab/dsse/blob/v1.0.2/envelope.md
TEST(Envelope, HasThePublishedFieldsOfDsse) {
  const json value =
      json::parse(encode_envelope({.payload = "{}", .signatures = {bytes_of("signature")}}));
  EXPECT_EQ(value, json::parse(R"({"payload": "e30=",
                                   "payloadType": "application/vnd.in-toto+json",
                                   "signatures": [{"keyid": "", "sig": "c2lnbmF0dXJl"}]})"));
}

/// Every object in `value`, as JSON pointers.
void collect_objects(const json& value, const json::json_pointer& at,
                     std::vector<json::json_pointer>& found) {
  if (value.is_object()) {
    found.push_back(at);
  }
  if (value.is_structured()) {
    for (const auto& [key, child] : value.items()) {
      collect_objects(child, value.is_array() ? at / std::stoul(key) : at / key, found);
    }
  }
}

/// Takes each field away, and adds one to each object.
template <typename Refuses>
void change_each_field(const json& good, Refuses refuses) {
  std::vector<json::json_pointer> objects;
  collect_objects(good, json::json_pointer(), objects);
  for (const json::json_pointer& object : objects) {
    json more = good;
    more[object]["extra"] = 1;
    refuses(more);
    for (const auto& [key, value] : good[object].items()) {
      json less = good;
      less[object].erase(key);
      refuses(less);
      for (const json& other : {json(), json(true), json(-1), json("x"), json::array({1})}) {
        if (other != value && !(key == "compared" && other.is_null()) && key != "keyid" &&
            !(value.is_boolean() && other.is_boolean()) &&
            !((key == "kernel" || key == "architecture" || key == "name") && other == "x")) {
          json wrong = good;
          wrong[object][key] = other;
          refuses(wrong);
        }
      }
    }
  }
}

TEST(Statement, EveryMissingAdditionalOrWrongFieldIsRefused) {
  change_each_field(json_of(statement()), [](const json& changed) {
    EXPECT_FALSE(decode_statement(changed.dump()).has_value()) << changed.dump(2);
  });
}

TEST(Envelope, EveryMissingOrWrongFieldIsRefusedAndAnAdditionalOneIsIgnored) {
  const Envelope envelope{.payload = "{}", .signatures = {bytes_of("signature")}};
  json good = json::parse(encode_envelope(envelope));
  good["signatures"][0].erase("keyid");  // may be missing
  ASSERT_TRUE(decode_envelope(good.dump()).has_value());
  change_each_field(good, [&](const json& changed) {
    const bool more =
        changed.contains("extra") ||
        (changed.contains("signatures") && changed["signatures"].is_array() &&
         changed["signatures"][0].is_object() && changed["signatures"][0].contains("extra"));
    const auto decoded = decode_envelope(changed.dump());
    EXPECT_EQ(decoded.has_value(), more) << changed.dump(2);
    if (more && decoded) {
      EXPECT_EQ(decoded->payload, envelope.payload);
      EXPECT_EQ(decoded->signatures, envelope.signatures);
    }
  });
  for (const char* bad : {"[]", "1", "null"}) {
    expect_error(decode_envelope(bad), ErrorKind::malformed);
  }
}

// DSSE: "Either standard or URL-safe encoding is allowed."
TEST(Envelope, EitherAlphabetOfBase64) {
  json value =
      json::parse(encode_envelope({.payload = "{}", .signatures = {bytes_of("signature")}}));
  for (const char* sig : {"+/+/", "-_-_"}) {
    value["signatures"][0]["sig"] = sig;
    EXPECT_EQ(value_of(decode_envelope(value.dump())).signatures[0],
              (ByteVector{0xFB, 0xFF, 0xBF}));
  }
  value["signatures"][0]["sig"] = "+/-_";
  expect_error(decode_envelope(value.dump()), ErrorKind::malformed);
}

TEST(Statement, AFieldTwiceIsRefused) {
  const std::string good = value_of(encode_statement(statement()));
  for (const std::string key : {R"("_type":)", R"("kernel":)", R"("sha256":)", R"("same":)"}) {
    std::string twice = good;
    twice.insert(twice.find(key), key + "\"x\",");
    expect_error(decode_statement(twice), ErrorKind::malformed);
  }
}

TEST(Statement, TheVerdictIsNotMoreThanWhatWasCompared) {
  Statement value = statement();
  const auto verdict = [&] { return std::string(name_of(verdict_of(value))); };
  EXPECT_EQ(verdict(), "reproduced");
  value.compared->kernels = false;
  EXPECT_EQ(verdict(), "modules-reproduced");
  value.compared->ignore_signatures = true;
  EXPECT_EQ(verdict(), "partly-reproduced");
  value.compared->kernels = true;
  EXPECT_EQ(verdict(), "partly-reproduced");
  value.compared->ignore_signatures = false;
  value.compared->same_root = false;
  EXPECT_EQ(verdict(), "partly-reproduced");
  value.compared->same = false;
  EXPECT_EQ(verdict(), "different");
  value.compared.reset();
  EXPECT_EQ(verdict(), "not-compared");
}

TEST(Statement, VerdictAndFindingsBelongTogether) {
  json value = json_of(statement());
  for (const char* verdict : {"different", "modules-reproduced", "not-compared"}) {
    value["predicate"]["verdict"] = verdict;
    expect_error(decode_statement(value.dump()), ErrorKind::malformed);
  }
  value["predicate"]["verdict"] = "different";
  value["predicate"]["compared"]["same"] = false;
  EXPECT_TRUE(decode_statement(value.dump()).has_value());
  value["predicate"]["compared"]["root_a"] = "";
  value["predicate"]["compared"]["root_b"] = "";
  expect_error(decode_statement(value.dump()), ErrorKind::malformed);
}

TEST(Statement, FindingsThatContradictEachOtherAreRefused) {
  const Statement good = statement();
  const auto refused = [](const Statement& bad) {
    expect_error(decode_statement(value_of(encode_statement(bad))), ErrorKind::malformed);
  };
  for (const char* name : {"added", "different", "gone", "moved", "not_compared", "renamed"}) {
    Statement bad = good;
    bad.compared->counts[name] = 9;
    refused(bad);
    bad.compared->same = false;
    EXPECT_TRUE(decode_statement(value_of(encode_statement(bad))).has_value()) << name;
  }
  const std::string other = to_text(Root{.levels = 3, .hash = Sha256::of(bytes_of("other"))});
  for (const std::string& root_b : {std::string(), other}) {
    Statement bad = good;
    bad.compared->root_b = root_b;
    refused(bad);  // same_root
    bad.compared->same_root = false;
    bad.compared->ignore_signatures = true;
    EXPECT_TRUE(decode_statement(value_of(encode_statement(bad))).has_value()) << root_b;
  }
  Statement bad = good;
  bad.compared->same_root = false;
  refused(bad);
  bad.compared->root_b = other;
  refused(bad);  // same
  bad = good;
  bad.compared->same = false;
  bad.compared->kernels = false;
  refused(bad);  // nothing differs
}

TEST(Statement, OnlyJsonInUtf8AndNothingBehindIt) {
  const std::string good = value_of(encode_statement(statement()));
  for (const std::string& bad :
       {good + "x", good + good, good.substr(0, good.size() - 1), std::string(),
        std::string(100000, '['), std::string("\"\xff\"")}) {
    expect_error(decode_statement(bad), ErrorKind::malformed);
  }
}

TEST(Statement, WhatCannotBeWrittenIsRefused) {
  Statement value = statement();
  value.files["\xff"] = value.root.hash;
  expect_error(encode_statement(value), ErrorKind::unsupported);
  value = statement();
  value.files[to_text(value.root)] = value.root.hash;
  expect_error(encode_statement(value), ErrorKind::duplicate);
}

}  // namespace
}  // namespace modproof::test
