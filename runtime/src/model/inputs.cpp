// SPDX-License-Identifier: Apache-2.0
#include "model/inputs.hpp"

#include <algorithm>
#include <vector>

#include "base/text.hpp"
#include "model/document.hpp"

namespace weft {
namespace {

// Does the schema say so: `type` is it, or lists it?
bool allows_type(const json::value& schema, std::string_view name) {
  const json::value* type = find_member(schema, "type");
  if (!type) return false;
  if (type->is_string()) return type->get_string() == name;
  const auto is_it = [&](const json::value& one) {
    return one.is_string() && one.get_string() == name;
  };
  return type->is_array() && std::ranges::any_of(type->get_array(), is_it);
}

// An enumeration of texts needs no type to say what it takes.
bool lists_texts(const json::value& schema) {
  const json::value* values = find_member(schema, "enum");
  return values && values->is_array() &&
         std::ranges::all_of(values->get_array(), &json::value::is_string);
}

std::string option_for(const InputDeclaration& declaration) {
  const std::string& name = declaration.name;
  const json::value& schema = declaration.schema.source();
  if (declaration.artifact) return "-i " + name + "=@FILE";
  if (allows_type(schema, "string")) return "-i " + name + "=TEXT";
  if (allows_type(schema, "integer")) return "-i " + name + "=7";
  if (allows_type(schema, "number")) return "-i " + name + "=0.5";
  if (allows_type(schema, "boolean")) return "-i " + name + "=true or -i " + name + "=false";
  if (const json::value* items = find_member(schema, "items");
      items && allows_type(*items, "artifact"))
    return "-i " + name + "=@FILE, once for each file";
  if (allows_type(schema, "array"))
    return "-i '" + name + "=[…]' in JSON, or -i " + name + "=@FILE.json";
  if (allows_type(schema, "object"))
    return "-i '" + name + "={…}' in JSON, or -i " + name + "=@FILE.json";
  return "-i " + name + "=VALUE";
}

void check_input(const InputDeclaration& declaration, json::value& value,
                 std::vector<Diagnostic>& mistakes) {
  declaration.schema.fill_defaults(value);
  declaration.schema.convert_numbers(value);
  for (const Violation& violation : declaration.schema.validate(value)) {
    const std::string path = pointer_to_path(violation.pointer);
    const std::string place = path.empty() || path.front() == '[' ? path : "." + path;
    const bool wrong_type = path.empty() && violation.keyword == "type";
    mistakes.push_back({{},
                        "input '" + declaration.name + place + "' " + violation.message,
                        wrong_type ? "write " + option_for(declaration) : violation.remedy,
                        false});
  }
}

// The most helpful about a name that is not an input: the one that was meant, and all there are.
std::string remedy_for_unknown(std::string_view name, const std::vector<std::string>& absent,
                               const std::vector<std::string>& names) {
  if (names.empty()) return "it takes no inputs";
  const std::string meant = nearest(name, absent.empty() ? names : absent);
  std::string list;
  for (const std::string& known : names) list += (list.empty() ? "" : ", ") + known;
  return (meant.empty() ? "" : "did you mean '" + meant + "'? ") + "its inputs: " + list;
}

}  // namespace

json::value input_from_text(const InputDeclaration& declaration, std::string_view text) {
  const json::value& schema = declaration.schema.source();
  if (allows_type(schema, "string") || lists_texts(schema)) return json::value(text);
  auto value = parse_json(text);
  return value ? std::move(*value) : json::value(text);
}

result<json::object> complete_inputs(const Pipeline& pipeline, json::object given) {
  std::vector<Diagnostic> mistakes;
  std::vector<std::string> absent, names;
  for (const InputDeclaration& declaration : pipeline.inputs) {
    names.push_back(declaration.name);
    if (json::value* value = given.if_contains(declaration.name)) {
      check_input(declaration, *value, mistakes);
    } else if (declaration.default_value) {
      given[declaration.name] = *declaration.default_value;
    } else {
      mistakes.push_back({{},
                          "input '" + declaration.name + "' is missing",
                          "give it: " + option_for(declaration),
                          false});
      absent.push_back(declaration.name);
    }
  }
  for (const json::key_value_pair& member : given) {
    if (std::ranges::find(names, std::string_view(member.key())) != names.end()) continue;
    mistakes.push_back({{},
                        "'" + pipeline.name + "' has no input '" + excerpt(member.key(), 60) + "'",
                        remedy_for_unknown(member.key(), absent, names),
                        false});
  }
  if (!mistakes.empty())
    return invalid("the inputs of '" + pipeline.name + "'", std::move(mistakes));
  return given;
}

}  // namespace weft
