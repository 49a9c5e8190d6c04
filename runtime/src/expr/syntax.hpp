// SPDX-License-Identifier: Apache-2.0
// The syntax tree of an expression, macros already recognised.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "expr/lexer.hpp"
#include "expr/value.hpp"

namespace weft::expr {

struct Syntax {
  enum class Form : std::uint8_t {
    literal,   // value
    variable,  // name
    select,    // operand . name
    has,       // has(operand.name)
    index,     // operand [ index ]
    call,  // name(arguments); an operator is a call of its sign: "+", "==", "-" with one argument
    member_call,  // target.name(arguments): the target is the first operand
    both,         // any number of operands joined by &&
    either,       // ... by ||
    condition,    // ? :
    list,
    map,    // keys and values in turn
    macro,  // macro(range, variables, filter or nothing, body)
  };
  enum class Macro : std::uint8_t { all, exists, exists_one, map, filter, transform_map, bind };

  Form form = Form::literal;
  Macro macro = Macro::all;
  bool has_filter = false;  // of a macro: operands are range, filter, body; else range, body
  bool global =
      false;  // of a variable: written with a leading dot, so no macro's variable is meant
  std::uint16_t depth = 1;  // of the tree below
  std::size_t offset = 0;   // where a message about it points to
  std::string name;
  std::vector<std::string> variables;  // of a macro: one or two
  Value value;
  std::vector<std::unique_ptr<Syntax>> operands;
};

// Deeper trees than this are refused, so that nothing that walks one can run out of stack.
constexpr std::uint16_t syntax_depth_at_most = 200;

// The tree of a whole text, or its first mistake.
std::unique_ptr<Syntax> parse(std::string_view text, Mistake& mistake);

}  // namespace weft::expr
