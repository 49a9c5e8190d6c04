// SPDX-License-Identifier: Apache-2.0
#include "base/seal.hpp"

#include "catch.hpp"

using namespace weft;

namespace {

SealKey key_of(std::uint8_t fill) {
  SealKey::Bytes bytes;
  bytes.fill(fill);
  return SealKey(bytes);
}

SealNonce nonce_of(std::uint8_t fill) {
  SealNonce nonce;
  nonce.fill(fill);
  return nonce;
}

}  // namespace

TEST_CASE("what is sealed is read again with the same key and label, and with no other") {
  const std::string sealed = seal(key_of(1), nonce_of(7), "openai/1", "sk-secret");
  CHECK(sealed.find("sk-secret") == std::string::npos);
  CHECK(unseal(key_of(1), "openai/1", sealed) == "sk-secret");
  CHECK_FALSE(unseal(key_of(2), "openai/1", sealed));
  CHECK_FALSE(unseal(key_of(1), "openai/2", sealed));
}

TEST_CASE("a sealed text of which one bit was changed is not read") {
  const std::string sealed = seal(key_of(1), nonce_of(7), "openai/1", "sk-secret");
  for (std::size_t at = 0; at < sealed.size(); ++at) {
    std::string changed = sealed;
    changed[at] = static_cast<char>(changed[at] ^ 1);
    CHECK_FALSE(unseal(key_of(1), "openai/1", changed));
  }
  for (std::size_t length = 0; length < sealed.size(); ++length)
    CHECK_FALSE(unseal(key_of(1), "openai/1", std::string_view(sealed).substr(0, length)));
}

TEST_CASE("the same text is sealed differently under another nonce") {
  CHECK(seal(key_of(1), nonce_of(7), "a", "text") != seal(key_of(1), nonce_of(8), "a", "text"));
}

TEST_CASE("an empty text can be sealed") {
  CHECK(unseal(key_of(1), "a", seal(key_of(1), nonce_of(7), "a", "")) == "");
}

TEST_CASE("a key is written as 64 hex digits, and nothing else is one") {
  const std::string hex = key_of(0xab).to_hex();
  CHECK(hex.size() == 64);
  CHECK(SealKey::parse(hex)->bytes() == key_of(0xab).bytes());
  CHECK_FALSE(SealKey::parse(""));
  CHECK_FALSE(SealKey::parse(hex.substr(1)));
  CHECK_FALSE(SealKey::parse(hex + "00"));
  CHECK_FALSE(SealKey::parse("g" + hex.substr(1)));
}
