// SPDX-License-Identifier: Apache-2.0
#include "conformance_case.hpp"

#include <algorithm>
#include <boost/json/parse.hpp>
#include <cmath>
#include <fstream>
#include <sstream>
#include <stdexcept>

namespace weft::test {
namespace {

using expr::Kind;
using expr::Type;
using expr::Value;

std::string read(const std::string& path) {
  std::ifstream file(path);
  if (!file) throw std::runtime_error("cannot read " + path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

// A repeated field of the cases: absent, one object, or a list of them.
std::vector<json::value> repeated(const json::value& owner, std::string_view name) {
  const json::value* field = find_member(owner, name);
  if (!field) return {};
  if (!field->is_array()) return {*field};
  return {field->get_array().begin(), field->get_array().end()};
}

std::string octets_of(const json::value& json) {
  if (json.is_string()) return std::string(json.get_string());
  const std::string hex(json.at("$bytes").as_string());
  std::string octets;
  for (std::size_t i = 0; i < hex.size(); i += 2)
    octets += static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16));
  return octets;
}

Kind type_named(std::string_view name) {
  for (int i = 0; i <= static_cast<int>(Kind::artifact); ++i)
    if (type_name(static_cast<Kind>(i)) == name) return static_cast<Kind>(i);
  throw std::runtime_error("unknown type " + std::string(name));
}

Value value_of(const json::value& typed);

Value map_of(const json::value& json) {
  std::vector<expr::Map::Entry> entries;
  for (const json::value& entry : repeated(json, "entries"))
    entries.push_back({value_of(entry.at("key")), value_of(entry.at("value"))});
  return expr::Map::make(std::move(entries)).value();
}

Value value_of(const json::value& typed) {
  const auto& member = *typed.as_object().begin();
  const std::string_view kind(member.key());
  const json::value& content = member.value();
  if (kind == "null_value") return nullptr;
  if (kind == "bool_value") return content.as_bool();
  if (kind == "int64_value") return content.to_number<std::int64_t>();
  if (kind == "uint64_value") return content.to_number<std::uint64_t>();
  if (kind == "double_value")
    return content.is_string() ? std::stod(std::string(content.get_string()))
                               : content.to_number<double>();
  if (kind == "string_value") return std::string_view(content.as_string());
  if (kind == "bytes_value") return Value::bytes(octets_of(content));
  if (kind == "type_value") return type_named(content.as_string());
  if (kind == "map_value") return map_of(content);
  if (kind != "list_value") throw std::runtime_error("unknown kind of value " + std::string(kind));
  expr::List list;
  for (const json::value& element : repeated(content, "values")) list.push_back(value_of(element));
  return list;
}

Type type_of(const json::value& json) {
  if (const json::value* list = find_member(json, "list_type"))
    return Type::list(type_of(list->at("elem_type")));
  if (const json::value* map = find_member(json, "map_type"))
    return Type::map(type_of(map->at("value_type")));
  const json::value* primitive = find_member(json, "primitive");
  if (!primitive) return {};
  const std::string_view name = primitive->as_string();
  if (name == "BOOL") return Kind::boolean;
  if (name == "INT64") return Kind::integer;
  if (name == "UINT64") return Kind::unsigned_integer;
  if (name == "DOUBLE") return Kind::floating;
  if (name == "STRING") return Kind::string;
  if (name == "BYTES") return Kind::bytes;
  throw std::runtime_error("unknown type " + std::string(name));
}

ConformanceCase case_of(const json::value& json) {
  const auto text = [&](std::string_view name) {
    const json::value* member = find_member(json, name);
    return member ? std::string(member->as_string()) : std::string();
  };
  ConformanceCase one;
  one.file = text("file");
  one.section = text("section");
  one.name = text("name");
  one.text = text("expr");
  one.container = text("container");
  one.check = !find_member(json, "disable_check");
  for (const json::value& declared : repeated(json, "type_env")) {
    const json::value* identifier = find_member(declared, "ident");
    one.variables.push_back({std::string(declared.at("name").as_string()),
                             identifier ? type_of(identifier->at("type")) : Type::dyn()});
  }
  for (const json::value& bound : repeated(json, "bindings"))
    one.bindings.emplace_back(bound.at("key").as_string(), value_of(bound.at("value").at("value")));
  if (const json::value* value = find_member(json, "value"))
    one.expected = value_of(*value);
  else if (!find_member(json, "eval_error"))
    one.expected = Value(true);
  return one;
}

// Equal in value, kind and, for NaN, in not being a number.
bool identical(const Value& a, const Value& b) {
  if (a.kind() != b.kind()) return false;
  if (const double* number = a.if_double())
    return std::isnan(*number)
               ? std::isnan(*b.if_double())
               : *number == *b.if_double() && std::signbit(*number) == std::signbit(*b.if_double());
  if (const expr::List* list = a.if_list()) {
    const expr::List& other = *b.if_list();
    return list->size() == other.size() &&
           std::equal(list->begin(), list->end(), other.begin(), identical);
  }
  return a == b;
}

result<Value> outcome_of(const ConformanceCase& one) {
  if (!one.container.empty()) return failed("containers are not supported");
  std::vector<expr::Variable> variables = one.variables;
  for (const auto& [name, value] : one.bindings) {
    const auto has_name = [&](const expr::Variable& variable) { return variable.name == name; };
    if (std::none_of(variables.begin(), variables.end(), has_name))
      variables.push_back({name, Type::dyn()});
  }
  const expr::Environment environment(variables);
  expr::CompileOptions options;
  options.check = one.check;
  auto program = expr::compile(one.text, environment, options);
  if (!program) return program.error();
  expr::Bindings bindings(environment);
  for (const auto& [name, value] : one.bindings) bindings.set(name, value);
  return program->evaluate(bindings);
}

}  // namespace

const std::vector<ConformanceCase>& conformance_cases() {
  static const std::vector<ConformanceCase> cases = [] {
    std::vector<ConformanceCase> all;
    const json::value json = json::parse(read(std::string(WEFT_TEST_DATA) + "/cel/cel-cases.json"));
    for (const json::value& one : json.as_array()) all.push_back(case_of(one));
    return all;
  }();
  return cases;
}

std::set<std::string> unclaimed_sections() {
  std::istringstream readme(read(WEFT_EXPR_README));
  std::set<std::string> sections;
  bool in_list = false;
  for (std::string line; std::getline(readme, line);) {
    if (line.starts_with("## ")) in_list = line == "## Not claimed";
    if (in_list && line.starts_with("| `")) sections.insert(line.substr(3, line.find('`', 3) - 3));
  }
  return sections;
}

Verdict judge(const ConformanceCase& one) {
  const auto got = outcome_of(one);
  if (!got) return {one.expected ? Outcome::refused : Outcome::right, got.error().to_string()};
  if (!one.expected) return {Outcome::wrong, "an error was expected, got " + to_display(*got)};
  if (identical(*got, *one.expected)) return {Outcome::right, {}};
  return {Outcome::wrong, "expected " + to_display(*one.expected) + ", got " + to_display(*got)};
}

}  // namespace weft::test
