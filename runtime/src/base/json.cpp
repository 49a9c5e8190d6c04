// SPDX-License-Identifier: Apache-2.0
#include "base/json.hpp"

#include <algorithm>
#include <array>
#include <boost/container/small_vector.hpp>
#include <boost/json/serialize.hpp>
#include <charconv>
#include <cmath>
#include <cstdlib>

namespace weft {
namespace {

void write(const json::value& value, std::string& out);

// The shortest digits that read back as the same number, laid out as ECMAScript and RFC 8785 do:
// plain from 1e-6 up to 1e21, else with an exponent. One thing differs: ".0" keeps a number without
// fraction from being read back as an int, which is another value.
void write_number(double number, std::string& out) {
  constexpr int plain_from = -6;
  constexpr int plain_to = 20;
  if (!std::isfinite(number)) {
    out += "null";
    return;
  }
  std::array<char, 32> text;
  const auto [end, unused] = std::to_chars(text.data(), text.data() + text.size(), std::abs(number),
                                           std::chars_format::scientific);
  const std::string_view written(text.data(), static_cast<std::size_t>(end - text.data()));
  const std::size_t e = written.find('e');
  std::string digits(written.substr(0, e));
  if (digits.size() > 1) digits.erase(1, 1);  // the point
  int exponent = 0;
  std::from_chars(written.data() + e + (written[e + 1] == '+' ? 2 : 1), end, exponent);

  if (number < 0) out += '-';
  if (exponent < plain_from || exponent > plain_to) {
    if (digits.size() > 1) digits.insert(1, 1, '.');
    out += digits + (exponent < 0 ? "e-" : "e+") + std::to_string(std::abs(exponent));
  } else if (exponent < 0) {
    out += "0." + std::string(static_cast<std::size_t>(-exponent - 1), '0') + digits;
  } else {
    const std::size_t whole = static_cast<std::size_t>(exponent) + 1;
    if (digits.size() <= whole) digits.append(whole + 1 - digits.size(), '0');
    out += digits.insert(whole, 1, '.');
  }
}

void write_text(std::string_view text, std::string& out) {
  const auto needs_escape = [](char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == '"' || c == '\\';
  };
  if (std::ranges::any_of(text, needs_escape)) {
    out += json::serialize(text);
    return;
  }
  out += '"';
  out += text;
  out += '"';
}

void write_object(const json::object& object, std::string& out) {
  constexpr std::size_t usual_size = 16;
  boost::container::small_vector<const json::key_value_pair*, usual_size> members;
  members.reserve(object.size());
  for (const json::key_value_pair& member : object) members.push_back(&member);
  std::sort(members.begin(), members.end(),
            [](const auto* a, const auto* b) { return a->key() < b->key(); });
  out += '{';
  for (const auto* member : members) {
    if (member != members.front()) out += ',';
    write_text(member->key(), out);
    out += ':';
    write(member->value(), out);
  }
  out += '}';
}

void write(const json::value& value, std::string& out) {
  if (const auto* object = value.if_object()) {
    write_object(*object, out);
  } else if (const auto* array = value.if_array()) {
    out += '[';
    for (std::size_t i = 0; i < array->size(); ++i) {
      if (i) out += ',';
      write((*array)[i], out);
    }
    out += ']';
  } else if (const auto* text = value.if_string()) {
    write_text(*text, out);
  } else if (const auto* number = value.if_double()) {
    write_number(*number, out);
  } else {
    out += json::serialize(value);
  }
}

}  // namespace

SourcePosition position_at(std::string_view text, std::size_t offset, std::string_view file) {
  const std::string_view before = text.substr(0, std::min(offset, text.size()));
  const auto lines = std::count(before.begin(), before.end(), '\n');
  const auto newline = before.rfind('\n');
  const std::size_t column = newline == before.npos ? before.size() : before.size() - newline - 1;
  return {std::string(file), static_cast<int>(lines) + 1, static_cast<int>(column) + 1};
}

std::string canonical(const json::value& value) {
  std::string text;
  write(value, text);
  return text;
}

Digest digest_of(const json::value& value) {
  return digest_of(std::string_view(canonical(value)));
}

const json::value* find_member(const json::value& value, std::string_view name) noexcept {
  const json::object* object = value.if_object();
  return object ? object->if_contains(name) : nullptr;
}

}  // namespace weft
