// SPDX-License-Identifier: Apache-2.0
#include "base/json_text.hpp"

#include <algorithm>
#include <charconv>

namespace weft {
namespace {

constexpr std::size_t integer_at_most = 20;
constexpr std::size_t escape_length = 6;

bool needs_escape(char c) noexcept {
  return static_cast<unsigned char>(c) < 0x20 || c == '"' || c == '\\';
}

// The room that a value takes at most. Known before, so that the text is allocated once.
struct Room {
  std::size_t operator()(std::monostate) const { return 0; }
  std::size_t operator()(bool) const { return 5; }
  std::size_t operator()(std::int64_t) const { return integer_at_most; }
  std::size_t operator()(std::string_view value) const {
    const auto escapes = std::count_if(value.begin(), value.end(), needs_escape);
    return 2 + value.size() + static_cast<std::size_t>(escapes) * (escape_length - 1);
  }
  std::size_t operator()(JsonText value) const { return value.text.size(); }
};

// Where the next character goes; there is room.
class Cursor {
 public:
  explicit Cursor(char* at) : at_(at) {}
  char* at() const { return at_; }

  void put(char c) { *at_++ = c; }
  void put(std::string_view text) { at_ = std::copy(text.begin(), text.end(), at_); }

  void operator()(std::monostate) {}
  void operator()(bool value) { put(value ? std::string_view("true") : "false"); }
  void operator()(std::int64_t value) {
    at_ = std::to_chars(at_, at_ + integer_at_most, value).ptr;
  }
  void operator()(std::string_view value) {
    put('"');
    for (const char c : value) needs_escape(c) ? put_escape(c) : put(c);
    put('"');
  }
  void operator()(JsonText value) { put(value.text); }

 private:
  void put_escape(char c) {
    constexpr std::string_view digits = "0123456789abcdef";
    const auto byte = static_cast<unsigned char>(c);
    put("\\u00");
    put(digits[byte >> 4]);
    put(digits[byte & 15]);
  }

  char* at_;
};

}  // namespace

void append_json(std::string& text, JsonMembers members) {
  const std::size_t before = text.size();
  std::size_t room = 2;
  for (const JsonMember& member : members)
    room += member.name.size() + 4 + std::visit(Room{}, member.value);
  text.resize(before + room);
  Cursor cursor(text.data() + before);
  char next = '{';
  for (const JsonMember& member : members) {
    if (std::holds_alternative<std::monostate>(member.value)) continue;
    cursor.put(next);
    cursor.put('"');
    cursor.put(member.name);
    cursor.put("\":");
    std::visit(cursor, member.value);
    next = ',';
  }
  if (next == '{') cursor.put(next);
  cursor.put('}');
  text.resize(static_cast<std::size_t>(cursor.at() - text.data()));
}

std::string json_text(JsonMembers members) {
  std::string text;
  append_json(text, members);
  return text;
}

}  // namespace weft
