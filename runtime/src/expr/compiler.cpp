// SPDX-License-Identifier: Apache-2.0
#include "expr/compiler.hpp"

#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "expr/overloads.hpp"

namespace weft::expr {
namespace {

using Op = Node::Op;
using Form = Syntax::Form;
using Macro = Syntax::Macro;

constexpr std::uint64_t steps_to_fold = 10'000;

// The names that stand for a type, where no variable has the name.
std::optional<Kind> denoted_type(std::string_view name) noexcept {
  for (const Kind kind :
       {Kind::null_type, Kind::boolean, Kind::integer, Kind::unsigned_integer, Kind::floating,
        Kind::string, Kind::bytes, Kind::list, Kind::map, Kind::type})
    if (type_name(kind) == name) return kind;
  return std::nullopt;
}

struct Sign {
  std::string_view text;
  Op op;
};
constexpr std::array<Sign, 6> comparisons{{{"==", Op::equal},
                                           {"!=", Op::not_equal},
                                           {"<", Op::less},
                                           {"<=", Op::less_or_equal},
                                           {">", Op::greater},
                                           {">=", Op::greater_or_equal}}};

std::string a_or_an(const Type& type) {
  const std::string name = type.to_string();
  return (std::string_view("aiu").find(name[0]) != std::string_view::npos ? "an " : "a ") + name;
}

}  // namespace

NodeId Compiler::lower(const Syntax& syntax) {
  switch (syntax.form) {
    case Form::literal:
      return constant(syntax, syntax.value);
    case Form::variable:
      return variable(syntax);
    case Form::select:
      return field(syntax, Op::select);
    case Form::has:
      return field(syntax, Op::has);
    case Form::index:
      return index(syntax);
    case Form::call:
    case Form::member_call:
      return call(syntax);
    case Form::both:
      return truths(syntax, Op::both);
    case Form::either:
      return truths(syntax, Op::either);
    case Form::condition:
      return condition(syntax);
    case Form::list:
      return list(syntax);
    case Form::map:
      return map(syntax);
    case Form::macro:
      return macro(syntax);
  }
  return 0;
}

NodeId Compiler::variable(const Syntax& syntax) {
  if (!syntax.global)
    for (auto local = locals_.rbegin(); local != locals_.rend(); ++local)
      if (local->name == syntax.name)
        return emit(syntax, {.op = Op::local, .detail = local->slot}, {}, local->type);
  if (const auto slot = code_.environment.find(syntax.name))
    return emit(syntax, {.op = Op::variable, .detail = static_cast<std::uint32_t>(*slot)}, {},
                code_.environment.variables()[*slot].type);
  if (const auto kind = denoted_type(syntax.name)) return constant(syntax, *kind);
  std::vector<std::string> known;
  for (const Local& local : locals_) known.push_back(local.name);
  for (const Variable& one : code_.environment.variables()) known.push_back(one.name);
  return fail(syntax, "unknown variable '" + syntax.name + "'", suggest(syntax.name, known));
}

Type Compiler::type_of_field(const Syntax& at, const Type& operand, std::string_view name) {
  if (operand.is_dyn()) return {};
  if (operand.kind() == Kind::map) {
    if (const Type::Field* field = operand.find_field(name)) return field->type;
    if (!operand.is_closed()) return operand.element();
    Mistake mistake = no_such_field(operand, name, suggest_);
    report(at, std::move(mistake.message), std::move(mistake.remedy));
    return {};
  }
  if (operand.kind() == Kind::artifact) {
    if (name == "bytes") return Kind::integer;
    if (name == "sha256" || name == "media_type" || name == "name") return Kind::string;
    report(at, "an artifact has no field '" + std::string(name) + "'",
           "its fields are sha256, media_type, bytes, name");
    return {};
  }
  const bool is_list = operand.kind() == Kind::list;
  report(at,
         "'" + std::string(name) + "' is asked of " + a_or_an(operand) + ", which has no fields",
         is_list ? "index the list, or use list.map(x, x." + std::string(name) + ")" : "");
  return {};
}

NodeId Compiler::field(const Syntax& syntax, Op op) {
  const NodeId operand = lower(*syntax.operands[0]);
  Type type = type_of_field(syntax, type_of(operand), syntax.name);
  const auto name = static_cast<std::uint32_t>(code_.constants.size());
  code_.constants.emplace_back(syntax.name);
  return emit(syntax, {.op = op, .detail = name}, {operand},
              op == Op::has ? Type(Kind::boolean) : std::move(type));
}

NodeId Compiler::index(const Syntax& syntax) {
  std::vector<NodeId> operands = lower_all(syntax);
  const Type whole = type_of(operands[0]);
  const Type key = type_of(operands[1]);
  const Value* fixed = constant_of(operands[1]);
  Type type;
  if (whole.kind() == Kind::list) {
    if (!key.is_dyn() && !is_number(key))
      report(syntax, "a list is indexed by an int, not by " + a_or_an(key));
    type = whole.element();
  } else if (whole.kind() == Kind::map) {
    type = fixed && fixed->if_string() ? type_of_field(syntax, whole, *fixed->if_string())
                                       : whole.element();
  } else if (!whole.is_dyn()) {
    report(syntax, a_or_an(whole) + " cannot be indexed",
           whole.kind() == Kind::string ? "use charAt(i) or substring(i, j)" : "");
  }
  return emit(syntax, {.op = Op::index}, std::move(operands), std::move(type));
}

NodeId Compiler::call(const Syntax& syntax) {
  if (syntax.form == Form::call) {
    for (const Sign& sign : comparisons)
      if (syntax.name == sign.text) return comparison(syntax, sign.op);
    if (syntax.name == "in") return membership(syntax);
    if (syntax.name == "!") return truths(syntax, Op::not_);
    return apply(syntax, syntax.name, false, lower_all(syntax));
  }
  // math.abs(x) is a function with a dotted name, unless there is a variable called math.
  const Syntax& target = *syntax.operands[0];
  const std::string dotted = target.name + "." + syntax.name;
  const bool shadowed = code_.environment.find(target.name) ||
                        std::any_of(locals_.begin(), locals_.end(),
                                    [&](const Local& l) { return l.name == target.name; });
  if (target.form == Form::variable && !shadowed && find_function(dotted, false)) {
    std::vector<NodeId> arguments;
    for (std::size_t i = 1; i < syntax.operands.size(); ++i)
      arguments.push_back(lower(*syntax.operands[i]));
    return apply(syntax, dotted, false, std::move(arguments));
  }
  return apply(syntax, syntax.name, true, lower_all(syntax));
}

NodeId Compiler::apply(const Syntax& syntax, std::string_view name, bool member,
                       std::vector<NodeId> arguments) {
  const Function* function = find_function(name, member);
  if (!function) return unknown_function(syntax, name, member);
  std::vector<Type> types;
  for (const NodeId argument : arguments) types.push_back(type_of(argument));
  Mistake mistake;
  auto type = resolve_overload(*function, types, mistake);
  if (!type) report(syntax, std::move(mistake.message), std::move(mistake.remedy));
  if (type && name == "+" && type->kind() == Kind::list)
    type = Type::list(Type::join(types[0].element(), types[1].element()));
  if (name == "matches" && type && constant_of(arguments[1]))
    return matches(syntax, std::move(arguments));
  return emit(syntax, {.op = Op::call, .function = function}, std::move(arguments),
              type.value_or(Type()));
}

NodeId Compiler::unknown_function(const Syntax& syntax, std::string_view name, bool member) {
  const std::string shown(name);
  if (find_function(name, !member))
    return fail(syntax, "'" + shown + "' is not called this way",
                member ? "write " + shown + "(x)" : "write x." + shown + "(…)");
  return fail(syntax, "unknown function '" + shown + "'", suggest(name, function_names(member)));
}

NodeId Compiler::matches(const Syntax& syntax, std::vector<NodeId> arguments) {
  const std::string* pattern = constant_of(arguments[1])->if_string();
  Regex regex(pattern ? *pattern : "");
  if (!pattern || !regex.ok())
    return fail(syntax, "wrong regular expression: " + regex.error(), "RE2's syntax is meant");
  const auto number = static_cast<std::uint32_t>(code_.regexes.size());
  code_.regexes.push_back(std::move(regex));
  return emit(syntax, {.op = Op::matches, .detail = number}, {arguments[0]}, Kind::boolean);
}

NodeId Compiler::comparison(const Syntax& syntax, Op op) {
  std::vector<NodeId> operands = lower_all(syntax);
  const Type& a = type_of(operands[0]);
  const Type& b = type_of(operands[1]);
  const bool is_equality = op == Op::equal || op == Op::not_equal;
  if (is_equality ? !can_be_equal(a, b) : !can_be_ordered(a, b))
    report(syntax,
           "no such overload: '" + a.to_string() + "' " + syntax.name + " '" + b.to_string() + "'",
           is_equality ? "values of different types are never equal" : "");
  return emit(syntax, {.op = op}, std::move(operands), Kind::boolean);
}

NodeId Compiler::membership(const Syntax& syntax) {
  std::vector<NodeId> operands = lower_all(syntax);
  const Type& element = type_of(operands[0]);
  const Type& whole = type_of(operands[1]);
  const bool is_list = whole.kind() == Kind::list;
  if (!is_list && whole.kind() != Kind::map && !whole.is_dyn())
    report(syntax, "'in' looks into a list or a map, not into " + a_or_an(whole),
           whole.kind() == Kind::string ? "write text.contains(part)" : "");
  else if (is_list && !can_be_equal(element, whole.element()))
    report(syntax, "a " + whole.to_string() + " never has " + a_or_an(element) + " in it");
  return emit(syntax, {.op = Op::in}, std::move(operands), Kind::boolean);
}

void Compiler::expect_bool(const Syntax& at, NodeId operand, std::string_view what) {
  if (!type_of(operand).may_be(Kind::boolean))
    report(at, std::string(what) + " must be a bool, not " + a_or_an(type_of(operand)));
}

NodeId Compiler::truths(const Syntax& syntax, Op op) {
  std::vector<NodeId> operands = lower_all(syntax);
  const std::string_view sign = op == Op::both ? "&&" : op == Op::either ? "||" : "!";
  for (std::size_t i = 0; i < operands.size(); ++i)
    expect_bool(*syntax.operands[i], operands[i], "an operand of '" + std::string(sign) + "'");
  return emit(syntax, {.op = op}, std::move(operands), Kind::boolean);
}

NodeId Compiler::condition(const Syntax& syntax) {
  std::vector<NodeId> operands = lower_all(syntax);
  expect_bool(*syntax.operands[0], operands[0], "the condition of '? :'");
  Type type = Type::join(type_of(operands[1]), type_of(operands[2]));
  return emit(syntax, {.op = Op::condition}, std::move(operands), std::move(type));
}

NodeId Compiler::list(const Syntax& syntax) {
  std::vector<NodeId> elements = lower_all(syntax);
  if (elements.empty()) return emit(syntax, {.op = Op::list}, {}, Kind::list);
  Type joined = type_of(elements.front());
  for (const NodeId element : elements) joined = Type::join(joined, type_of(element));
  return emit(syntax, {.op = Op::list}, std::move(elements), Type::list(std::move(joined)));
}

NodeId Compiler::map(const Syntax& syntax) {
  std::vector<NodeId> operands = lower_all(syntax);
  if (operands.empty()) return emit(syntax, {.op = Op::map}, {}, Kind::map);
  Type joined = type_of(operands[1]);
  for (std::size_t i = 1; i < operands.size(); i += 2)
    joined = Type::join(joined, type_of(operands[i]));
  return emit(syntax, {.op = Op::map}, std::move(operands), Type::map(std::move(joined)));
}

Type Compiler::declare_locals(const Syntax& syntax, const Type& range) {
  const auto slot = static_cast<std::uint32_t>(locals_.size());
  const bool is_list = range.kind() == Kind::list;
  const Type key = is_list                  ? Type(Kind::integer)
                   : range.fields().empty() ? Type()
                                            : Type(Kind::string);
  const Type& value = range.element();
  if (syntax.macro == Macro::bind)
    locals_.push_back({syntax.variables[0], slot, range});
  else if (syntax.variables.size() == 1)
    locals_.push_back({syntax.variables[0], slot, is_list ? value : key});
  else
    locals_.insert(locals_.end(),
                   {{syntax.variables[0], slot, key}, {syntax.variables[1], slot + 1, value}});
  return is_list ? value : key;
}

Type Compiler::macro_type(const Syntax& syntax, const Type& element, NodeId body) const {
  switch (syntax.macro) {
    case Macro::map:
      return Type::list(type_of(body));
    case Macro::filter:
      return Type::list(element);
    case Macro::transform_map:
      return Type::map(type_of(body));
    case Macro::bind:
      return type_of(body);
    default:
      return Kind::boolean;
  }
}

NodeId Compiler::macro(const Syntax& syntax) {
  if (locals_.size() + syntax.variables.size() > locals_at_most)
    return fail(syntax, "too many macros within macros", "split the expression");
  std::vector<NodeId> operands{lower(*syntax.operands[0])};
  const Type range = type_of(operands[0]);
  const bool goes_through =
      range.is_dyn() || range.kind() == Kind::list || range.kind() == Kind::map;
  if (syntax.macro != Macro::bind && !goes_through)
    report(syntax,
           "'" + syntax.name + "' goes through a list or a map, not through " + a_or_an(range));
  const std::size_t outer = locals_.size();
  const Type element = declare_locals(syntax, range);
  for (std::size_t i = 1; i < syntax.operands.size(); ++i)
    operands.push_back(lower(*syntax.operands[i]));
  locals_.resize(outer);
  const bool quantifies = syntax.macro == Macro::all || syntax.macro == Macro::exists ||
                          syntax.macro == Macro::exists_one || syntax.macro == Macro::filter;
  if (quantifies || syntax.has_filter)
    expect_bool(*syntax.operands[1], operands[1], "the condition of '" + syntax.name + "'");
  Type type = macro_type(syntax, element, operands.back());
  return emit(syntax,
              {.op = Op::macro,
               .macro = syntax.macro,
               .two_variables = syntax.variables.size() == 2,
               .detail = static_cast<std::uint32_t>(outer)},
              std::move(operands), std::move(type));
}

std::vector<NodeId> Compiler::lower_all(const Syntax& syntax) {
  std::vector<NodeId> operands;
  operands.reserve(syntax.operands.size());
  for (const auto& operand : syntax.operands) operands.push_back(lower(*operand));
  return operands;
}

const Value* Compiler::constant_of(NodeId id) const {
  const Node& node = code_.nodes[id];
  return node.op == Op::constant ? &code_.constants[node.detail] : nullptr;
}

NodeId Compiler::emit(const Syntax& at, Node node, std::vector<NodeId> children, Type type) {
  node.offset = static_cast<std::uint32_t>(at.offset);
  node.first_child = static_cast<std::uint32_t>(code_.children.size());
  node.child_count = static_cast<std::uint32_t>(children.size());
  code_.children.insert(code_.children.end(), children.begin(), children.end());
  code_.nodes.push_back(node);
  code_.types.push_back(std::move(type));
  return fold(static_cast<NodeId>(code_.nodes.size() - 1));
}

NodeId Compiler::constant(const Syntax& at, Value value) {
  const auto number = static_cast<std::uint32_t>(code_.constants.size());
  Type type = value.kind();
  code_.constants.push_back(std::move(value));
  return emit(at, {.op = Op::constant, .detail = number}, {}, std::move(type));
}

// What depends on nothing but constants is computed now, once. What fails must fail when it is
// evaluated, if ever.
NodeId Compiler::fold(NodeId id) {
  Node& node = code_.nodes[id];
  if (node.op == Op::constant || node.op == Op::variable || node.op == Op::local ||
      node.op == Op::fail)
    return id;
  const auto children = code_.children_of(node);
  if (!std::all_of(children.begin(), children.end(),
                   [&](NodeId child) { return constant_of(child); }))
    return id;
  Steps steps(steps_to_fold);
  Mistake ignored;
  auto value = run(code_, id, nothing_bound_, steps, ignored);
  if (!value) return id;
  node = {.op = Op::constant,
          .detail = static_cast<std::uint32_t>(code_.constants.size()),
          .offset = node.offset};
  code_.constants.push_back(std::move(*value));
  return id;
}

NodeId Compiler::fail(const Syntax& at, std::string message, std::string remedy) {
  const auto number = static_cast<std::uint32_t>(code_.constants.size());
  code_.constants.emplace_back(message);
  report(at, std::move(message), std::move(remedy));
  return emit(at, {.op = Op::fail, .detail = number}, {}, Type::dyn());
}

void Compiler::report(const Syntax& at, std::string message, std::string remedy) {
  if (check_) mistakes_.push_back({at.offset, std::move(message), std::move(remedy)});
}

}  // namespace weft::expr
