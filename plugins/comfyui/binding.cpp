// SPDX-License-Identifier: Apache-2.0
#include "binding.hpp"

#include <algorithm>

namespace comfyui {
namespace {

using nlohmann::json;

bool is_of_a_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

// The names behind "inputs." in a text.
void collect_names(const std::string& text, const std::string& prefix,
                   std::set<std::string>& names) {
  for (auto at = text.find(prefix); at != std::string::npos; at = text.find(prefix, at + 1)) {
    if (at > 0 && (is_of_a_name(text[at - 1]) || text[at - 1] == '.')) continue;
    auto end = at + prefix.size();
    while (end < text.size() && is_of_a_name(text[end])) ++end;
    names.insert(text.substr(at + prefix.size(), end - at - prefix.size()));
  }
}

json variables_of(const Workflow& workflow, const std::set<std::string>& inputs) {
  json variables = json::object();
  variables["params"] = json::object();  // anything
  if (!workflow.params.is_null()) {
    json properties = json::object();
    const json declared = workflow.params.value("properties", json::object());
    for (const auto& [name, schema] : declared.items())
      properties[name] = weft::nullable_type(schema);
    variables["params"] = weft::closed_type(std::move(properties));
  }
  json given = json::object();
  for (const std::string& name : inputs) given[name] = {{"type", {"string", "null"}}};
  variables["inputs"] = weft::closed_type(std::move(given));
  json attempt = json::object();
  attempt["key"] = {{"type", "string"}};
  attempt["seed"] = {{"type", "integer"}};
  variables["attempt"] = weft::closed_type(std::move(attempt));
  return variables;
}

}  // namespace

Binding::Binding(const Workflow& workflow, weft::expressions& language)
    : file_(workflow.file.string()) {
  std::string all = workflow.when + "\n";
  for (const auto& [place, value] : workflow.bind) all += value.dump() + "\n";
  collect_names(all, "inputs.", inputs_);
  collect_names(all, "params.", params_);
  const json variables = variables_of(workflow, inputs_);
  const auto compiled = [&](const std::string& where, auto compile) {
    try {
      return compile();
    } catch (const weft::error& mistake) {
      throw weft::error(mistake.status(), file_ + ": " + where + ": " + mistake.what());
    }
  };
  if (!workflow.when.empty())
    when_ = compiled("when", [&] { return language.compile(workflow.when, variables); });
  for (const auto& [place, value] : workflow.bind)
    values_.emplace_back(place, compiled("bind '" + place + "'",
                                         [&] { return language.compile_json(value, variables); }));
  const json declared = workflow.params.is_object()
                            ? workflow.params.value("properties", json::object())
                            : json::object();
  for (const auto& [name, schema] : declared.items()) {
    const bool is_used =
        params_.contains(name) || (name == "seed" && all.find("attempt.seed") != std::string::npos);
    if (!is_used && !workflow.ignored.contains(name))
      throw weft::error(WEFT_BAD_INPUT, file_ + ": nothing uses the param '" + name +
                                            "'; bind it, or list it under `ignored`");
    params_.insert(name);
  }
}

json Binding::params_of(const json& given) const {
  json all = given;
  for (const std::string& name : params_)
    if (!all.contains(name)) all[name] = nullptr;
  return all;
}

bool Binding::applies(const weft::expression_scope& scope) const {
  return !when_ || scope.evaluate(when_) == true;
}

void Binding::fill(json& graph, const weft::expression_scope& scope) const {
  for (const auto& [place, program] : values_) {
    try {
      json value = scope.evaluate(program);
      if (!value.is_null()) bound_place(graph, place) = std::move(value);
    } catch (const weft::error& failure) {
      throw weft::error(failure.status(), file_ + ": bind '" + place + "': " + failure.what());
    }
  }
}

}  // namespace comfyui
