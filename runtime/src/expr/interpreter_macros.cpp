// SPDX-License-Identifier: Apache-2.0
#include "expr/interpreter.hpp"

namespace weft::expr {
namespace {

using Macro = Syntax::Macro;

// The last operand is the body; one between range and body is the filter.
std::size_t body(const Node& node) noexcept {
  return node.child_count - std::size_t{1};
}

}  // namespace

const Value* Interpreter::macro(const Node& node, Value& scratch) {
  Value temporary;
  const Value* range = run(child(node, 0), temporary);
  if (!range) return nullptr;
  switch (node.macro) {
    case Macro::all:
      return quantifier(node, *range, false, scratch);
    case Macro::exists:
      return quantifier(node, *range, true, scratch);
    case Macro::exists_one:
      return exists_one(node, *range, scratch);
    case Macro::map:
      return mapped(node, *range, scratch);
    case Macro::filter:
      return filtered(node, *range, scratch);
    case Macro::transform_map:
      return transformed(node, *range, scratch);
    case Macro::bind:
      return bound(node, *range, scratch);
  }
  return nullptr;
}

bool Interpreter::step_into(const Node& node, const Value& key, const Value& value,
                            bool value_only) {
  if (!pay(node, 1)) return false;
  locals_[node.detail] = value_only ? &value : &key;
  if (node.two_variables) locals_[node.detail + 1] = &value;
  return true;
}

// Calls visit(key, value) for each element, with the macro's variables set: for one variable to the
// element of a list or the key of a map, for two to index and element or key and value. Stops when
// visit says false. False after an error here: nothing to go through.
template <class Visit>
bool Interpreter::for_each(const Node& node, const Value& range, Visit visit) {
  if (const List* list = range.if_list()) {
    for (std::size_t i = 0; i < list->size(); ++i) {
      const Value position(static_cast<std::int64_t>(i));
      if (!step_into(node, position, (*list)[i], !node.two_variables)) return false;
      if (!visit(position, (*list)[i])) return true;
    }
    return true;
  }
  if (const Map* map = range.if_map()) {
    for (const Map::Entry& entry : map->entries()) {
      if (!step_into(node, entry.key, entry.value, false)) return false;
      if (!visit(entry.key, entry.value)) return true;
    }
    return true;
  }
  no_overload(node, "macro", std::array{&range});
  return false;
}

// all (decided by a false) and exists (by a true): errors count only if nothing decides.
const Value* Interpreter::quantifier(const Node& node, const Value& range, bool decides,
                                     Value& scratch) {
  std::optional<Mistake> first_mistake;
  bool decided = false;
  const bool went = for_each(node, range, [&](const Value&, const Value&) {
    Value temporary;
    const bool* flag =
        truth(node, run(child(node, body(node)), temporary), decides ? "exists" : "all");
    if (!flag && !first_mistake) first_mistake = mistake_;
    decided = flag && *flag == decides;
    return !decided && !steps_.exhausted();
  });
  if (!went || steps_.exhausted()) return nullptr;
  if (decided) return give(scratch, decides);
  if (!first_mistake) return give(scratch, !decides);
  mistake_ = std::move(*first_mistake);
  return nullptr;
}

const Value* Interpreter::exists_one(const Node& node, const Value& range, Value& scratch) {
  std::size_t count = 0;
  bool failed = false;
  const bool went = for_each(node, range, [&](const Value&, const Value&) {
    Value temporary;
    const bool* flag = truth(node, run(child(node, body(node)), temporary), "exists_one");
    if (flag && *flag) ++count;
    return !(failed = !flag);
  });
  return went && !failed ? give(scratch, count == 1) : nullptr;
}

// Whether the filter lets the present element through; nothing after an error.
std::optional<bool> Interpreter::passes(const Node& node) {
  if (node.child_count < 3) return true;
  Value temporary;
  const bool* flag = truth(node, run(child(node, 1), temporary), "filter");
  return flag ? std::optional(*flag) : std::nullopt;
}

const Value* Interpreter::mapped(const Node& node, const Value& range, Value& scratch) {
  List results;
  bool failed = false;
  const bool went = for_each(node, range, [&](const Value&, const Value&) {
    const auto wanted = passes(node);
    if (wanted && !*wanted) return true;
    Value temporary;
    const Value* element = wanted ? run(child(node, body(node)), temporary) : nullptr;
    if (element) results.push_back(*element);
    return !(failed = !element);
  });
  return went && !failed ? give(scratch, std::move(results)) : nullptr;
}

const Value* Interpreter::filtered(const Node& node, const Value& range, Value& scratch) {
  List results;
  bool failed = false;
  const bool went = for_each(node, range, [&](const Value& key, const Value& value) {
    Value temporary;
    const bool* flag = truth(node, run(child(node, body(node)), temporary), "filter");
    if (flag && *flag) results.push_back(range.if_list() ? value : key);
    return !(failed = !flag);
  });
  return went && !failed ? give(scratch, std::move(results)) : nullptr;
}

const Value* Interpreter::transformed(const Node& node, const Value& range, Value& scratch) {
  std::vector<Map::Entry> entries;
  bool failed = false;
  const bool went = for_each(node, range, [&](const Value& key, const Value&) {
    const auto wanted = passes(node);
    if (wanted && !*wanted) return true;
    Value temporary;
    const Value* value = wanted ? run(child(node, body(node)), temporary) : nullptr;
    if (value) entries.push_back({key, *value});
    return !(failed = !value);
  });
  return went && !failed ? give_map(node, std::move(entries), scratch) : nullptr;
}

const Value* Interpreter::bound(const Node& node, const Value& value, Value& scratch) {
  locals_[node.detail] = &value;
  const Value* out = run(child(node, body(node)), scratch);
  return !out || out == &scratch ? out : give(scratch, *out);
}

}  // namespace weft::expr
