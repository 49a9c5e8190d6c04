// SPDX-License-Identifier: Apache-2.0
#include "model/inputs.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "model/artifact.hpp"
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

using WrittenAt = std::function<SourcePosition(const std::string&)>;

void check_input(const InputDeclaration& declaration, json::value& value,
                 const WrittenAt& written_at, std::vector<Diagnostic>& mistakes) {
  const SourcePosition position = written_at ? written_at(declaration.name) : SourcePosition{};
  declaration.schema.fill_defaults(value);
  declaration.schema.convert_numbers(value);
  for (const Violation& violation : declaration.schema.validate(value)) {
    const std::string path = pointer_to_path(violation.pointer);
    const std::string place = path.empty() || path.front() == '[' ? path : "." + path;
    const bool wrong_type = !written_at && path.empty() && violation.keyword == "type";
    mistakes.push_back({position, "input '" + declaration.name + place + "' " + violation.message,
                        wrong_type ? "write " + option_for(declaration) : violation.remedy, false});
  }
  const auto artifact = artifact_from_json(value);
  if (artifact && !declaration.media_type.empty() &&
      !media_type_fits(artifact->media_type, declaration.media_type))
    mistakes.push_back({position,
                        "input '" + declaration.name + "' takes " + declaration.media_type +
                            ", and this is " + artifact->media_type,
                        "give a file that is " + declaration.media_type, false});
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

json::object input_form(const InputDeclaration& declaration) {
  json::object form = declaration.schema.source().get_object();
  if (declaration.default_value) form["default"] = *declaration.default_value;
  if (!declaration.media_type.empty()) form["media_type"] = declaration.media_type;
  return form;
}

InputDeclaration input_from_form(const std::string& name, json::object form) {
  InputDeclaration declaration;
  declaration.name = name;
  declaration.artifact = allows_type(form, "artifact");
  if (const json::value* value = form.if_contains("default")) declaration.default_value = *value;
  if (const json::value* type = form.if_contains("media_type"); type && type->is_string())
    declaration.media_type = std::string(type->get_string());
  form.erase("default");
  form.erase("media_type");
  if (auto schema = Schema::compile(std::move(form))) declaration.schema = *std::move(schema);
  return declaration;
}

json::value input_from_text(const InputDeclaration& declaration, std::string_view text) {
  const json::value& schema = declaration.schema.source();
  if (allows_type(schema, "string") || lists_texts(schema)) return json::value(text);
  auto value = parse_json(text);
  return value ? std::move(*value) : json::value(text);
}

result<json::object> complete_inputs(const std::string& whose,
                                     const std::vector<InputDeclaration>& declarations,
                                     json::object given, const WrittenAt& written_at) {
  std::vector<Diagnostic> mistakes;
  std::vector<std::string> absent, names;
  for (const InputDeclaration& declaration : declarations) {
    names.push_back(declaration.name);
    if (json::value* value = given.if_contains(declaration.name)) {
      check_input(declaration, *value, written_at, mistakes);
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
                        whose + " has no input '" + excerpt(member.key(), 60) + "'",
                        remedy_for_unknown(member.key(), absent, names),
                        false});
  }
  if (!mistakes.empty()) return invalid("the inputs of " + whose, std::move(mistakes));
  return given;
}

}  // namespace weft
