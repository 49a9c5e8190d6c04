// SPDX-License-Identifier: Apache-2.0
#include "base/json_text.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace weft {
namespace {

constexpr std::size_t integer_at_most = 20;

bool needs_escape(char c) noexcept {
  return static_cast<unsigned char>(c) < 0x20 || c == '"' || c == '\\';
}

void append_escaped(std::string& text, char c) {
  constexpr std::string_view digits = "0123456789abcdef";
  if (!needs_escape(c)) return text.push_back(c);
  if (c == '"' || c == '\\') return text.append(1, '\\').push_back(c);
  const auto byte = static_cast<unsigned char>(c);
  text.append("\\u00").append(1, digits[byte >> 4]).push_back(digits[byte & 15]);
}

// How each kind of value is written, and how much room it takes unless it needs escapes.
struct Writer {
  std::string& text;
  void operator()(std::monostate) const {}
  void operator()(bool value) const { text.append(value ? "true" : "false"); }
  void operator()(std::int64_t value) const {
    std::array<char, integer_at_most> digits;
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
    text.append(digits.data(), end);
  }
  void operator()(std::string_view value) const {
    text.push_back('"');
    if (std::none_of(value.begin(), value.end(), needs_escape))
      text.append(value);
    else
      for (const char c : value) append_escaped(text, c);
    text.push_back('"');
  }
  void operator()(JsonText value) const { text.append(value.text); }
};
struct Room {
  std::size_t operator()(std::monostate) const { return 0; }
  std::size_t operator()(bool) const { return 5; }
  std::size_t operator()(std::int64_t) const { return integer_at_most; }
  std::size_t operator()(std::string_view value) const { return value.size() + 2; }
  std::size_t operator()(JsonText value) const { return value.text.size(); }
};

}  // namespace

void append_json(std::string& text, JsonMembers members) {
  std::size_t room = 2;
  for (const JsonMember& member : members)
    room += member.name.size() + 4 + std::visit(Room{}, member.value);
  text.reserve(text.size() + room);
  text.push_back('{');
  for (const JsonMember& member : members) {
    if (std::holds_alternative<std::monostate>(member.value)) continue;
    if (text.back() != '{') text.push_back(',');
    text.append(1, '"').append(member.name).append("\":");
    std::visit(Writer{text}, member.value);
  }
  text.push_back('}');
}

std::string json_text(JsonMembers members) {
  std::string text;
  append_json(text, members);
  return text;
}

}  // namespace weft
