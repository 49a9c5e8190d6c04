// SPDX-License-Identifier: Apache-2.0
// What compiling makes and evaluation runs: the expression as flat arrays of nodes.
#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "expr/functions.hpp"
#include "expr/lexer.hpp"
#include "expr/program.hpp"
#include "expr/regex.hpp"
#include "expr/syntax.hpp"

namespace weft::expr {

using NodeId = std::uint32_t;

struct Node {
  enum class Op : std::uint8_t {
    constant,  // detail: index in constants
    variable,  // detail: slot in the environment
    local,     // detail: slot of a macro's variable
    select,    // operand; detail: the field's name in constants
    has,       // operand; detail as in select
    index,     // operand, index
    call,      // arguments; function
    equal,     // two operands
    not_equal,
    less,
    less_or_equal,
    greater,
    greater_or_equal,
    in,    // element, list or map
    not_,  // operand
    both,  // operands
    either,
    condition,  // condition, yes, no
    list,       // elements
    map,        // keys and values in turn
    macro,      // range, filter or nothing, body; macro, detail: its first variable's slot,
                // second_local
    matches,    // text; detail: index in regexes
    fail,       // detail: the message in constants
  };
  Op op = Op::constant;
  Syntax::Macro macro = Syntax::Macro::all;
  bool two_variables = false;
  std::uint32_t detail = 0;
  std::uint32_t first_child = 0;  // in Code::children
  std::uint32_t child_count = 0;
  std::uint32_t offset = 0;  // in the text, for messages
  const Function* function = nullptr;
};

// Variables of macros within macros, beyond which compiling fails; an evaluation has room for them
// on its stack.
constexpr std::uint32_t locals_at_most = 24;

struct Code {
  std::string text;
  SourcePosition origin;
  Environment environment;
  std::string reference_root;
  std::vector<Node> nodes;
  std::vector<Type> types;  // of each node
  std::vector<NodeId> children;
  std::vector<Value> constants;
  std::vector<Regex> regexes;

  std::span<const NodeId> children_of(const Node& node) const noexcept {
    return {children.data() + node.first_child, node.child_count};
  }
  SourcePosition position(std::size_t offset) const;
};

// The position of a byte of a text that itself starts at `origin`; where no column is known, that.
SourcePosition position_within(std::string_view text, std::size_t offset,
                               const SourcePosition& origin);

// Runs one node and what is below it. With an error, `mistake` tells where and what.
std::optional<Value> run(const Code& code, NodeId root, const Bindings& bindings, Steps& steps,
                         Mistake& mistake);

// A use of the reference root as the tree has it.
struct RawReference {
  std::string name;  // empty: the root itself, which tells nobody what is used
  std::optional<NodeId> index;
  std::vector<std::string> path;
  std::size_t offset = 0;
  bool compared_with_null = false;
};
std::vector<RawReference> find_references(const Code& code, NodeId root);

}  // namespace weft::expr
