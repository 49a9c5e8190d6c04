// SPDX-License-Identifier: Apache-2.0
// Strings by code points. All strings of the language are UTF-8.
#pragma once
#include <cstdint>
#include <optional>
#include <string_view>

namespace weft::expr {

inline bool starts_code_point(char c) noexcept {
  return (static_cast<unsigned char>(c) & 0xc0) != 0x80;
}

// The number of code points.
inline std::size_t length(std::string_view text) noexcept {
  std::size_t count = 0;
  for (const char c : text) count += starts_code_point(c) ? 1 : 0;
  return count;
}

// The byte offset of the code point with this index; the size of the text for the index one behind
// the last; nothing outside of that.
inline std::optional<std::size_t> offset_of(std::string_view text, std::int64_t index) noexcept {
  if (index < 0) return std::nullopt;
  std::int64_t passed = 0;
  for (std::size_t at = 0; at < text.size(); ++at)
    if (starts_code_point(text[at]) && passed++ == index) return at;
  return passed == index ? std::optional(text.size()) : std::nullopt;
}

// The size in bytes of the code point at the front of a text that is not empty.
inline std::size_t size_of_first(std::string_view text) noexcept {
  std::size_t size = 1;
  while (size < text.size() && !starts_code_point(text[size])) ++size;
  return size;
}

// The first code point of a text that is not empty.
inline std::uint32_t first_code_point(std::string_view text) noexcept {
  const auto lead = static_cast<unsigned char>(text[0]);
  const std::size_t size = size_of_first(text);
  if (size == 1) return lead;
  std::uint32_t code = lead & (0xffu >> (size + 1));
  for (std::size_t i = 1; i < size; ++i)
    code = code << 6 | (static_cast<unsigned char>(text[i]) & 0x3fu);
  return code;
}

}  // namespace weft::expr
