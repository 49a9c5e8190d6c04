// SPDX-License-Identifier: Apache-2.0
#include "expr/lexer.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "base/text.hpp"
#include "expr/text_forms.hpp"
#include "expr/text_literal.hpp"

namespace weft::expr {
namespace {

// Longer ones first, so that `<=` is not read as `<`.
constexpr std::array<std::string_view, 27> marks{"&&", "||", "==", "!=", "<=", ">=", "(", ")", "[",
                                                 "]",  "{",  "}",  ",",  ".",  "?",  ":", "+", "-",
                                                 "*",  "/",  "%",  "<",  ">",  "!",  "=", "&", "|"};

bool is_digit(char c) noexcept {
  return c >= '0' && c <= '9';
}
bool is_hex_digit(char c) noexcept {
  return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}
bool starts_word(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}
bool is_word(char c) noexcept {
  return starts_word(c) || is_digit(c);
}

// Letters before an opening quote: r (raw) and b (bytes), each at most once, in any order and case.
struct Prefix {
  bool raw = false;
  bool octets = false;
  std::size_t size = 0;
};
std::optional<Prefix> text_prefix(std::string_view rest) noexcept {
  Prefix prefix;
  for (; prefix.size < rest.size(); ++prefix.size) {
    const char c = rest[prefix.size];
    if (c == '"' || c == '\'') return prefix;
    if ((c == 'r' || c == 'R') && !prefix.raw)
      prefix.raw = true;
    else if ((c == 'b' || c == 'B') && !prefix.octets)
      prefix.octets = true;
    else
      break;
  }
  return std::nullopt;
}

// The offset of the closing quotes in `rest`, which starts after the opening ones.
std::optional<std::size_t> find_quotes(std::string_view rest, std::string_view quotes,
                                       bool raw) noexcept {
  for (std::size_t at = 0; at < rest.size(); ++at) {
    if (rest.substr(at).starts_with(quotes)) return at;
    if (rest[at] == '\\' && !raw)
      ++at;
    else if (quotes.size() == 1 && (rest[at] == '\n' || rest[at] == '\r'))
      break;
  }
  return std::nullopt;
}

}  // namespace

std::nullopt_t Lexer::fail(std::size_t offset, std::string message, std::string remedy) {
  mistake_ = {offset, std::move(message), std::move(remedy)};
  return std::nullopt;
}

Token Lexer::token(Token::Kind kind, std::size_t size) {
  Token token{kind, at_, at_ + size, text_.substr(at_, size), {}};
  at_ += size;
  return token;
}

void Lexer::skip_space() noexcept {
  while (at_ < text_.size()) {
    if (std::string_view(" \t\n\r\f").find(text_[at_]) != std::string_view::npos)
      ++at_;
    else if (text_.substr(at_).starts_with("//"))
      at_ = std::min(text_.find('\n', at_), text_.size());
    else
      break;
  }
}

std::optional<Token> Lexer::next(bool negative) {
  skip_space();
  if (at_ == text_.size()) return token(Token::Kind::end, 0);
  const std::string_view rest = text_.substr(at_);
  if (const auto prefix = text_prefix(rest))
    return text_literal(prefix->raw, prefix->octets, prefix->size);
  if (is_digit(rest[0]) || (rest.size() > 1 && rest[0] == '.' && is_digit(rest[1])))
    return number(negative);
  if (starts_word(rest[0])) return word();
  if (rest[0] == '`') return quoted_word();
  return punctuation();
}

std::optional<Token> Lexer::word() {
  std::size_t size = 1;
  while (at_ + size < text_.size() && is_word(text_[at_ + size])) ++size;
  return token(Token::Kind::identifier, size);
}

std::optional<Token> Lexer::quoted_word() {
  const auto close = text_.find('`', at_ + 1);
  if (close == text_.npos) return fail(at_, "the field name has no closing `");
  Token quoted = token(Token::Kind::quoted_identifier, close + 1 - at_);
  quoted.text = quoted.text.substr(1, quoted.text.size() - 2);
  if (quoted.text.empty()) return fail(quoted.offset, "the field name is empty");
  return quoted;
}

std::optional<Token> Lexer::punctuation() {
  const std::string_view rest = text_.substr(at_);
  const auto mark = std::find_if(marks.begin(), marks.end(),
                                 [&](std::string_view m) { return rest.starts_with(m); });
  if (mark == marks.end()) {
    std::size_t size = 1;  // of the whole character
    while (size < rest.size() && (static_cast<unsigned char>(rest[size]) & 0xc0) == 0x80) ++size;
    return fail(at_, "unexpected character '" + excerpt(rest.substr(0, size)) + "'");
  }
  if (*mark == "=") return fail(at_, "'=' is no operator", "write '==' to compare");
  if (*mark == "&" || *mark == "|")
    return fail(at_, "'" + std::string(*mark) + "' is no operator",
                "write '" + std::string(*mark) + std::string(*mark) + "'");
  return token(Token::Kind::punctuation, mark->size());
}

std::optional<Token> Lexer::number(bool negative) {
  const std::string_view rest = text_.substr(at_);
  std::size_t size = 0;
  if (rest.starts_with("0x") || rest.starts_with("0X")) {
    size = 2;
    while (size < rest.size() && is_hex_digit(rest[size])) ++size;
    return integer(rest.substr(0, size), 16, negative);
  }
  const auto skip_digits = [&] {
    while (size < rest.size() && is_digit(rest[size])) ++size;
  };
  const auto digit_at = [&](std::size_t at) { return at < rest.size() && is_digit(rest[at]); };
  skip_digits();
  bool whole = true;
  if (size < rest.size() && rest[size] == '.' && digit_at(size + 1)) {
    whole = false;
    ++size;
    skip_digits();
  }
  if (size < rest.size() && (rest[size] == 'e' || rest[size] == 'E')) {
    const bool sign = size + 1 < rest.size() && (rest[size + 1] == '+' || rest[size + 1] == '-');
    if (digit_at(size + (sign ? 2 : 1))) {
      whole = false;
      size += sign ? 2 : 1;
      skip_digits();
    }
  }
  return whole ? integer(rest.substr(0, size), 10, negative) : floating(rest.substr(0, size));
}

std::optional<Token> Lexer::integer(std::string_view digits, int base, bool negative) {
  const std::string_view bare = base == 16 ? digits.substr(2) : digits;
  std::uint64_t number = 0;
  const auto parsed = std::from_chars(bare.data(), bare.data() + bare.size(), number, base);
  if (bare.empty()) return fail(at_, "'" + std::string(digits) + "' is not a number");
  const std::size_t next = at_ + digits.size();
  const bool is_unsigned = next < text_.size() && (text_[next] == 'u' || text_[next] == 'U');
  const std::size_t size = digits.size() + (is_unsigned ? 1 : 0);
  if (at_ + size < text_.size() && is_word(text_[at_ + size]))
    return fail(at_ + size,
                "unexpected '" + std::string(1, text_[at_ + size]) + "' after a number");
  const std::uint64_t limit = (std::uint64_t{1} << 63) - (negative ? 0 : 1);
  if (parsed.ec != std::errc{} || (!is_unsigned && number > limit))
    return fail(at_, "the number " + std::string(digits) + " does not fit into 64 bits");
  Token literal = token(Token::Kind::literal, size);
  if (is_unsigned)
    literal.value = number;
  else
    literal.value = static_cast<std::int64_t>(negative ? std::uint64_t{0} - number : number);
  return literal;
}

std::optional<Token> Lexer::floating(std::string_view digits) {
  const auto number = parse_double(digits);
  if (!number || !std::isfinite(*number))
    return fail(at_, "the number " + std::string(digits) + " is out of range");
  if (at_ + digits.size() < text_.size() && is_word(text_[at_ + digits.size()]))
    return fail(at_ + digits.size(),
                "unexpected '" + std::string(1, text_[at_ + digits.size()]) + "' after a number");
  Token literal = token(Token::Kind::literal, digits.size());
  literal.value = *number;
  return literal;
}

std::optional<Token> Lexer::text_literal(bool raw, bool octets, std::size_t prefix) {
  const std::size_t open = at_ + prefix;
  const std::string_view triple = text_.substr(open, 3);
  const bool is_triple = triple == "\"\"\"" || triple == "'''";
  const std::string_view quotes = is_triple ? triple : triple.substr(0, 1);
  const std::size_t start = open + quotes.size();
  const auto size = find_quotes(text_.substr(start), quotes, raw);
  if (!size) return fail(at_, "the string has no closing " + std::string(quotes));
  const std::string_view inside = text_.substr(start, *size);
  Token literal = token(Token::Kind::literal, start + *size + quotes.size() - at_);
  std::size_t wrong_at = 0;
  auto content = raw ? std::string(inside) : unescape(inside, octets, wrong_at);
  if (!content) {
    return fail(start + wrong_at,
                "wrong escape sequence '" + excerpt(inside.substr(wrong_at, 2)) + "'",
                "write \\\\ for a backslash, or r'…' for a text without escapes");
  }
  literal.value = octets ? Value::bytes(std::move(*content)) : Value(std::move(*content));
  return literal;
}

std::optional<std::size_t> find_closing_brace(std::string_view text, std::size_t offset) {
  Lexer lexer(text, offset);
  for (std::size_t open = 0;;) {
    const auto token = lexer.next();
    if (!token) {  // a mistake that the parser will report; look on behind it, if it is not an
                   // endless string
      const std::size_t at = lexer.mistake().offset;
      if (lexer.offset() > at) continue;
      if (text[at] == '"' || text[at] == '\'' || text[at] == '`') return std::nullopt;
      lexer = Lexer(text, at + 1);
      continue;
    }
    if (token->kind == Token::Kind::end) return std::nullopt;
    if (token->is("{")) ++open;
    if (token->is("}") && open-- == 0) return token->offset;
  }
}

}  // namespace weft::expr
