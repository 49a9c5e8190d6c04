// SPDX-License-Identifier: Apache-2.0
// A walk over the nodes. A step yields a pointer: to a value that lives elsewhere anyway (a
// binding, a constant, an element of a list), or to the caller's `scratch`. So reading and
// comparing copies and allocates nothing.
#include <array>
#include <cmath>

#include "base/text.hpp"
#include "expr/code.hpp"

namespace weft::expr {
namespace {

using Op = Node::Op;
using Macro = Syntax::Macro;

constexpr std::size_t arguments_without_allocation = 4;

// A list index may be any number that is whole.
std::optional<std::int64_t> whole_number(const Value& value) noexcept {
  if (const auto* number = value.if_int()) return *number;
  if (const auto* number = value.if_uint(); number && *number >> 63 == 0)
    return static_cast<std::int64_t>(*number);
  const auto* number = value.if_double();
  if (number && std::trunc(*number) == *number && std::abs(*number) < 0x1p53)
    return static_cast<std::int64_t>(*number);
  return std::nullopt;
}

std::vector<std::string> names_of(const Map& map) {
  std::vector<std::string> names;
  for (const Map::Entry& entry : map.entries())
    if (const std::string* name = entry.key.if_string()) names.push_back(*name);
  return names;
}

std::string kinds_of(std::span<const Value* const> values) {
  std::string text;
  for (const Value* value : values)
    text += (text.empty() ? "" : ", ") + std::string(type_name(value->kind()));
  return text;
}

class Interpreter {
 public:
  Interpreter(const Code& code, const Bindings& bindings, Steps& steps, Mistake& mistake)
      : code_(code), bindings_(bindings), steps_(steps), mistake_(mistake) {}

  // Null after an error, which then stands in the mistake.
  const Value* run(NodeId id, Value& scratch) {
    const Node& node = code_.nodes[id];
    if (!steps_.take(1)) return out_of_steps(node);
    switch (node.op) {
      case Op::constant:
        return &code_.constants[node.detail];
      case Op::variable:
        return variable(node);
      case Op::local:
        return locals_[node.detail];
      case Op::select:
        return select(node, scratch);
      case Op::has:
        return has(node, scratch);
      case Op::index:
        return index(node, scratch);
      case Op::call:
        return call(node, scratch);
      case Op::equal:
      case Op::not_equal:
        return equality(node, scratch);
      case Op::less:
      case Op::less_or_equal:
      case Op::greater:
      case Op::greater_or_equal:
        return order(node, scratch);
      case Op::in:
        return in(node, scratch);
      case Op::not_:
        return negation(node, scratch);
      case Op::both:
        return logical(node, false, scratch);
      case Op::either:
        return logical(node, true, scratch);
      case Op::condition:
        return condition(node, scratch);
      case Op::list:
        return list(node, scratch);
      case Op::map:
        return map(node, scratch);
      case Op::macro:
        return macro(node, scratch);
      case Op::matches:
        return matches(node, scratch);
      case Op::fail:
        return fail(node, *code_.constants[node.detail].if_string());
    }
    return nullptr;
  }

 private:
  NodeId child(const Node& node, std::size_t i) const noexcept {
    return code_.children[node.first_child + i];
  }

  std::nullptr_t fail(const Node& node, std::string message, std::string remedy = {}) {
    mistake_ = {node.offset, std::move(message), std::move(remedy)};
    return nullptr;
  }
  bool pay(const Node& node, std::uint64_t steps) {
    return steps_.take(steps) || (out_of_steps(node), false);
  }
  std::nullptr_t out_of_steps(const Node& node) {
    return fail(node, "the expression takes too many steps", "let it work on less data");
  }
  std::nullptr_t no_overload(const Node& node, std::string_view name,
                             std::span<const Value* const> arguments) {
    return fail(node,
                "no such overload: '" + std::string(name) + "' of (" + kinds_of(arguments) + ")");
  }
  static const Value* give(Value& scratch, Value value) {
    return scratch = std::move(value), &scratch;
  }
  // A part of `whole` outlives this call if `whole` does; a part of a temporary must be kept.
  static const Value* part_of(const Value* whole, const Value& temporary, const Value* part,
                              Value& scratch) {
    return whole == &temporary ? give(scratch, *part) : part;
  }

  const Value* variable(const Node& node) {
    const Value* value = bindings_.at(node.detail);
    return value ? value
                 : fail(node, "the variable '" + code_.environment.variables()[node.detail].name +
                                  "' has no value");
  }

  const Value* select(const Node& node, Value& scratch) {
    Value temporary;
    const Value* operand = run(child(node, 0), temporary);
    if (!operand) return nullptr;
    const std::string& name = *code_.constants[node.detail].if_string();
    if (const Map* map = operand->if_map()) {
      const Value* found = map->field(name);
      if (!found) return fail(node, "no such key: '" + name + "'", suggest(name, names_of(*map)));
      return part_of(operand, temporary, found, scratch);
    }
    if (const Artifact* artifact = operand->if_artifact())
      return artifact_field(node, *artifact, name, scratch);
    return fail(node,
                "'" + name + "' is asked of " + to_display(*operand) + ", which has no fields",
                operand->is_null() ? "test it with '!= null' first" : "");
  }

  const Value* artifact_field(const Node& node, const Artifact& artifact, const std::string& name,
                              Value& scratch) {
    if (name == "sha256") return give(scratch, artifact.sha256);
    if (name == "media_type") return give(scratch, artifact.media_type);
    if (name == "bytes") return give(scratch, artifact.bytes);
    if (name == "name") return give(scratch, artifact.name);
    return fail(node, "an artifact has no field '" + name + "'",
                "its fields are sha256, media_type, bytes, name");
  }

  const Value* has(const Node& node, Value& scratch) {
    Value temporary;
    const Value* operand = run(child(node, 0), temporary);
    if (!operand) return nullptr;
    const std::string& name = *code_.constants[node.detail].if_string();
    if (const Map* map = operand->if_map()) return give(scratch, map->field(name) != nullptr);
    if (operand->if_artifact())
      return give(scratch,
                  name == "sha256" || name == "media_type" || name == "bytes" || name == "name");
    return fail(node, "has() asks for a field of " + to_display(*operand) + ", which has none");
  }

  const Value* index(const Node& node, Value& scratch) {
    Value temporary;
    Value temporary_key;
    const Value* operand = run(child(node, 0), temporary);
    if (!operand) return nullptr;
    const Value* key = run(child(node, 1), temporary_key);
    if (!key) return nullptr;
    if (const List* list = operand->if_list()) {
      const auto at = whole_number(*key);
      if (!at)
        return fail(
            node, "invalid_argument: a list index must be a whole number, not " + to_display(*key));
      if (*at < 0 || static_cast<std::size_t>(*at) >= list->size())
        return fail(node, "invalid_argument: index " + std::to_string(*at) +
                              " is out of range, the list has " + std::to_string(list->size()) +
                              " elements");
      return part_of(operand, temporary, &(*list)[static_cast<std::size_t>(*at)], scratch);
    }
    if (const Map* map = operand->if_map()) {
      const Value* found = map->find(*key);
      if (found) return part_of(operand, temporary, found, scratch);
      const std::string* name = key->if_string();
      return fail(node, "no such key: " + to_display(*key),
                  name ? suggest(*name, names_of(*map)) : "");
    }
    return fail(node, "no such overload: " + to_display(*operand) + " cannot be indexed",
                operand->is_null() ? "test it with '!= null' first" : "");
  }

  const Value* call(const Node& node, Value& scratch) {
    if (node.child_count <= arguments_without_allocation) {
      std::array<Value, arguments_without_allocation> temporaries;
      std::array<const Value*, arguments_without_allocation> arguments{};
      return call_with(node, temporaries, arguments, scratch);
    }
    std::vector<Value> temporaries(node.child_count);
    std::vector<const Value*> arguments(node.child_count);
    return call_with(node, temporaries, arguments, scratch);
  }

  const Value* call_with(const Node& node, std::span<Value> temporaries,
                         std::span<const Value*> arguments, Value& scratch) {
    for (std::size_t i = 0; i < node.child_count; ++i)
      if (!(arguments[i] = run(child(node, i), temporaries[i]))) return nullptr;
    const auto given = arguments.first(node.child_count);
    for (const Overload& overload : node.function->overloads) {
      if (!fits(overload, given)) continue;
      Call call(given, scratch, steps_);
      if (overload.run(call)) return &scratch;
      return fail(node, std::move(call.message), std::move(call.remedy));
    }
    return no_overload(node, node.function->name, given);
  }

  static bool fits(const Overload& overload, std::span<const Value* const> arguments) noexcept {
    if (!overload.takes(arguments.size())) return false;
    for (std::size_t i = 0; i < arguments.size(); ++i) {
      const Parameter& parameter = overload.parameter(i);
      if (parameter && *parameter != arguments[i]->kind()) return false;
    }
    return true;
  }

  // What comparing two values costs: both may be large.
  bool pay_for_comparing(const Node& node, const Value& value) {
    std::uint64_t elements = 0;
    if (const List* list = value.if_list()) elements = list->size();
    if (const Map* map = value.if_map()) elements = map->size();
    return pay(node, elements);
  }

  const Value* equality(const Node& node, Value& scratch) {
    Value first, second;
    const Value* a = run(child(node, 0), first);
    const Value* b = a ? run(child(node, 1), second) : nullptr;
    if (!b || !pay_for_comparing(node, *a)) return nullptr;
    return give(scratch, (*a == *b) == (node.op == Op::equal));
  }

  const Value* order(const Node& node, Value& scratch) {
    Value first, second;
    const Value* a = run(child(node, 0), first);
    const Value* b = a ? run(child(node, 1), second) : nullptr;
    if (!b) return nullptr;
    const auto order = compare(*a, *b);
    if (!order) return no_overload(node, code_.text.substr(node.offset, 1), std::array{a, b});
    switch (node.op) {
      case Op::less:
        return give(scratch, std::is_lt(*order));
      case Op::less_or_equal:
        return give(scratch, std::is_lteq(*order));
      case Op::greater:
        return give(scratch, std::is_gt(*order));
      default:
        return give(scratch, std::is_gteq(*order));
    }
  }

  const Value* in(const Node& node, Value& scratch) {
    Value first, second;
    const Value* element = run(child(node, 0), first);
    const Value* whole = element ? run(child(node, 1), second) : nullptr;
    if (!whole) return nullptr;
    if (const Map* map = whole->if_map()) return give(scratch, map->find(*element) != nullptr);
    const List* list = whole->if_list();
    if (!list) return no_overload(node, "in", std::array{element, whole});
    if (!pay_for_comparing(node, *whole)) return nullptr;
    for (const Value& one : *list)
      if (one == *element) return give(scratch, true);
    return give(scratch, false);
  }

  const Value* negation(const Node& node, Value& scratch) {
    Value temporary;
    const Value* operand = run(child(node, 0), temporary);
    if (!operand) return nullptr;
    const bool* flag = operand->if_bool();
    return flag ? give(scratch, !*flag) : no_overload(node, "!", std::array{operand});
  }

  // The bool of a value that a condition, && or || stands on.
  const bool* truth(const Node& node, const Value* value, std::string_view name) {
    const bool* flag = value ? value->if_bool() : nullptr;
    if (value && !flag) no_overload(node, name, std::array{value});
    return flag;
  }

  // && and ||: one operand with the deciding value decides, even if others fail.
  const Value* logical(const Node& node, bool decides, Value& scratch) {
    std::optional<Mistake> first_mistake;
    for (std::size_t i = 0; i < node.child_count; ++i) {
      Value temporary;
      const bool* flag = truth(node, run(child(node, i), temporary), decides ? "||" : "&&");
      if (flag && *flag == decides) return give(scratch, decides);
      if (steps_.exhausted()) return nullptr;
      if (!flag && !first_mistake) first_mistake = mistake_;
    }
    if (!first_mistake) return give(scratch, !decides);
    mistake_ = std::move(*first_mistake);
    return nullptr;
  }

  const Value* condition(const Node& node, Value& scratch) {
    bool yes = false;
    {
      Value temporary;
      const bool* flag = truth(node, run(child(node, 0), temporary), "? :");
      if (!flag) return nullptr;
      yes = *flag;
    }
    return run(child(node, yes ? 1 : 2), scratch);
  }

  const Value* list(const Node& node, Value& scratch) {
    List elements;
    elements.reserve(node.child_count);
    for (std::size_t i = 0; i < node.child_count; ++i) {
      Value temporary;
      const Value* element = run(child(node, i), temporary);
      if (!element) return nullptr;
      elements.push_back(*element);
    }
    return give(scratch, std::move(elements));
  }

  const Value* map(const Node& node, Value& scratch) {
    std::vector<Map::Entry> entries;
    entries.reserve(node.child_count / 2);
    for (std::size_t i = 0; i < node.child_count; i += 2) {
      Value first, second;
      const Value* key = run(child(node, i), first);
      const Value* value = key ? run(child(node, i + 1), second) : nullptr;
      if (!value) return nullptr;
      entries.push_back({*key, *value});
    }
    return give_map(node, std::move(entries), scratch);
  }
  const Value* give_map(const Node& node, std::vector<Map::Entry> entries, Value& scratch) {
    auto map = Map::make(std::move(entries));
    if (!map) return fail(node, map.error().message, map.error().remedy);
    return give(scratch, std::move(*map));
  }

  const Value* matches(const Node& node, Value& scratch) {
    Value temporary;
    const Value* operand = run(child(node, 0), temporary);
    if (!operand) return nullptr;
    const std::string* text = operand->if_string();
    if (!text) return no_overload(node, "matches", std::array{operand});
    if (!pay(node, text->size() / 16)) return nullptr;
    return give(scratch, code_.regexes[node.detail].found_in(*text));
  }

  const Value* macro(const Node& node, Value& scratch) {
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

  // Calls visit(key, value) for each element, with the macro's variables set: for one variable to
  // the element of a list or the key of a map, for two to index and element or key and value. Stops
  // when visit says false. False after an error here: nothing to go through.
  template <class Visit>
  bool for_each(const Node& node, const Value& range, Visit visit) {
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
  bool step_into(const Node& node, const Value& key, const Value& value, bool value_only) {
    if (!pay(node, 1)) return false;
    locals_[node.detail] = value_only ? &value : &key;
    if (node.two_variables) locals_[node.detail + 1] = &value;
    return true;
  }
  // The last operand is the body; one between range and body is the filter.
  NodeId body(const Node& node) const noexcept { return child(node, node.child_count - 1u); }
  bool has_filter(const Node& node) const noexcept { return node.child_count == 3; }

  // all (decided by a false) and exists (by a true): errors count only if nothing decides.
  const Value* quantifier(const Node& node, const Value& range, bool decides, Value& scratch) {
    std::optional<Mistake> first_mistake;
    bool decided = false;
    const bool went = for_each(node, range, [&](const Value&, const Value&) {
      Value temporary;
      const bool* flag = truth(node, run(body(node), temporary), decides ? "exists" : "all");
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

  const Value* exists_one(const Node& node, const Value& range, Value& scratch) {
    std::size_t count = 0;
    bool failed = false;
    const bool went = for_each(node, range, [&](const Value&, const Value&) {
      Value temporary;
      const bool* flag = truth(node, run(body(node), temporary), "exists_one");
      if (flag && *flag) ++count;
      return !(failed = !flag);
    });
    return went && !failed ? give(scratch, count == 1) : nullptr;
  }

  // Whether the filter lets the present element through; nothing after an error.
  std::optional<bool> passes(const Node& node) {
    if (!has_filter(node)) return true;
    Value temporary;
    const bool* flag = truth(node, run(child(node, 1), temporary), "filter");
    return flag ? std::optional(*flag) : std::nullopt;
  }

  const Value* mapped(const Node& node, const Value& range, Value& scratch) {
    List results;
    bool failed = false;
    const bool went = for_each(node, range, [&](const Value&, const Value&) {
      const auto wanted = passes(node);
      if (wanted && !*wanted) return true;
      Value temporary;
      const Value* element = wanted ? run(body(node), temporary) : nullptr;
      if (element) results.push_back(*element);
      return !(failed = !element);
    });
    return went && !failed ? give(scratch, std::move(results)) : nullptr;
  }

  const Value* filtered(const Node& node, const Value& range, Value& scratch) {
    List results;
    bool failed = false;
    const bool went = for_each(node, range, [&](const Value& key, const Value& value) {
      Value temporary;
      const bool* flag = truth(node, run(body(node), temporary), "filter");
      if (flag && *flag) results.push_back(range.if_list() ? value : key);
      return !(failed = !flag);
    });
    return went && !failed ? give(scratch, std::move(results)) : nullptr;
  }

  const Value* transformed(const Node& node, const Value& range, Value& scratch) {
    std::vector<Map::Entry> entries;
    bool failed = false;
    const bool went = for_each(node, range, [&](const Value& key, const Value&) {
      const auto wanted = passes(node);
      if (wanted && !*wanted) return true;
      Value temporary;
      const Value* value = wanted ? run(body(node), temporary) : nullptr;
      if (value) entries.push_back({key, *value});
      return !(failed = !value);
    });
    return went && !failed ? give_map(node, std::move(entries), scratch) : nullptr;
  }

  const Value* bound(const Node& node, const Value& value, Value& scratch) {
    locals_[node.detail] = &value;
    const Value* out = run(body(node), scratch);
    return !out || out == &scratch ? out : give(scratch, *out);
  }

  const Code& code_;
  const Bindings& bindings_;
  Steps& steps_;
  Mistake& mistake_;
  std::array<const Value*, locals_at_most> locals_{};
};

}  // namespace

std::optional<Value> run(const Code& code, NodeId root, const Bindings& bindings, Steps& steps,
                         Mistake& mistake) {
  Value scratch;
  const Value* value = Interpreter(code, bindings, steps, mistake).run(root, scratch);
  if (!value) return std::nullopt;
  if (value == &scratch) return scratch;
  return *value;
}

}  // namespace weft::expr
