// SPDX-License-Identifier: Apache-2.0
#include "plan/pipeline_template.hpp"

#include <algorithm>
#include <array>
#include <boost/json/serialize.hpp>
#include <charconv>

#include "base/text.hpp"
#include "model/inputs.hpp"
#include "model/table_reader.hpp"

namespace weft {
namespace {

constexpr std::string_view opening = "{{";
constexpr std::string_view closing = "}}";

// The text with each {{name}} replaced by what `value_of` answers.
template <class ValueOf>
std::string replace_holes(std::string_view text, const ValueOf& value_of) {
  std::string out;
  std::size_t at = 0;
  for (std::size_t begin = text.find(opening); begin != text.npos; begin = text.find(opening, at)) {
    const std::size_t end = text.find(closing, begin);
    if (end == text.npos) break;
    out += text.substr(at, begin - at);
    out += value_of(text.substr(begin + opening.size(), end - begin - opening.size()));
    at = end + closing.size();
  }
  return out + std::string(text.substr(at));
}

// JSON is TOML but for tables; TOML takes no DEL in a text.
std::string toml_of(const json::value& value) {
  std::string text;
  if (value.is_array()) {
    for (const json::value& element : value.get_array())
      text += (text.empty() ? "" : ", ") + toml_of(element);
    return "[" + text + "]";
  }
  if (value.is_object()) {
    for (const json::key_value_pair& member : value.get_object())
      text += (text.empty() ? "" : ", ") + json::serialize(json::string(member.key())) + " = " +
              toml_of(member.value());
    return "{ " + text + " }";
  }
  if (value.is_double()) {  // JSON writes 5E-1 for 0.5, which nobody would
    std::array<char, 32> digits{};
    const auto end = std::to_chars(digits.begin(), digits.end(), value.get_double()).ptr;
    return std::string(digits.begin(), end);
  }
  for (const char c : json::serialize(value)) text += c == '\x7f' ? "\\u007f" : std::string(1, c);
  return text;
}

void read_param(const Document& document, const std::string& pointer, const json::value& written,
                InputDeclaration& param, Mistakes& mistakes) {
  const std::string what = "param '" + param.name + "'";
  const std::vector<Violation> violations = check_schema(written);
  for (const Violation& violation : violations)
    mistakes.add(document.key_position(pointer + violation.pointer),
                 what + ": " + violation.message, violation.remedy);
  if (!violations.empty() || !written.is_object()) return;
  json::object schema = written.get_object();
  if (const json::value* value = schema.if_contains("default")) param.default_value = *value;
  schema.erase("default");
  auto compiled = Schema::compile(schema);
  if (!compiled) return mistakes.add(param.position, what + ": " + compiled.error().message);
  param.schema = std::move(*compiled);
  if (!param.default_value) return;
  for (const Violation& violation : param.schema.validate(*param.default_value))
    mistakes.add(document.value_position(pointer + "/default"),
                 "the default of " + what + " " + violation.message, violation.remedy);
}

std::vector<std::string> names_of(const std::vector<InputDeclaration>& params) {
  std::vector<std::string> names;
  for (const InputDeclaration& param : params) names.push_back(param.name);
  return names;
}

// Every hole has a param, and every param a hole.
void check_holes(const TableReader& root, const PipelineTemplate& read, Mistakes& mistakes) {
  const std::vector<std::string> names = names_of(read.params);
  std::vector<std::string> used;
  replace_holes(read.definition, [&](std::string_view name) {
    used.emplace_back(name);
    if (std::ranges::find(names, name) == names.end())
      mistakes.add(root.value_position("definition"),
                   "no param stands for '{{" + excerpt(name, 60) + "}}'", suggest(name, names));
    return std::string();
  });
  for (const InputDeclaration& param : read.params)
    if (std::ranges::find(used, param.name) == used.end())
      mistakes.add(param.position, "the definition does not use param '" + param.name + "'",
                   "write {{" + param.name + "}} in it, or leave the param out");
}

std::string way_to_give(const InputDeclaration& param) {
  const json::value* type = find_member(param.schema.source(), "type");
  const bool text = !type || *type == "string";
  const json::value* about = find_member(param.schema.source(), "description");
  return "give it: -p " + param.name + (text ? "=TEXT" : "=VALUE, in JSON") +
         (about && about->is_string() ? "; it is " + std::string(about->get_string()) : "");
}

}  // namespace

result<PipelineTemplate> read_template(std::string_view text, const std::string& file,
                                       std::string name) {
  const auto document = Document::from_toml(text, file);
  if (!document) return document.error();
  Mistakes mistakes;
  TableReader root(*document, "", "a template", mistakes);
  PipelineTemplate read;
  read.name = std::move(name);
  root.require("description", "say what it makes: description = \"…\"");
  if (const json::string* description = root.text("description"))
    read.description = std::string(*description);
  root.require("definition", "give it the text of a definition: definition = '''…'''");
  if (const json::string* definition = root.text("definition"))
    read.definition = std::string(*definition);
  if (const json::object* params = root.object("params"))
    for (const json::key_value_pair& member : *params) {
      const std::string pointer = child_pointer("/params", member.key());
      InputDeclaration& param = read.params.emplace_back();
      param.name = std::string(member.key());
      param.position = document->key_position(pointer);
      check_name(param.name, param.position, mistakes);
      read_param(*document, pointer, member.value(), param, mistakes);
    }
  root.finish();
  check_holes(root, read, mistakes);
  if (mistakes.any()) return invalid(file, mistakes.take());
  return read;
}

result<std::string> fill_template(const PipelineTemplate& from,
                                  const std::map<std::string, std::string>& given) {
  std::vector<Diagnostic> mistakes;
  const auto wrong = [&](std::string message, std::string remedy) {
    mistakes.push_back({{}, std::move(message), std::move(remedy), false});
  };
  std::map<std::string, json::value, std::less<>> values;
  for (const InputDeclaration& param : from.params) {
    const auto written = given.find(param.name);
    if (written == given.end()) {
      if (param.default_value)
        values[param.name] = *param.default_value;
      else
        wrong("param '" + param.name + "' is missing", way_to_give(param));
      continue;
    }
    json::value value = input_from_text(param, written->second);
    param.schema.convert_numbers(value);
    for (const Violation& violation : param.schema.validate(value))
      wrong("param '" + param.name + "' " + violation.message, violation.remedy);
    values[param.name] = std::move(value);
  }
  const std::vector<std::string> names = names_of(from.params);
  for (const auto& [name, text] : given)
    if (std::ranges::find(names, name) == names.end())
      wrong("template '" + from.name + "' has no param '" + excerpt(name, 60) + "'",
            suggest(name, names));
  if (!mistakes.empty())
    return invalid("the params of template '" + from.name + "'", std::move(mistakes));
  return replace_holes(from.definition,
                       [&](std::string_view name) { return toml_of(values.find(name)->second); });
}

}  // namespace weft
