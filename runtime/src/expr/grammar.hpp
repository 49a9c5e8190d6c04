// SPDX-License-Identifier: Apache-2.0
// The words and signs of the language: what is reserved, which macros there are, what binds how
// strongly.
#pragma once
#include <string_view>

#include "expr/lexer.hpp"
#include "expr/syntax.hpp"

namespace weft::expr {

// Whether a variable cannot have this name.
bool is_reserved(std::string_view word) noexcept;
// A field may have any name but the few that CEL's grammar keeps for itself everywhere.
bool may_name_field(std::string_view word) noexcept;

// One way to write a macro: range.name(variables, filter, body).
struct MacroForm {
  std::string_view name;
  Syntax::Macro macro;
  std::size_t variables;
  bool has_filter;
  std::size_t arguments() const noexcept { return variables + (has_filter ? 2 : 1); }
};
// Null when no macro of this name takes so many arguments.
const MacroForm* find_macro(std::string_view name, std::size_t arguments) noexcept;
bool is_macro(std::string_view name) noexcept;
// cel.bind(variable, value, body)
inline constexpr MacroForm bind_macro{"bind", Syntax::Macro::bind, 1, false};

// Of a binary operator: higher binds more strongly. 0 for anything else.
int precedence(const Token& token) noexcept;
inline constexpr int lowest_precedence = 1;

}  // namespace weft::expr
