// SPDX-License-Identifier: Apache-2.0
// Text to tokens, as the CEL specification has them.
#pragma once
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "expr/value.hpp"

namespace weft::expr {

// One mistake in an expression, by byte offset in its text.
struct Mistake {
  std::size_t offset = 0;
  std::string message;
  std::string remedy;
};

struct Token {
  enum class Kind { end, identifier, quoted_identifier, literal, punctuation };
  Kind kind = Kind::end;
  std::size_t offset = 0;
  std::size_t end = 0;
  std::string_view text;  // as written; of a quoted identifier without its quotes
  Value value;            // of a literal: number, string or bytes

  bool is(std::string_view punctuation) const noexcept {
    return kind == Kind::punctuation && text == punctuation;
  }
  bool is_word(std::string_view word) const noexcept {
    return kind == Kind::identifier && text == word;
  }
};

// Reads tokens from front to back. The text must outlive the lexer and its tokens.
class Lexer {
 public:
  explicit Lexer(std::string_view text, std::size_t offset = 0) : text_(text), at_(offset) {}
  // The next token, or nothing if there is a mistake; then mistake() has it, and the lexer stands
  // at the mistake or, in a string whose end is known, behind the string. A minus sign is a token
  // of its own; after one, `negative` lets the most negative int be read, and the number comes out
  // negated.
  std::optional<Token> next(bool negative = false);
  const Mistake& mistake() const noexcept { return mistake_; }
  std::size_t offset() const noexcept { return at_; }

 private:
  void skip_space() noexcept;
  std::nullopt_t fail(std::size_t offset, std::string message, std::string remedy = {});
  std::optional<Token> number(bool negative);
  std::optional<Token> integer(std::string_view digits, int base, bool negative);
  std::optional<Token> floating(std::string_view digits);
  std::optional<Token> word();
  std::optional<Token> quoted_word();
  std::optional<Token> text_literal(bool raw, bool octets, std::size_t prefix);
  std::optional<Token> punctuation();
  Token token(Token::Kind kind, std::size_t size);

  std::string_view text_;
  std::size_t at_ = 0;
  Mistake mistake_;
};

// Where the expression that starts at `offset` ends: the offset of the `}` that closes it. Nothing
// when there is none.
std::optional<std::size_t> find_closing_brace(std::string_view text, std::size_t offset);

}  // namespace weft::expr
