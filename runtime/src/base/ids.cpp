// SPDX-License-Identifier: Apache-2.0
#include "base/ids.hpp"

namespace weft {
namespace {

constexpr std::string_view hex_digits = "0123456789abcdef";

int hex_value(char c) noexcept {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

constexpr bool dash_before(std::size_t byte) noexcept {
  return byte == 4 || byte == 6 || byte == 8 || byte == 10;
}

Uuid stamp(std::array<std::uint8_t, 16> bytes, std::uint8_t version) noexcept {
  bytes[6] = static_cast<std::uint8_t>((bytes[6] & 0x0f) | (version << 4));
  bytes[8] = static_cast<std::uint8_t>((bytes[8] & 0x3f) | 0x80);
  return Uuid::from_bytes(bytes);
}

}  // namespace

Uuid Uuid::v7(Timestamp at, const std::array<std::uint8_t, 10>& random) noexcept {
  const auto ms = static_cast<std::uint64_t>(to_unix_ms(at));
  std::array<std::uint8_t, 16> bytes{};
  for (std::size_t i = 0; i < 6; ++i) bytes[i] = static_cast<std::uint8_t>(ms >> (40 - 8 * i));
  for (std::size_t i = 0; i < 10; ++i) bytes[6 + i] = random[i];
  return stamp(bytes, 7);
}

Uuid Uuid::v4(const std::array<std::uint8_t, 16>& random) noexcept {
  return stamp(random, 4);
}

result<Uuid> Uuid::parse(std::string_view text) {
  std::array<std::uint8_t, 16> bytes{};
  std::size_t at = 0;
  bool good = text.size() == 36;
  for (std::size_t i = 0; good && i < 16; ++i) {
    if (dash_before(i)) good = text[at++] == '-';
    const int high = hex_value(text[at]);
    const int low = hex_value(text[at + 1]);
    good = good && high >= 0 && low >= 0;
    bytes[i] = static_cast<std::uint8_t>(high << 4 | low);
    at += 2;
  }
  if (!good)
    return invalid("'" + std::string(text) + "' is not an id",
                   "an id has the form 01234567-89ab-7def-8123-456789abcdef");
  return from_bytes(bytes);
}

std::string Uuid::to_string() const {
  std::string text;
  text.reserve(36);
  for (std::size_t i = 0; i < 16; ++i) {
    if (dash_before(i)) text += '-';
    text += hex_digits[bytes_[i] >> 4];
    text += hex_digits[bytes_[i] & 15];
  }
  return text;
}

}  // namespace weft
