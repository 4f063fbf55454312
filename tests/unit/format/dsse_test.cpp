// SPDX-License-Identifier: LGPL-2.1-or-later
// The bytes that a signature in an envelope covers, and base64 with one spelling only.
#include "modproof/format/dsse.h"

#include <string>

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "support/bytes.h"
#include "support/expect.h"

namespace modproof::test {
namespace {

TEST(Dsse, TheExampleOfTheSpecification) {
  EXPECT_EQ(pre_authentication_encoding("http://example.com/HelloWorld", "hello world"),
            "DSSEv1 29 http://example.com/HelloWorld 11 hello world");
}

TEST(Dsse, LengthsAreBytes) {
  EXPECT_EQ(pre_authentication_encoding("", ""), "DSSEv1 0  0 ");
  EXPECT_EQ(pre_authentication_encoding("\u00e4", std::string("\0\n", 2)),
            std::string("DSSEv1 2 \u00e4 2 \0\n", 16));
}

TEST(Base64, TheVectorsOfRfc4648) {
  for (const auto& [plain, text] :
       {std::pair("", ""), std::pair("f", "Zg=="), std::pair("fo", "Zm8="),
        std::pair("foo", "Zm9v"), std::pair("foob", "Zm9vYg=="), std::pair("fooba", "Zm9vYmE="),
        std::pair("foobar", "Zm9vYmFy")}) {
    EXPECT_EQ(to_base64(std::string_view(plain)), text);
    EXPECT_EQ(value_of(from_base64(text)), bytes_of(plain));
  }
}

TEST(Base64, EveryOtherSpellingIsMalformed) {
  for (const char* text : {"Zg", "Zg=", "Zg===", "Z===", "====", "=", "Zh==", "Zm9=", "Zm9v\n",
                           " Zm9v", "Zm9vZg==Zm9v", "Zm=v", "Zm-_", "Zm9v====", "Zm 9", "Zg=a"}) {
    expect_error(from_base64(text), ErrorKind::malformed);
  }
  expect_error(from_base64(std::string_view("Zm9\0", 4)), ErrorKind::malformed);
}

TEST(Base64, TheAlphabetForUrlsWhereItIsAskedFor) {
  const ByteVector bytes{0xFB, 0xFF, 0xBF};
  EXPECT_EQ(value_of(from_either_base64("+/+/")), bytes);
  EXPECT_EQ(value_of(from_either_base64("-_-_")), bytes);
  EXPECT_EQ(value_of(from_either_base64("Zm9v")), bytes_of("foo"));
  for (const char* text : {"+/-_", "-_+/", "+/+_", "-_-", "-_=", "__==", "-_ _"}) {
    expect_error(from_either_base64(text), ErrorKind::malformed);
  }
  expect_error(from_base64("-_-_"), ErrorKind::malformed);
}

TEST(Base64, AnyBytesComeBack) {
  rc::check(
      [](const ByteVector& bytes) { RC_ASSERT(value_of(from_base64(to_base64(bytes))) == bytes); });
}

TEST(Base64, WhatIsReadIsWhatWouldBeWritten) {
  rc::check([] {
    const auto letters = rc::gen::element('A', 'B', 'Q', 'g', 'w', '/', '+', '=', ' ', '-');
    const auto text = *rc::gen::container<std::string>(4, letters);
    if (const auto bytes = from_base64(text)) {
      RC_ASSERT(to_base64(*bytes) == text);
    }
  });
}

}  // namespace
}  // namespace modproof::test
