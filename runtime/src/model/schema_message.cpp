// SPDX-License-Identifier: Apache-2.0
#include "model/schema_message.hpp"

#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "model/table_reader.hpp"

namespace weft {
namespace {

std::string show(const json::value& value) {
  return value.is_string() ? "'" + excerpt(value.get_string(), 60) + "'"
                           : excerpt(canonical(value), 60);
}

std::string join(const std::vector<std::string>& words, std::string_view last) {
  std::string text;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i > 0) text += i + 1 == words.size() ? std::string(last) : ", ";
    text += words[i];
  }
  return text;
}

std::string type_in_words(std::string_view type) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 8> words{
      {{"integer", "an integer"},
       {"number", "a number"},
       {"string", "a text"},
       {"boolean", "true or false"},
       {"array", "an array"},
       {"object", "a table"},
       {"null", "null"},
       {"artifact", "an artifact"}}};
  for (const auto& [name, text] : words)
    if (name == type) return std::string(text);
  return "of another type";
}

std::string wanted_type(const json::value& part) {
  const json::value* type = find_member(part, "type");
  if (type && type->is_string()) return type_in_words(type->get_string());
  std::vector<std::string> all;
  if (type && type->is_array())
    for (const json::value& one : type->get_array())
      if (one.is_string()) all.push_back(type_in_words(one.get_string()));
  return all.empty() ? "of another type" : join(all, " or ");
}

void explain_type(const json::value& part, const json::value& value, Violation violation,
                  std::vector<Violation>& violations) {
  violation.keyword = "type";
  violation.message = "must be " + wanted_type(part) + ", not " + std::string(kind_of(value));
  violations.push_back(std::move(violation));
}

void explain_enum(const json::value& part, const json::value& value, Violation violation,
                  std::vector<Violation>& violations) {
  std::vector<std::string> words, shown;
  if (const json::value* values = find_member(part, "enum"); values && values->is_array())
    for (const json::value& one : values->get_array()) {
      shown.push_back(show(one));
      if (one.is_string()) words.emplace_back(one.get_string());
    }
  violation.keyword = "enum";
  violation.message = "must be one of " + join(shown, ", ") + ", not " + show(value);
  if (value.is_string())
    if (const std::string near = nearest(value.get_string(), words); !near.empty())
      violation.remedy = "did you mean '" + near + "'?";
  violations.push_back(std::move(violation));
}

// Valijson names the first unknown member; people want all of them.
void explain_additional(const json::value& part, const json::value& value,
                        const Violation& violation, std::vector<Violation>& violations) {
  const json::value* properties = find_member(part, "properties");
  std::vector<std::string> absent;
  if (properties && properties->is_object())
    for (const json::key_value_pair& property : properties->get_object())
      if (!find_member(value, property.key())) absent.emplace_back(property.key());
  if (!value.is_object()) return;
  for (const json::key_value_pair& member : value.get_object())
    if (!properties || !find_member(*properties, member.key()))
      violations.push_back({child_pointer(violation.pointer, member.key()), "additionalProperties",
                            "is not allowed here", suggest(member.key(), absent)});
}

// "needs one of 'factor', 'width', 'height'" for an anyOf that only asks which members are there.
bool explain_choice_of_members(const json::value& part, Violation violation,
                               std::vector<Violation>& violations) {
  const json::value* choices = find_member(part, "anyOf");
  if (!choices || !choices->is_array()) return false;
  std::vector<std::string> names;
  for (const json::value& choice : choices->get_array()) {
    const json::value* required = find_member(choice, "required");
    if (!required || choice.get_object().size() != 1 || !required->is_array() ||
        required->get_array().size() != 1)
      return false;
    names.push_back(show(required->get_array().front()));
  }
  violation.keyword = "required";
  violation.message = "needs one of " + join(names, ", ");
  violations.push_back(std::move(violation));
  return true;
}

void explain_missing(const json::value& part, std::string_view description, Violation violation,
                     std::vector<Violation>& violations) {
  const std::size_t begin = description.find('\'') + 1;
  const std::string name(description.substr(begin, description.rfind('\'') - begin));
  const json::value* required = find_member(part, "required");
  const json::array* names = required ? required->if_array() : nullptr;
  const bool own =
      names && std::find(names->begin(), names->end(), json::value(name)) != names->end();
  if (!own && explain_choice_of_members(part, violation, violations)) return;
  violation.keyword = "required";
  violation.message = "has no '" + name + "'";
  violations.push_back(std::move(violation));
}

struct Bound {
  std::string_view description;  // how Valijson's begins
  std::string_view keyword;
  std::string_view message;  // before the value of the keyword
  std::string_view unit;     // after it
};
// The longer beginnings stand before the shorter ones.
constexpr std::array<Bound, 12> bounds{{
    {"Expected number less than or equal", "maximum", "must be at most ", ""},
    {"Expected number less than", "exclusiveMaximum", "must be less than ", ""},
    {"Expected number greater than or equal", "minimum", "must be at least ", ""},
    {"Expected number greater than", "exclusiveMinimum", "must be more than ", ""},
    {"Array should contain no more", "maxItems", "must have at most ", " elements"},
    {"Array should contain no fewer", "minItems", "must have at least ", " elements"},
    {"String should be no more", "maxLength", "must have at most ", " characters"},
    {"String should be no fewer", "minLength", "must have at least ", " characters"},
    {"Object should have no more", "maxProperties", "must have at most ", " members"},
    {"Object should have no fewer", "minProperties", "must have at least ", " members"},
    {"Value should be a multiple", "multipleOf", "must be a multiple of ", ""},
    {"Failed to match regex", "pattern", "must match the pattern ", ""},
}};

bool explain_bound(const json::value& part, std::string_view description, Violation violation,
                   std::vector<Violation>& violations) {
  for (const Bound& bound : bounds) {
    if (!description.starts_with(bound.description)) continue;
    const json::value* limit = find_member(part, bound.keyword);
    if (!limit) return false;
    violation.keyword = bound.keyword;
    violation.message = std::string(bound.message) + show(*limit) + std::string(bound.unit);
    if (bound.keyword == "minLength" && *limit == 1) violation.message = "must not be empty";
    violations.push_back(std::move(violation));
    return true;
  }
  return false;
}

// These say again that a part is wrong of which another report tells more.
bool is_repetition(std::string_view description) {
  for (const std::string_view begin :
       {"Failed to validate item", "Failed to validate against child",
        "Failed to validate against additional", "Failed to validate against schema associated",
        "Failed to validate against dependent schema"})
    if (description.starts_with(begin)) return true;
  return false;
}

// What has no better words.
void explain_otherwise(std::string_view description, Violation violation,
                       std::vector<Violation>& violations) {
  constexpr std::array<std::array<std::string_view, 3>, 8> known{{
      {"Failed to validate against any", "anyOf", "fits none of the forms that are allowed here"},
      {"Failed to validate against exactly", "oneOf",
       "fits more than one of the forms of which it must be one"},
      {"Failed to validate against a cond", "if", "does not fit what its other members ask for"},
      {"Failed to match expected value", "const", "is not the one value that is allowed here"},
      {"Failed to any values", "contains", "lacks an element of the form asked for"},
      {"Elements at indexes", "uniqueItems", "must not have an element twice"},
      {"Target should not", "not", "has a form that is not allowed here"},
      {"Missing dependency", "dependencies", "lacks a member that another of its members asks for"},
  }};
  violation.message = "does not fit its schema: " + std::string(description);
  for (const auto& [begin, keyword, message] : known)
    if (description.starts_with(begin)) violation.keyword = keyword, violation.message = message;
  violations.push_back(std::move(violation));
}

}  // namespace

const json::value* schema_part_for(const json::value& schema, std::string_view pointer) {
  const json::value* part = &schema;
  for (const std::string& step : split_pointer(pointer)) {
    const json::value* next = nullptr;
    if (const json::value* properties = find_member(*part, "properties"))
      next = find_member(*properties, step);
    if (!next) next = find_member(*part, "additionalProperties");
    if (const json::value* items = find_member(*part, "items")) next = items;
    if (!next || !next->is_object()) return nullptr;
    part = next;
  }
  return part;
}

void explain_violation(const json::value& schema, const json::value& value,
                       std::string_view pointer, std::string_view description,
                       std::vector<Violation>& violations) {
  if (is_repetition(description)) return;
  const json::value* found = value_at(value, pointer);
  const json::value* part = schema_part_for(schema, pointer);
  Violation violation{std::string(pointer), {}, {}, {}};
  if (!found || !part) return explain_otherwise(description, std::move(violation), violations);
  if (description.starts_with("Value type not permitted") && find_member(*part, "type"))
    return explain_type(*part, *found, std::move(violation), violations);
  if (description.starts_with("Failed to match against any enum") && find_member(*part, "enum"))
    return explain_enum(*part, *found, std::move(violation), violations);
  if (description.starts_with("Object contains a property"))
    return explain_additional(*part, *found, violation, violations);
  if (description.starts_with("Missing required property"))
    return explain_missing(*part, description, std::move(violation), violations);
  if (explain_bound(*part, description, violation, violations)) return;
  if (description.starts_with("Failed to validate against any") &&
      explain_choice_of_members(*part, violation, violations))
    return;
  explain_otherwise(description, std::move(violation), violations);
}

}  // namespace weft
