// SPDX-License-Identifier: Apache-2.0
// CEL's string functions and its string extension. Positions count code points.

#include "expr/functions.hpp"
#include "expr/regex.hpp"
#include "expr/utf8.hpp"

namespace weft::expr {
namespace {

const std::string& text(const Call& call, std::size_t i) {
  return *call[i].if_string();
}

// Pays for looking for a part in a text, which may go over the part again and again.
bool pay_for_search(Call& call) {
  const std::size_t size = text(call, 0).size();
  return call.pay_bytes(size) && call.pay_bytes(size * (text(call, 1).size() / 64));
}

bool contains(Call& call) {
  if (!pay_for_search(call)) return false;
  call.out = text(call, 0).find(text(call, 1)) != std::string::npos;
  return true;
}
bool starts_with(Call& call) {
  return call.out = text(call, 0).starts_with(text(call, 1)), true;
}
bool ends_with(Call& call) {
  return call.out = text(call, 0).ends_with(text(call, 1)), true;
}

bool matches(Call& call) {
  const Regex regex(text(call, 1));
  if (!regex.ok()) return call.fail("wrong regular expression: " + regex.error());
  if (!call.pay_bytes(text(call, 0).size())) return false;
  call.out = regex.found_in(text(call, 0));
  return true;
}

bool no_index(Call& call, std::int64_t index) {
  return call.fail("index out of range: " + std::to_string(index));
}

bool char_at(Call& call) {
  const std::string_view all = text(call, 0);
  const auto offset = offset_of(all, *call[1].if_int());
  if (!offset) return no_index(call, *call[1].if_int());
  const std::string_view rest = all.substr(*offset);
  call.out = rest.empty() ? rest : rest.substr(0, size_of_first(rest));
  return true;
}

std::int64_t index_or_none(std::string_view all, std::size_t offset) {
  return offset == std::string_view::npos
             ? -1
             : static_cast<std::int64_t>(length(all.substr(0, offset)));
}
bool index_of(Call& call) {
  if (!pay_for_search(call)) return false;
  std::size_t start = 0;
  if (call.size() == 3) {
    const auto offset = offset_of(text(call, 0), *call[2].if_int());
    if (!offset) return no_index(call, *call[2].if_int());
    start = *offset;
  }
  call.out = index_or_none(text(call, 0), text(call, 0).find(text(call, 1), start));
  return true;
}
bool last_index_of(Call& call) {
  if (!pay_for_search(call)) return false;
  std::size_t start = std::string::npos;
  if (call.size() == 3) {
    const auto offset = offset_of(text(call, 0), *call[2].if_int());
    if (!offset) return no_index(call, *call[2].if_int());
    start = *offset;
  }
  call.out = index_or_none(text(call, 0), text(call, 0).rfind(text(call, 1), start));
  return true;
}

bool substring(Call& call) {
  const std::string_view all = text(call, 0);
  const std::int64_t first = *call[1].if_int();
  const auto start = offset_of(all, first);
  if (!start) return no_index(call, first);
  std::size_t end = all.size();
  if (call.size() == 3) {
    const auto offset = offset_of(all, *call[2].if_int());
    if (!offset) return no_index(call, *call[2].if_int());
    if (*offset < *start)
      return call.fail("invalid substring range. start: " + std::to_string(first) +
                       ", end: " + std::to_string(*call[2].if_int()));
    end = *offset;
  }
  if (!call.pay_bytes(end - *start)) return false;
  call.out = all.substr(*start, end - *start);
  return true;
}

template <char from, char to, int shift>
bool shift_letters(Call& call) {
  if (!call.pay_bytes(text(call, 0).size())) return false;
  std::string out = text(call, 0);
  for (char& c : out)
    if (c >= from && c <= to) c = static_cast<char>(c + shift);
  call.out = std::move(out);
  return true;
}

// Unicode's White_Space.
bool is_space(std::uint32_t code) noexcept {
  return (code >= 0x09 && code <= 0x0d) || code == 0x20 || code == 0x85 || code == 0xa0 ||
         code == 0x1680 || (code >= 0x2000 && code <= 0x200a) || code == 0x2028 || code == 0x2029 ||
         code == 0x202f || code == 0x205f || code == 0x3000;
}
bool trim(Call& call) {
  std::string_view rest = text(call, 0);
  if (!call.pay_bytes(rest.size())) return false;
  while (!rest.empty() && is_space(first_code_point(rest))) rest.remove_prefix(size_of_first(rest));
  for (std::size_t at = rest.size(); at > 0;) {
    --at;
    if (!starts_code_point(rest[at])) continue;
    if (!is_space(first_code_point(rest.substr(at)))) break;
    rest = rest.substr(0, at);
  }
  call.out = rest;
  return true;
}

bool reverse(Call& call) {
  const std::string& all = text(call, 0);
  if (!call.pay_bytes(all.size())) return false;
  std::string out;
  out.reserve(all.size());
  for (std::size_t end = all.size(), at = end; at > 0;) {
    if (!starts_code_point(all[--at])) continue;
    out.append(all, at, end - at);
    end = at;
  }
  call.out = std::move(out);
  return true;
}

// Without a limit, or with a negative one, all there are.
std::size_t limit(const Call& call, std::size_t argument) {
  if (call.size() <= argument || *call[argument].if_int() < 0) return std::string::npos;
  return static_cast<std::size_t>(*call[argument].if_int());
}

// Where `part` next occurs. The empty text occurs before every character.
std::size_t next_part(std::string_view rest, std::string_view part, bool first) {
  if (!part.empty()) return rest.find(part);
  if (first) return 0;
  return rest.empty() ? std::string_view::npos : size_of_first(rest);
}

bool replace(Call& call) {
  const std::string& part = text(call, 1);
  std::string_view rest = text(call, 0);
  if (!pay_for_search(call)) return false;
  std::string out;
  for (std::size_t done = 0, most = limit(call, 3); done < most; ++done) {
    const std::size_t at = next_part(rest, part, done == 0);
    if (at == rest.npos) break;
    if (!call.pay_bytes(text(call, 2).size() + 16)) return false;
    out.append(rest.substr(0, at)).append(text(call, 2));
    rest.remove_prefix(at + part.size());
  }
  call.out = out.append(rest);
  return true;
}

bool split(Call& call) {
  const std::string& separator = text(call, 1);
  std::string_view rest = text(call, 0);
  const std::size_t most = limit(call, 2);
  if (!pay_for_search(call)) return false;
  List parts;
  const auto add = [&](std::string_view part) {
    parts.emplace_back(part);
    return call.pay_elements(1) && call.pay_bytes(part.size());
  };
  while (parts.size() + 1 < most && most != 0) {
    const std::size_t at = next_part(rest, separator, false);
    if (at == rest.npos || (separator.empty() && at == rest.size())) break;
    if (!add(rest.substr(0, at))) return false;
    rest.remove_prefix(at + separator.size());
  }
  if (most != 0 && !(separator.empty() && rest.empty()) && !add(rest)) return false;
  call.out = std::move(parts);
  return true;
}

bool join(Call& call) {
  std::string out;
  const std::string separator = call.size() == 2 ? text(call, 1) : std::string();
  bool first = true;
  for (const Value& element : *call[0].if_list()) {
    const std::string* part = element.if_string();
    if (!part)
      return call.fail("no such overload: join() of a list with " + to_display(element),
                       "join takes strings");
    if (!call.pay_bytes(part->size() + separator.size() + 16)) return false;
    if (!first) out += separator;
    out += *part;
    first = false;
  }
  call.out = std::move(out);
  return true;
}

bool quote(Call& call) {
  if (!call.pay_bytes(text(call, 0).size())) return false;
  constexpr std::string_view special = "\a\b\f\n\r\t\v\\\"";
  constexpr std::string_view letters = "abfnrtv\\\"";
  std::string out = "\"";
  for (const char c : text(call, 0)) {
    const auto at = special.find(c);
    if (at == special.npos)
      out += c;
    else
      (out += '\\') += letters[at];
  }
  call.out = out + "\"";
  return true;
}

}  // namespace

std::vector<Function> string_functions() {
  constexpr Kind s = Kind::string, i = Kind::integer, b = Kind::boolean;
  const Type strings = Type::list(Kind::string);
  return {
      {"contains", true, {{{s, s}, b, &contains}}},
      {"startsWith", true, {{{s, s}, b, &starts_with}}},
      {"endsWith", true, {{{s, s}, b, &ends_with}}},
      {"matches", true, {{{s, s}, b, &matches}}},
      {"matches", false, {{{s, s}, b, &matches}}},
      {"charAt", true, {{{s, i}, s, &char_at}}},
      {"indexOf", true, {{{s, s}, i, &index_of}, {{s, s, i}, i, &index_of}}},
      {"lastIndexOf", true, {{{s, s}, i, &last_index_of}, {{s, s, i}, i, &last_index_of}}},
      {"substring", true, {{{s, i}, s, &substring}, {{s, i, i}, s, &substring}}},
      {"lowerAscii", true, {{{s}, s, &shift_letters<'A', 'Z', 'a' - 'A'>}}},
      {"upperAscii", true, {{{s}, s, &shift_letters<'a', 'z', 'A' - 'a'>}}},
      {"trim", true, {{{s}, s, &trim}}},
      {"reverse", true, {{{s}, s, &reverse}}},
      {"replace", true, {{{s, s, s}, s, &replace}, {{s, s, s, i}, s, &replace}}},
      {"split", true, {{{s, s}, strings, &split}, {{s, s, i}, strings, &split}}},
      {"join", true, {{{Kind::list}, s, &join}, {{Kind::list, s}, s, &join}}},
      {"format", true, {{{s, Kind::list}, s, &format_text}}},
      {"strings.quote", false, {{{s}, s, &quote}}},
  };
}

}  // namespace weft::expr
