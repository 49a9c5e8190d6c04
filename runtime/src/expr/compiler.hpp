// SPDX-License-Identifier: Apache-2.0
// Syntax tree to nodes: names become slots, calls find their function, types are checked, constants
// are computed.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "expr/code.hpp"
#include "expr/syntax.hpp"

namespace weft::expr {

// Fills a Code whose text and environment are set. Used once.
class Compiler {
 public:
  // Without `options.check`, names that do not exist fail when they are evaluated, and types are
  // not looked at.
  Compiler(Code& code, const CompileOptions& options)
      : code_(code),
        check_(options.check),
        suggest_(options.suggest),
        nothing_bound_(code.environment) {}
  NodeId lower(const Syntax& syntax);
  std::vector<Mistake>& mistakes() noexcept { return mistakes_; }

 private:
  struct Local {
    std::string name;
    std::uint32_t slot;
    Type type;
  };

  NodeId variable(const Syntax& syntax);
  NodeId field(const Syntax& syntax, Node::Op op);
  NodeId index(const Syntax& syntax);
  NodeId call(const Syntax& syntax);
  NodeId apply(const Syntax& syntax, std::string_view name, bool member,
               std::vector<NodeId> arguments);
  NodeId unknown_function(const Syntax& syntax, std::string_view name, bool member);
  NodeId comparison(const Syntax& syntax, Node::Op op);
  NodeId membership(const Syntax& syntax);
  NodeId matches(const Syntax& syntax, std::vector<NodeId> arguments);
  NodeId truths(const Syntax& syntax, Node::Op op);
  NodeId condition(const Syntax& syntax);
  NodeId list(const Syntax& syntax);
  NodeId map(const Syntax& syntax);
  NodeId macro(const Syntax& syntax);
  Type declare_locals(const Syntax& syntax, const Type& range);
  Type macro_type(const Syntax& syntax, const Type& range, NodeId body) const;

  // The type of a field or element by name; reports when there cannot be one.
  Type type_of_field(const Syntax& at, const Type& operand, std::string_view name);
  void expect_bool(const Syntax& at, NodeId operand, std::string_view what);

  std::vector<NodeId> lower_all(const Syntax& syntax);
  const Type& type_of(NodeId id) const { return code_.types[id]; }
  const Value* constant_of(NodeId id) const;
  NodeId emit(const Syntax& at, Node node, std::vector<NodeId> children, Type type);
  NodeId constant(const Syntax& at, Value value);
  NodeId fold(NodeId id);
  // Reports if checking, and stands for what cannot be evaluated.
  NodeId fail(const Syntax& at, std::string message, std::string remedy = {});
  void report(const Syntax& at, std::string message, std::string remedy = {});

  Code& code_;
  const bool check_;
  const bool suggest_;
  const Bindings nothing_bound_;
  std::vector<Local> locals_;  // innermost last
  std::vector<Mistake> mistakes_;
};

}  // namespace weft::expr
