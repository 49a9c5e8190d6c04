// SPDX-License-Identifier: Apache-2.0
#include "expr/interpreter.hpp"

#include <cmath>

#include "base/text.hpp"

namespace weft::expr {
namespace {

using Op = Node::Op;

constexpr std::size_t names_to_suggest_from =
    64;  // an error may be one of thousands that nobody reads

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

std::string suggest_key(const Map& map, std::string_view wanted) {
  std::vector<std::string> names;
  if (map.size() > names_to_suggest_from) return {};
  for (const Map::Entry& entry : map.entries())
    if (const std::string* name = entry.key.if_string()) names.push_back(*name);
  return suggest(wanted, names);
}

// A part of `whole` outlives this call if `whole` does; a part of a temporary must be kept.
const Value* part_of(const Value* whole, const Value& temporary, const Value* part,
                     Value& scratch) {
  if (whole != &temporary) return part;
  scratch = *part;
  return &scratch;
}

bool fits(const Overload& overload, std::span<const Value* const> arguments) noexcept {
  if (!overload.takes(arguments.size())) return false;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const Parameter& parameter = overload.parameter(i);
    if (parameter && *parameter != arguments[i]->kind()) return false;
  }
  return true;
}

std::string kinds_of(std::span<const Value* const> values) {
  std::string text;
  for (const Value* value : values)
    text += (text.empty() ? "" : ", ") + std::string(type_name(value->kind()));
  return text;
}

}  // namespace

const Value* Interpreter::run(NodeId id, Value& scratch) {
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

const Value* Interpreter::variable(const Node& node) {
  const Value* value = bindings_.at(node.detail);
  return value ? value
               : fail(node, "the variable '" + code_.environment.variables()[node.detail].name +
                                "' has no value");
}

const Value* Interpreter::select(const Node& node, Value& scratch) {
  Value temporary;
  const Value* operand = run(child(node, 0), temporary);
  if (!operand) return nullptr;
  const std::string& name = name_of(node);
  if (const Map* map = operand->if_map()) {
    const Value* found = map->field(name);
    if (!found) return fail(node, "no such key: '" + name + "'", suggest_key(*map, name));
    return part_of(operand, temporary, found, scratch);
  }
  if (const Artifact* artifact = operand->if_artifact())
    return artifact_field(node, *artifact, name, scratch);
  return fail(node, "'" + name + "' is asked of " + to_display(*operand) + ", which has no fields",
              operand->is_null() ? "test it with '!= null' first" : "");
}

const Value* Interpreter::artifact_field(const Node& node, const Artifact& artifact,
                                         std::string_view name, Value& scratch) {
  if (name == "sha256") return give(scratch, artifact.sha256);
  if (name == "media_type") return give(scratch, artifact.media_type);
  if (name == "bytes") return give(scratch, artifact.bytes);
  if (name == "name") return give(scratch, artifact.name);
  return fail(node, "an artifact has no field '" + std::string(name) + "'",
              "its fields are sha256, media_type, bytes, name");
}

const Value* Interpreter::has(const Node& node, Value& scratch) {
  Value temporary;
  const Value* operand = run(child(node, 0), temporary);
  if (!operand) return nullptr;
  const std::string& name = name_of(node);
  if (const Map* map = operand->if_map()) return give(scratch, map->field(name) != nullptr);
  if (operand->if_artifact())
    return give(scratch,
                name == "sha256" || name == "media_type" || name == "bytes" || name == "name");
  return fail(node, "has() asks for a field of " + to_display(*operand) + ", which has none");
}

const Value* Interpreter::element(const Node& node, const List& list, const Value& key) {
  const auto at = whole_number(key);
  if (!at)
    return fail(node,
                "invalid_argument: a list index must be a whole number, not " + to_display(key));
  if (*at < 0 || static_cast<std::size_t>(*at) >= list.size())
    return fail(node, "invalid_argument: index " + std::to_string(*at) +
                          " is out of range, the list has " + std::to_string(list.size()) +
                          " elements");
  return &list[static_cast<std::size_t>(*at)];
}

const Value* Interpreter::index(const Node& node, Value& scratch) {
  Value temporary, temporary_key;
  const Value* operand = run(child(node, 0), temporary);
  const Value* key = operand ? run(child(node, 1), temporary_key) : nullptr;
  if (!key) return nullptr;
  if (const List* list = operand->if_list()) {
    const Value* found = element(node, *list, *key);
    return found ? part_of(operand, temporary, found, scratch) : nullptr;
  }
  if (const Map* map = operand->if_map()) {
    const Value* found = map->find(*key);
    if (found) return part_of(operand, temporary, found, scratch);
    const std::string* name = key->if_string();
    return fail(node, "no such key: " + to_display(*key), name ? suggest_key(*map, *name) : "");
  }
  return fail(node, "no such overload: " + to_display(*operand) + " cannot be indexed",
              operand->is_null() ? "test it with '!= null' first" : "");
}

const Value* Interpreter::call(const Node& node, Value& scratch) {
  if (node.child_count <= 2) {
    std::array<Value, 2> temporaries;
    std::array<const Value*, 2> arguments{};
    return call_with(node, temporaries, arguments, scratch);
  }
  std::vector<Value> temporaries(node.child_count);
  std::vector<const Value*> arguments(node.child_count);
  return call_with(node, temporaries, arguments, scratch);
}

const Value* Interpreter::call_with(const Node& node, std::span<Value> temporaries,
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

const Value* Interpreter::equality(const Node& node, Value& scratch) {
  Value first, second;
  const Value* a = run(child(node, 0), first);
  const Value* b = a ? run(child(node, 1), second) : nullptr;
  if (!b || !pay(node, std::min(a->weight(), b->weight()))) return nullptr;
  return give(scratch, (*a == *b) == (node.op == Op::equal));
}

const Value* Interpreter::order(const Node& node, Value& scratch) {
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

const Value* Interpreter::in(const Node& node, Value& scratch) {
  Value first, second;
  const Value* element = run(child(node, 0), first);
  const Value* whole = element ? run(child(node, 1), second) : nullptr;
  if (!whole) return nullptr;
  if (const Map* map = whole->if_map()) return give(scratch, map->find(*element) != nullptr);
  const List* list = whole->if_list();
  if (!list) return no_overload(node, "in", std::array{element, whole});
  if (!pay(node,
           list->size() * std::min(element->weight(), whole->weight() / (list->size() + 1) + 1)))
    return nullptr;
  for (const Value& one : *list)
    if (one == *element) return give(scratch, true);
  return give(scratch, false);
}

const Value* Interpreter::negation(const Node& node, Value& scratch) {
  Value temporary;
  const Value* operand = run(child(node, 0), temporary);
  if (!operand) return nullptr;
  const bool* flag = operand->if_bool();
  return flag ? give(scratch, !*flag) : no_overload(node, "!", std::array{operand});
}

// The bool of a value that a condition, && or || stands on.
const bool* Interpreter::truth(const Node& node, const Value* value, std::string_view name) {
  const bool* flag = value ? value->if_bool() : nullptr;
  if (value && !flag) no_overload(node, name, std::array{value});
  return flag;
}

// && and ||: one operand with the deciding value decides, even if others fail.
const Value* Interpreter::logical(const Node& node, bool decides, Value& scratch) {
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

const Value* Interpreter::condition(const Node& node, Value& scratch) {
  bool yes = false;
  {
    Value temporary;
    const bool* flag = truth(node, run(child(node, 0), temporary), "? :");
    if (!flag) return nullptr;
    yes = *flag;
  }
  return run(child(node, yes ? 1 : 2), scratch);
}

const Value* Interpreter::list(const Node& node, Value& scratch) {
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

const Value* Interpreter::map(const Node& node, Value& scratch) {
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

const Value* Interpreter::give_map(const Node& node, std::vector<Map::Entry> entries,
                                   Value& scratch) {
  auto map = Map::make(std::move(entries));
  if (!map) return fail(node, map.error().message, map.error().remedy);
  return give(scratch, std::move(*map));
}

const Value* Interpreter::matches(const Node& node, Value& scratch) {
  Value temporary;
  const Value* operand = run(child(node, 0), temporary);
  if (!operand) return nullptr;
  const std::string* text = operand->if_string();
  if (!text) return no_overload(node, "matches", std::array{operand});
  if (!pay(node, operand->weight())) return nullptr;
  return give(scratch, code_.regexes[node.detail].found_in(*text));
}

bool Interpreter::pay(const Node& node, std::uint64_t weight) {
  if (steps_.take(weight)) return true;
  out_of_steps(node);
  return false;
}

std::nullptr_t Interpreter::fail(const Node& node, std::string message, std::string remedy) {
  mistake_ = {node.offset, std::move(message), std::move(remedy)};
  return nullptr;
}

std::nullptr_t Interpreter::out_of_steps(const Node& node) {
  return fail(node, "the expression takes too many steps", "let it work on less data");
}

std::nullptr_t Interpreter::no_overload(const Node& node, std::string_view name,
                                        std::span<const Value* const> arguments) {
  return fail(node,
              "no such overload: '" + std::string(name) + "' of (" + kinds_of(arguments) + ")");
}

std::optional<Value> run(const Code& code, NodeId root, const Bindings& bindings, Steps& steps,
                         Mistake& mistake) {
  Value scratch;
  const Value* value = Interpreter(code, bindings, steps, mistake).run(root, scratch);
  if (!value) return std::nullopt;
  if (value == &scratch) return scratch;
  return *value;
}

}  // namespace weft::expr
