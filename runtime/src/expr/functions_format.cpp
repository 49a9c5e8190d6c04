// SPDX-License-Identifier: Apache-2.0
// string.format(list): %s %d %f %e %b %o %x %X %%, with a precision for %f and %e ("%.3f").
#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "base/text.hpp"
#include "expr/functions.hpp"
#include "expr/text_forms.hpp"

namespace weft::expr {
namespace {

constexpr int default_precision = 6;
constexpr int highest_precision = 100;

// What %s puts for a value; nothing for one that has no text.
std::optional<std::string> plain(const Value& value);

std::optional<std::string> plain_list(const List& list) {
  std::string out = "[";
  for (const Value& element : list) {
    const auto text = plain(element);
    if (!text) return std::nullopt;
    if (out.size() > 1) out += ", ";
    out += *text;
  }
  return out + "]";
}

// By the text of the keys, so that equal maps give equal texts.
std::optional<std::string> plain_map(const Map& map) {
  std::vector<std::pair<std::string, std::string>> entries;
  for (const Map::Entry& entry : map.entries()) {
    auto key = plain(entry.key);
    auto value = plain(entry.value);
    if (!key || !value) return std::nullopt;
    entries.emplace_back(std::move(*key), std::move(*value));
  }
  std::sort(entries.begin(), entries.end());
  std::string out = "{";
  for (const auto& [key, value] : entries)
    out.append(out.size() > 1 ? ", " : "").append(key).append(": ").append(value);
  return out + "}";
}

std::optional<std::string> plain(const Value& value) {
  switch (value.kind()) {
    case Kind::null_type:
      return "null";
    case Kind::boolean:
      return *value.if_bool() ? "true" : "false";
    case Kind::integer:
      return std::to_string(*value.if_int());
    case Kind::unsigned_integer:
      return std::to_string(*value.if_uint());
    case Kind::floating:
      return format_double(*value.if_double());
    case Kind::string:
      return *value.if_string();
    case Kind::bytes:
      return is_utf8(*value.if_bytes()) ? std::optional(*value.if_bytes()) : std::nullopt;
    case Kind::list:
      return plain_list(*value.if_list());
    case Kind::map:
      return plain_map(*value.if_map());
    case Kind::timestamp:
      return format_timestamp(*value.if_timestamp());
    case Kind::duration:
      return format_duration(*value.if_duration());
    case Kind::type:
      return std::string(type_name(*value.if_type()));
    case Kind::artifact:
      return std::nullopt;
  }
  return std::nullopt;
}

// An int, uint or (in base 2) bool in a base, with its sign in front.
std::optional<std::string> in_base(const Value& value, int base) {
  std::array<char, 72> text{};
  char* const end = text.data() + text.size();
  if (const auto* number = value.if_int())
    return std::string(text.data(), std::to_chars(text.data(), end, *number, base).ptr);
  if (const auto* number = value.if_uint())
    return std::string(text.data(), std::to_chars(text.data(), end, *number, base).ptr);
  if (const auto* flag = value.if_bool(); flag && base == 2) return *flag ? "1" : "0";
  return std::nullopt;
}

std::optional<std::string> decimal(const Value& value) {
  if (const auto* number = value.if_double(); number && !std::isfinite(*number))
    return format_double(*number);
  return in_base(value, 10);
}

std::optional<std::string> hexadecimal(const Value& value) {
  const std::string* octets = value.if_string() ? value.if_string() : value.if_bytes();
  if (!octets) return in_base(value, 16);
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out;
  for (const char c : *octets) {
    const auto octet = static_cast<unsigned char>(c);
    (out += digits[octet >> 4]) += digits[octet & 15];
  }
  return out;
}

std::optional<std::string> floating(const Value& value, std::chars_format format, int precision) {
  double number = 0;
  if (const auto* exact = value.if_double())
    number = *exact;
  else if (const auto* whole = value.if_int())
    number = static_cast<double>(*whole);
  else if (const auto* natural = value.if_uint())
    number = static_cast<double>(*natural);
  else
    return std::nullopt;
  if (!std::isfinite(number)) return format_double(number);
  std::array<char, 512> text{};  // 309 digits before the point and the highest precision behind it
  return std::string(
      text.data(),
      std::to_chars(text.data(), text.data() + text.size(), number, format, precision).ptr);
}

struct Clause {
  int precision = default_precision;
  char letter = 0;
};

// The clause behind a '%', taken from the front of `rest`; nothing when it ends or counts too high.
std::optional<Clause> take_clause(std::string_view& rest) {
  Clause clause;
  if (rest.starts_with('.')) {
    const auto read = std::from_chars(rest.data() + 1, rest.data() + rest.size(), clause.precision);
    if (read.ec != std::errc{} || clause.precision < 0 || clause.precision > highest_precision)
      return std::nullopt;
    rest.remove_prefix(static_cast<std::size_t>(read.ptr - rest.data()));
  }
  if (rest.empty()) return std::nullopt;
  clause.letter = rest.front();
  rest.remove_prefix(1);
  return clause;
}

bool is_known(char letter) {
  return std::string_view("sdfeboxX").find(letter) != std::string_view::npos;
}

std::optional<std::string> formatted(const Clause& clause, const Value& value) {
  switch (clause.letter) {
    case 's':
      return plain(value);
    case 'd':
      return decimal(value);
    case 'f':
      return floating(value, std::chars_format::fixed, clause.precision);
    case 'e':
      return floating(value, std::chars_format::scientific, clause.precision);
    case 'b':
      return in_base(value, 2);
    case 'o':
      return value.if_bool() ? std::nullopt : in_base(value, 8);
    default:
      break;
  }
  auto text = hexadecimal(value);
  if (text && clause.letter == 'X')
    std::transform(text->begin(), text->end(), text->begin(), [](char c) {
      return c >= 'a' && c <= 'f' ? static_cast<char>(c - 'a' + 'A') : c;
    });
  return text;
}

}  // namespace

bool format_text(Call& call) {
  std::string_view rest = *call[0].if_string();
  const List& values = *call[1].if_list();
  std::string out;
  std::size_t used = 0;
  while (!rest.empty()) {
    const std::size_t percent = std::min(rest.find('%'), rest.size());
    out += rest.substr(0, percent);
    rest.remove_prefix(percent);
    if (rest.empty()) break;
    rest.remove_prefix(1);
    if (rest.starts_with('%')) {
      out += '%';
      rest.remove_prefix(1);
      continue;
    }
    const auto clause = take_clause(rest);
    if (!clause)
      return call.fail(
          "could not parse formatting clause: it has no letter or too high a precision");
    if (!is_known(clause->letter))
      return call.fail("could not parse formatting clause: unrecognized formatting clause \"" +
                       excerpt(std::string(1, clause->letter)) + "\"");
    if (used == values.size()) return call.fail("index " + std::to_string(used) + " out of range");
    if (!call.pay_elements(values[used].weight())) return false;
    const auto text = formatted(*clause, values[used]);
    if (!text)
      return call.fail("error during formatting: %" + std::string(1, clause->letter) +
                       " cannot be used on " + std::string(type_name(values[used].kind())));
    if (!call.pay_bytes(text->size() + 16)) return false;
    out += *text;
    ++used;
  }
  if (!call.pay_bytes(out.size())) return false;
  call.out = std::move(out);
  return true;
}

}  // namespace weft::expr
