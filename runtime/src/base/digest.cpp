// SPDX-License-Identifier: Apache-2.0
#include "base/digest.hpp"

#include <sodium.h>

namespace weft {

struct DigestBuilder::State {
  crypto_hash_sha256_state hash{};
};

DigestBuilder::DigestBuilder() : state_(std::make_unique<State>()) {
  crypto_hash_sha256_init(&state_->hash);
}
DigestBuilder::~DigestBuilder() = default;
DigestBuilder::DigestBuilder(DigestBuilder&&) noexcept = default;
DigestBuilder& DigestBuilder::operator=(DigestBuilder&&) noexcept = default;

void DigestBuilder::add(std::span<const std::byte> bytes) {
  crypto_hash_sha256_update(&state_->hash, reinterpret_cast<const unsigned char*>(bytes.data()),
                            bytes.size());
}
void DigestBuilder::add(std::string_view bytes) {
  add(std::as_bytes(std::span(bytes)));
}

Digest DigestBuilder::finish() {
  Digest digest;
  crypto_hash_sha256_final(&state_->hash, digest.bytes.data());
  return digest;
}

Digest digest_of(std::string_view bytes) {
  DigestBuilder builder;
  builder.add(bytes);
  return builder.finish();
}

std::string Digest::to_string() const {
  std::string hex(2 * bytes.size() + 1, '\0');
  sodium_bin2hex(hex.data(), hex.size(), bytes.data(), bytes.size());
  hex.pop_back();  // the terminating zero
  return hex;
}

result<Digest> Digest::parse(std::string_view hex) {
  Digest digest;
  std::size_t size = 0;
  const bool good = hex.size() == 2 * digest.bytes.size() &&
                    sodium_hex2bin(digest.bytes.data(), digest.bytes.size(), hex.data(), hex.size(),
                                   nullptr, &size, nullptr) == 0 &&
                    size == digest.bytes.size();
  if (!good)
    return invalid("'" + std::string(hex) + "' is not a SHA-256 digest",
                   "a digest has 64 hex digits");
  return digest;
}

}  // namespace weft
