// SPDX-License-Identifier: Apache-2.0
#include "plugin/expression_table.hpp"

#include <boost/json.hpp>

namespace weft::plugin {

result<expr::Environment> ExpressionTable::environment_of(std::string_view variables) {
  if (const auto known = environments_.find(variables); known != environments_.end())
    return known->second;
  const auto parsed = parse_json(variables);
  if (!parsed) return parsed.error();
  if (!parsed->is_object()) return invalid("the variables must be an object of JSON Schemas");
  std::vector<expr::Variable> list;
  for (const auto& [name, schema] : parsed->get_object())
    list.push_back({std::string(name), expr::Type::from_json_schema(schema)});
  expr::Environment made(std::move(list));
  environments_.emplace(variables, made);
  return made;
}

result<> ExpressionTable::compile(weft_id program, std::uint32_t form, std::string_view text,
                                  std::string_view variables) {
  const std::lock_guard lock(mutex_);
  if (program == 0 || programs_.contains(program)) return invalid("the id of a program is in use");
  const auto environment = environment_of(variables);
  if (!environment) return environment.error();
  const auto keep = [&](auto compiled) -> result<> {
    if (!compiled) return compiled.error();
    programs_.emplace(program, Entry{*environment, std::move(*compiled)});
    return {};
  };
  if (form == WEFT_EXPRESSION_BARE) return keep(expr::compile(text, *environment));
  if (form == WEFT_EXPRESSION_TEMPLATE) return keep(expr::compile_template(text, *environment));
  if (form != WEFT_EXPRESSION_JSON) return invalid("a text of an unknown form");
  const auto source = parse_json(text);
  if (!source) return source.error();
  // The JSON was made from something else: a pointer says more than a line of it.
  const auto position = [](std::string_view pointer) {
    return SourcePosition{std::string(pointer), 1, 1};
  };
  return keep(expr::compile_json(*source, *environment, position));
}

result<> ExpressionTable::bind(weft_id scope, std::string_view name, std::string_view value) {
  auto parsed = parse_json(value);
  if (!parsed) return parsed.error();
  Variable made{std::move(*parsed), {}};
  made.value = expr::from_json(made.json);
  const std::lock_guard lock(mutex_);
  scopes_[scope].insert_or_assign(std::string(name), std::move(made));
  return {};
}

result<std::string> ExpressionTable::evaluate(weft_id program, weft_id scope) const {
  const std::lock_guard lock(mutex_);
  const auto found = programs_.find(program);
  if (found == programs_.end()) return invalid("no program has this id");
  const auto& [environment, compiled] = found->second;
  expr::Bindings bindings(environment);
  if (const auto values = scopes_.find(scope); values != scopes_.end())
    for (const expr::Variable& variable : environment.variables()) {
      const auto set = values->second.find(variable.name);
      if (set == values->second.end()) continue;
      if (variable.type.is_dyn()) {
        bindings.set(variable.name, set->second.value);
        continue;
      }
      auto typed = expr::from_json(set->second.json, variable.type);
      if (!typed) return std::move(typed.error()).in(variable.name);
      bindings.set(variable.name, std::move(*typed));
    }
  if (const auto* whole = std::get_if<expr::ValueTemplate>(&compiled)) {
    const auto value = whole->evaluate(bindings);
    if (!value) return value.error();
    return json::serialize(*value);
  }
  const auto* bare = std::get_if<expr::Program>(&compiled);
  const auto value =
      bare ? bare->evaluate(bindings) : std::get<expr::Template>(compiled).evaluate(bindings);
  if (!value) return value.error();
  const auto said = expr::to_json(*value);
  if (!said) return said.error();
  return json::serialize(*said);
}

void ExpressionTable::drop(weft_id scope) {
  const std::lock_guard lock(mutex_);
  scopes_.erase(scope);
}

}  // namespace weft::plugin
