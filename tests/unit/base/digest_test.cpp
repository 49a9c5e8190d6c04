// SPDX-License-Identifier: Apache-2.0
#include "base/digest.hpp"

#include <cctype>

#include "print_result.hpp"

using namespace weft;

TEST_CASE("a digest is the SHA-256 of the bytes") {  // FIPS 180-4, example "abc"
  CHECK(digest_of("abc").to_string() ==
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST_CASE("bytes fed in pieces have the digest of the whole") {
  DigestBuilder builder;
  builder.add("storyboard ");
  builder.add("");
  builder.add("to film");
  CHECK(builder.finish() == digest_of("storyboard to film"));
}

TEST_CASE("a digest is read back from its text, in capitals too") {
  const Digest digest = digest_of("abc");
  std::string text = digest.to_string();
  CHECK(Digest::parse(text).value() == digest);
  for (char& c : text) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  CHECK(Digest::parse(text).value() == digest);
}

TEST_CASE("what is no digest is refused by name") {
  const std::string good = digest_of("abc").to_string();
  for (const std::string& bad :
       {std::string(), good.substr(1), good + "00", "x" + good.substr(1), " " + good.substr(1)}) {
    const auto digest = Digest::parse(bad);
    REQUIRE_FALSE(digest);
    CHECK(digest.error().kind == ErrorKind::invalid);
    CHECK(digest.error().message == "'" + bad + "' is not a SHA-256 digest");
  }
}
