// SPDX-License-Identifier: Apache-2.0
#include "expr/text_literal.hpp"

#include <charconv>
#include <cstdint>

namespace weft::expr {
namespace {

constexpr std::string_view simple_escapes = "abfnrtv\\?\"'`";
constexpr std::string_view simple_meanings = "\a\b\f\n\r\t\v\\?\"'`";

// How a numeric escape is written after its backslash.
struct NumericForm {
  std::size_t letters = 0;  // before the digits
  std::size_t digits = 0;
  int base = 16;
};

std::optional<NumericForm> numeric_form(char lead) noexcept {
  switch (lead) {
    case 'x':
    case 'X':
      return NumericForm{1, 2, 16};
    case 'u':
      return NumericForm{1, 4, 16};
    case 'U':
      return NumericForm{1, 8, 16};
    case '0':
    case '1':
    case '2':
    case '3':
      return NumericForm{0, 3, 8};
    default:
      return std::nullopt;
  }
}

// Reads the escape after a backslash at text[0]; false when it is wrong.
bool take_escape(std::string_view& text, bool octets, std::string& out) {
  if (text.empty()) return false;
  if (const auto at = simple_escapes.find(text.front()); at != std::string_view::npos) {
    out += simple_meanings[at];
    text.remove_prefix(1);
    return true;
  }
  const auto form = numeric_form(text.front());
  if (!form || text.size() < form->letters + form->digits) return false;
  const bool is_unicode = text.front() == 'u' || text.front() == 'U';
  const std::string_view digits = text.substr(form->letters, form->digits);
  std::uint32_t code = 0;
  const auto parsed =
      std::from_chars(digits.data(), digits.data() + digits.size(), code, form->base);
  if (parsed.ec != std::errc{} || parsed.ptr != digits.data() + digits.size()) return false;
  text.remove_prefix(form->letters + form->digits);
  if (!octets) return append_code_point(out, code);
  out += static_cast<char>(code);
  return !is_unicode;
}

}  // namespace

bool append_code_point(std::string& out, std::uint32_t code_point) {
  const auto tail = [&](int shift) {
    out += static_cast<char>(0x80 | (code_point >> shift & 0x3f));
  };
  if (code_point < 0x80) {
    out += static_cast<char>(code_point);
  } else if (code_point < 0x800) {
    out += static_cast<char>(0xc0 | code_point >> 6);
    tail(0);
  } else if (code_point < 0x10000) {
    if (code_point >= 0xd800 && code_point < 0xe000) return false;
    out += static_cast<char>(0xe0 | code_point >> 12);
    tail(6), tail(0);
  } else {
    if (code_point > 0x10ffff) return false;
    out += static_cast<char>(0xf0 | code_point >> 18);
    tail(12), tail(6), tail(0);
  }
  return true;
}

std::optional<std::string> unescape(std::string_view text, bool octets, std::size_t& wrong_at) {
  std::string out;
  out.reserve(text.size());
  std::string_view rest = text;
  while (!rest.empty()) {
    const auto backslash = rest.find('\\');
    out += rest.substr(0, backslash);
    if (backslash == rest.npos) break;
    rest.remove_prefix(backslash + 1);
    const std::size_t escape_at = text.size() - rest.size() - 1;
    if (!take_escape(rest, octets, out)) {
      wrong_at = escape_at;
      return std::nullopt;
    }
  }
  return out;
}

}  // namespace weft::expr
