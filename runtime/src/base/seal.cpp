// SPDX-License-Identifier: Apache-2.0
#include "base/seal.hpp"

#include <sodium.h>

#include <algorithm>

namespace weft {
namespace {

const unsigned char* bytes_of(std::string_view text) noexcept {
  return reinterpret_cast<const unsigned char*>(text.data());
}
unsigned char* bytes_of(std::string& text) noexcept {
  return reinterpret_cast<unsigned char*>(text.data());
}

}  // namespace

static_assert(SealKey::size_bytes == crypto_aead_xchacha20poly1305_ietf_KEYBYTES);
static_assert(std::tuple_size_v<SealNonce> == crypto_aead_xchacha20poly1305_ietf_NPUBBYTES);

SealKey::~SealKey() {
  sodium_memzero(bytes_.data(), bytes_.size());
}

std::optional<SealKey> SealKey::parse(std::string_view hex) {
  Bytes bytes{};
  std::size_t length = 0;
  const char* end = nullptr;
  if (hex.size() != 2 * size_bytes ||
      sodium_hex2bin(bytes.data(), bytes.size(), hex.data(), hex.size(), nullptr, &length, &end) !=
          0 ||
      length != size_bytes || end != hex.data() + hex.size())
    return std::nullopt;
  return SealKey(bytes);
}

std::string SealKey::to_hex() const {
  std::string hex(2 * size_bytes + 1, '\0');  // libsodium ends it with a null
  sodium_bin2hex(hex.data(), hex.size(), bytes_.data(), bytes_.size());
  hex.pop_back();
  return hex;
}

std::string seal(const SealKey& key, const SealNonce& nonce, std::string_view label,
                 std::string_view text) {
  std::string sealed(nonce.size() + text.size() + crypto_aead_xchacha20poly1305_ietf_ABYTES, '\0');
  std::copy(nonce.begin(), nonce.end(), sealed.begin());
  crypto_aead_xchacha20poly1305_ietf_encrypt(
      bytes_of(sealed) + nonce.size(), nullptr, bytes_of(text), text.size(), bytes_of(label),
      label.size(), nullptr, nonce.data(), key.bytes().data());
  return sealed;
}

std::optional<std::string> unseal(const SealKey& key, std::string_view label,
                                  std::string_view sealed) {
  constexpr std::size_t nonce_size = std::tuple_size_v<SealNonce>;
  constexpr std::size_t overhead = nonce_size + crypto_aead_xchacha20poly1305_ietf_ABYTES;
  if (sealed.size() < overhead) return std::nullopt;
  std::string text(sealed.size() - overhead, '\0');
  if (crypto_aead_xchacha20poly1305_ietf_decrypt(
          bytes_of(text), nullptr, nullptr, bytes_of(sealed) + nonce_size,
          sealed.size() - nonce_size, bytes_of(label), label.size(), bytes_of(sealed),
          key.bytes().data()) != 0)
    return std::nullopt;
  return text;
}

}  // namespace weft
