// SPDX-License-Identifier: Apache-2.0
// JSON written straight as text: for objects that are made to be stored, and that nobody looks into
// before.
#pragma once
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <variant>

namespace weft {

// Text that is JSON already.
struct JsonText {
  std::string_view text;
};

// A member of an object. It borrows its texts, so it lives no longer than the call it is made for.
struct JsonMember {
  using Value = std::variant<std::monostate, bool, std::int64_t, std::string_view, JsonText>;
  std::string_view name;  // needs no escapes
  Value value;            // monostate: the member is left out
};
// The value of a member that is left out when it has no text.
inline JsonMember::Value unless_empty(std::string_view text) {
  return text.empty() ? JsonMember::Value{} : JsonMember::Value{text};
}
using JsonMembers = std::initializer_list<JsonMember>;

// Appends an object with these members, in this order.
void append_json(std::string& text, JsonMembers members);
// Such an object alone.
std::string json_text(JsonMembers members);

}  // namespace weft
