// SPDX-License-Identifier: Apache-2.0
// A walk over the nodes. A step yields a pointer: to a value that lives elsewhere anyway (a
// binding, a constant, an element of a list), or to the caller's `scratch`. So reading and
// comparing copies and allocates nothing.
#pragma once
#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "expr/code.hpp"

namespace weft::expr {

// One evaluation.
class Interpreter {
 public:
  Interpreter(const Code& code, const Bindings& bindings, Steps& steps, Mistake& mistake)
      : code_(code), bindings_(bindings), steps_(steps), mistake_(mistake) {}

  // Null after an error, which then stands in the mistake.
  const Value* run(NodeId id, Value& scratch);

 private:
  const Value* variable(const Node& node);
  const Value* select(const Node& node, Value& scratch);
  const Value* artifact_field(const Node& node, const Artifact& artifact, std::string_view name,
                              Value& scratch);
  const Value* has(const Node& node, Value& scratch);
  const Value* index(const Node& node, Value& scratch);
  const Value* element(const Node& node, const List& list, const Value& key);
  const Value* call(const Node& node, Value& scratch);
  const Value* call_with(const Node& node, std::span<Value> temporaries,
                         std::span<const Value*> arguments, Value& scratch);
  const Value* equality(const Node& node, Value& scratch);
  const Value* order(const Node& node, Value& scratch);
  const Value* in(const Node& node, Value& scratch);
  const Value* negation(const Node& node, Value& scratch);
  const Value* logical(const Node& node, bool decides, Value& scratch);
  const Value* condition(const Node& node, Value& scratch);
  const Value* list(const Node& node, Value& scratch);
  const Value* map(const Node& node, Value& scratch);
  const Value* matches(const Node& node, Value& scratch);

  // Macros: interpreter_macros.cpp
  const Value* macro(const Node& node, Value& scratch);
  const Value* quantifier(const Node& node, const Value& range, bool decides, Value& scratch);
  const Value* exists_one(const Node& node, const Value& range, Value& scratch);
  const Value* mapped(const Node& node, const Value& range, Value& scratch);
  const Value* filtered(const Node& node, const Value& range, Value& scratch);
  const Value* transformed(const Node& node, const Value& range, Value& scratch);
  const Value* bound(const Node& node, const Value& value, Value& scratch);
  template <class Visit>
  bool for_each(const Node& node, const Value& range, Visit visit);
  bool step_into(const Node& node, const Value& key, const Value& value, bool value_only);
  std::optional<bool> passes(const Node& node);

  // The bool of a value that a condition, && or || stands on; null, with an error, if it is none.
  const bool* truth(const Node& node, const Value* value, std::string_view name);
  // Pays for going through a value of this weight.
  bool pay(const Node& node, std::uint64_t weight);
  const Value* give_map(const Node& node, std::vector<Map::Entry> entries, Value& scratch);

  std::nullptr_t fail(const Node& node, std::string message, std::string remedy = {});
  std::nullptr_t out_of_steps(const Node& node);
  std::nullptr_t no_overload(const Node& node, std::string_view name,
                             std::span<const Value* const> arguments);

  NodeId child(const Node& node, std::size_t i) const noexcept {
    return code_.children[node.first_child + i];
  }
  const std::string& name_of(const Node& node) const noexcept {
    return *code_.constants[node.detail].if_string();
  }
  static const Value* give(Value& scratch, Value value) noexcept {
    scratch = std::move(value);
    return &scratch;
  }

  const Code& code_;
  const Bindings& bindings_;
  Steps& steps_;
  Mistake& mistake_;
  std::array<const Value*, locals_at_most> locals_{};
};

}  // namespace weft::expr
