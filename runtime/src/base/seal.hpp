// SPDX-License-Identifier: Apache-2.0
// Encryption of small texts that are kept on disk: XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha-03,
// through libsodium). What is sealed under one label cannot be passed off as sealed under another.
#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace weft {

// A key of 256 bits, wiped when it goes.
class SealKey {
 public:
  static constexpr std::size_t size_bytes = 32;
  using Bytes = std::array<std::uint8_t, size_bytes>;

  explicit SealKey(const Bytes& bytes) noexcept : bytes_(bytes) {}
  ~SealKey();
  SealKey(const SealKey&) = default;
  SealKey& operator=(const SealKey&) = default;
  // 64 hex digits; nothing when it is anything else.
  static std::optional<SealKey> parse(std::string_view hex);
  std::string to_hex() const;
  const Bytes& bytes() const noexcept { return bytes_; }

 private:
  Bytes bytes_;
};

// Random, and never twice under one key.
using SealNonce = std::array<std::uint8_t, 24>;

// The nonce, then the ciphertext with its tag.
std::string seal(const SealKey& key, const SealNonce& nonce, std::string_view label,
                 std::string_view text);
// Nothing when the key or the label is another one, or the bytes have been changed.
std::optional<std::string> unseal(const SealKey& key, std::string_view label,
                                  std::string_view sealed);

}  // namespace weft
