// SPDX-License-Identifier: Apache-2.0
// int(), string(), timestamp(), ... and what applies to every kind of value: type(), dyn(), size().
#include <charconv>
#include <cmath>

#include "base/text.hpp"
#include "expr/functions.hpp"
#include "expr/text_forms.hpp"
#include "expr/utf8.hpp"

namespace weft::expr {
namespace {

bool same(Call& call) {
  return call.out = call[0], true;
}

bool not_a(Call& call, std::string_view what) {
  return call.fail("type conversion error: " + to_display(call[0]) + " is not " +
                   std::string(what));
}
bool out_of_range(Call& call, std::string_view type) {
  return call.fail("range error: " + to_display(call[0]) + " does not fit into " +
                   std::string(type));
}

bool int_from_uint(Call& call) {
  const std::uint64_t number = *call[0].if_uint();
  if (number >> 63) return out_of_range(call, "int");
  call.out = static_cast<std::int64_t>(number);
  return true;
}
// Both ends are left out: a double there may stand for a number beyond.
bool int_from_double(Call& call) {
  const double number = *call[0].if_double();
  if (!(number > -0x1p63 && number < 0x1p63)) return out_of_range(call, "int");
  call.out = static_cast<std::int64_t>(number);
  return true;
}
bool uint_from_int(Call& call) {
  if (*call[0].if_int() < 0) return out_of_range(call, "uint");
  call.out = static_cast<std::uint64_t>(*call[0].if_int());
  return true;
}
bool uint_from_double(Call& call) {
  const double number = *call[0].if_double();
  if (!(number >= 0 && number < 0x1p64)) return out_of_range(call, "uint");
  call.out = static_cast<std::uint64_t>(number);
  return true;
}
template <class T>
bool integer_from_string(Call& call) {
  std::string_view text = *call[0].if_string();
  if (text.starts_with('+') && !text.starts_with("+-")) text.remove_prefix(1);
  T number = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), number);
  if (parsed.ec == std::errc::result_out_of_range) return out_of_range(call, "64 bits");
  if (parsed.ec != std::errc{} || parsed.ptr != text.data() + text.size())
    return not_a(call, "a whole number");
  call.out = number;
  return true;
}
bool int_from_timestamp(Call& call) {
  return call.out = call[0].if_timestamp()->unix_s, true;
}

bool double_from_int(Call& call) {
  return call.out = static_cast<double>(*call[0].if_int()), true;
}
bool double_from_uint(Call& call) {
  return call.out = static_cast<double>(*call[0].if_uint()), true;
}
bool double_from_string(Call& call) {
  const auto number = parse_double(*call[0].if_string());
  if (!number) return not_a(call, "a number");
  call.out = *number;
  return true;
}

bool bool_from_string(Call& call) {
  const std::string& text = *call[0].if_string();
  for (const char* yes : {"1", "t", "T", "true", "TRUE", "True"})
    if (text == yes) return call.out = true, true;
  for (const char* no : {"0", "f", "F", "false", "FALSE", "False"})
    if (text == no) return call.out = false, true;
  return not_a(call, "a bool");
}

bool string_from_bool(Call& call) {
  return call.out = *call[0].if_bool() ? "true" : "false", true;
}
bool string_from_int(Call& call) {
  return call.out = std::to_string(*call[0].if_int()), true;
}
bool string_from_uint(Call& call) {
  return call.out = std::to_string(*call[0].if_uint()), true;
}
bool string_from_double(Call& call) {
  return call.out = format_double(*call[0].if_double()), true;
}
bool string_from_timestamp(Call& call) {
  return call.out = format_timestamp(*call[0].if_timestamp()), true;
}
bool string_from_duration(Call& call) {
  return call.out = format_duration(*call[0].if_duration()), true;
}
bool string_from_bytes(Call& call) {
  const std::string& octets = *call[0].if_bytes();
  if (!is_utf8(octets)) return call.fail("invalid UTF-8 in bytes, cannot be a string");
  if (!call.pay_bytes(octets.size())) return false;
  call.out = octets;
  return true;
}
bool bytes_from_string(Call& call) {
  if (!call.pay_bytes(call[0].if_string()->size())) return false;
  call.out = Value::bytes(*call[0].if_string());
  return true;
}

bool timestamp_from_int(Call& call) {
  const std::int64_t unix_s = *call[0].if_int();
  if (unix_s < first_unix_s || unix_s > last_unix_s)
    return call.fail("timestamp out of range: years are 1 to 9999");
  call.out = Instant{unix_s, 0};
  return true;
}
bool timestamp_from_string(Call& call) {
  const auto at = parse_timestamp(*call[0].if_string());
  if (!at) return not_a(call, "a timestamp in range, such as '2026-11-21T03:27:37Z'");
  call.out = *at;
  return true;
}
bool duration_from_string(Call& call) {
  const auto span = parse_duration_text(*call[0].if_string());
  if (!span) return not_a(call, "a duration in range, such as '1h30m' or '1.5s'");
  call.out = *span;
  return true;
}

bool type_of(Call& call) {
  return call.out = call[0].kind(), true;
}

bool size_of(Call& call) {
  if (const auto* text = call[0].if_string()) call.out = static_cast<std::int64_t>(length(*text));
  if (const auto* octets = call[0].if_bytes()) call.out = static_cast<std::int64_t>(octets->size());
  if (const auto* list = call[0].if_list()) call.out = static_cast<std::int64_t>(list->size());
  if (const auto* map = call[0].if_map()) call.out = static_cast<std::int64_t>(map->size());
  return true;
}

std::vector<Overload> size_overloads() {
  std::vector<Overload> overloads;
  for (const Kind kind : {Kind::string, Kind::bytes, Kind::list, Kind::map})
    overloads.push_back({{kind}, Kind::integer, &size_of});
  return overloads;
}

}  // namespace

std::vector<Function> conversion_functions() {
  constexpr Kind i = Kind::integer, u = Kind::unsigned_integer, d = Kind::floating,
                 s = Kind::string;
  constexpr Kind at = Kind::timestamp, span = Kind::duration, b = Kind::boolean;
  return {
      {"int",
       false,
       {{{i}, i, &same},
        {{u}, i, &int_from_uint},
        {{d}, i, &int_from_double},
        {{s}, i, &integer_from_string<std::int64_t>},
        {{at}, i, &int_from_timestamp}}},
      {"uint",
       false,
       {{{u}, u, &same},
        {{i}, u, &uint_from_int},
        {{d}, u, &uint_from_double},
        {{s}, u, &integer_from_string<std::uint64_t>}}},
      {"double",
       false,
       {{{d}, d, &same},
        {{i}, d, &double_from_int},
        {{u}, d, &double_from_uint},
        {{s}, d, &double_from_string}}},
      {"bool", false, {{{b}, b, &same}, {{s}, b, &bool_from_string}}},
      {"string",
       false,
       {{{s}, s, &same},
        {{b}, s, &string_from_bool},
        {{i}, s, &string_from_int},
        {{u}, s, &string_from_uint},
        {{d}, s, &string_from_double},
        {{Kind::bytes}, s, &string_from_bytes},
        {{at}, s, &string_from_timestamp},
        {{span}, s, &string_from_duration}}},
      {"bytes",
       false,
       {{{Kind::bytes}, Kind::bytes, &same}, {{s}, Kind::bytes, &bytes_from_string}}},
      {"timestamp",
       false,
       {{{at}, at, &same}, {{i}, at, &timestamp_from_int}, {{s}, at, &timestamp_from_string}}},
      {"duration", false, {{{span}, span, &same}, {{s}, span, &duration_from_string}}},
      {"type", false, {{{any_kind}, Kind::type, &type_of}}},
      {"dyn", false, {{{any_kind}, Type::dyn(), &same}}},
      {"size", false, size_overloads()},
      {"size", true, size_overloads()},
  };
}

}  // namespace weft::expr
