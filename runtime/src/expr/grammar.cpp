// SPDX-License-Identifier: Apache-2.0
#include "expr/grammar.hpp"

#include <algorithm>
#include <array>

namespace weft::expr {
namespace {

using Macro = Syntax::Macro;

constexpr std::array<std::string_view, 21> reserved{
    "as",       "break",   "const",  "continue", "else", "false", "for",
    "function", "if",      "import", "in",       "let",  "loop",  "namespace",
    "null",     "package", "return", "true",     "var",  "void",  "while"};

constexpr std::array<MacroForm, 15> macros{{{"all", Macro::all, 1, false},
                                            {"all", Macro::all, 2, false},
                                            {"exists", Macro::exists, 1, false},
                                            {"exists", Macro::exists, 2, false},
                                            {"exists_one", Macro::exists_one, 1, false},
                                            {"exists_one", Macro::exists_one, 2, false},
                                            {"existsOne", Macro::exists_one, 1, false},
                                            {"existsOne", Macro::exists_one, 2, false},
                                            {"map", Macro::map, 1, false},
                                            {"map", Macro::map, 1, true},
                                            {"filter", Macro::filter, 1, false},
                                            {"transformList", Macro::map, 2, false},
                                            {"transformList", Macro::map, 2, true},
                                            {"transformMap", Macro::transform_map, 2, false},
                                            {"transformMap", Macro::transform_map, 2, true}}};

struct Strength {
  std::string_view sign;
  int precedence;
};
constexpr std::array<Strength, 14> strengths{{{"||", lowest_precedence},
                                              {"&&", 2},
                                              {"in", 3},
                                              {"==", 3},
                                              {"!=", 3},
                                              {"<", 3},
                                              {"<=", 3},
                                              {">", 3},
                                              {">=", 3},
                                              {"+", 4},
                                              {"-", 4},
                                              {"*", 5},
                                              {"/", 5},
                                              {"%", 5}}};

}  // namespace

bool is_reserved(std::string_view word) noexcept {
  return std::find(reserved.begin(), reserved.end(), word) != reserved.end();
}

bool may_name_field(std::string_view word) noexcept {
  return word != "in" && word != "true" && word != "false" && word != "null";
}

const MacroForm* find_macro(std::string_view name, std::size_t arguments) noexcept {
  const auto at = std::find_if(macros.begin(), macros.end(), [&](const MacroForm& form) {
    return form.name == name && form.arguments() == arguments;
  });
  return at == macros.end() ? nullptr : &*at;
}

bool is_macro(std::string_view name) noexcept {
  return std::any_of(macros.begin(), macros.end(),
                     [&](const MacroForm& form) { return form.name == name; });
}

int precedence(const Token& token) noexcept {
  if (token.kind != Token::Kind::punctuation && token.kind != Token::Kind::identifier) return 0;
  const auto at = std::find_if(strengths.begin(), strengths.end(), [&](const Strength& strength) {
    return strength.sign == token.text;
  });
  return at == strengths.end() ? 0 : at->precedence;
}

}  // namespace weft::expr
