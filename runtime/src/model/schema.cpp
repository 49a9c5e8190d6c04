// SPDX-License-Identifier: Apache-2.0
#include "model/schema.hpp"

#include <algorithm>
#include <cmath>

// Without it Valijson ends the process over what it cannot do.
#define VALIJSON_USE_EXCEPTIONS 1
#include <valijson/adapters/boost_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validation_results.hpp>
#include <valijson/validator.hpp>

#include "model/document.hpp"
#include "model/schema_message.hpp"

namespace weft {
namespace {

// std::regex recurses once per character, so a long text would end the process.
constexpr std::size_t pattern_text_bytes_at_most = 4096;

// `format` is about texts only, but the validator applies it to whatever comes, and gives up when
// that is none.
void keep_format_to_texts(json::object& schema) {
  const json::value* format = schema.if_contains("format");
  if (!format || !format->is_string()) return;
  json::value texts_only = {{"if", {{"type", "string"}}}, {"then", {{"format", *format}}}};
  schema.erase("format");
  json::value& all = schema["allOf"];
  if (!all.is_array()) all = json::array();
  all.get_array().push_back(std::move(texts_only));
}

// The schema with weft's own type "artifact" spelled out for a validator that does not know it.
json::value spelled_out(const json::value& schema) {
  if (const auto* array = schema.if_array()) {
    json::array copy;
    for (const json::value& element : *array) copy.push_back(spelled_out(element));
    return copy;
  }
  const json::object* object = schema.if_object();
  if (!object) return schema;
  json::object copy;
  for (const json::key_value_pair& member : *object)
    copy[member.key()] = member.key() == "properties" && member.value().is_object()
                             ? [&] {
                                 json::object all;
                                 for (const auto& one : member.value().get_object())
                                   all[one.key()] = spelled_out(one.value());
                                 return json::value(all);
                               }()
                             : spelled_out(member.value());
  keep_format_to_texts(copy);
  if (const json::value* type = copy.if_contains("type"); type && *type == "artifact") {
    const json::object text{{"type", "string"}};
    copy["type"] = "object";
    copy["required"] = json::array{"$artifact", "media_type", "bytes", "name"};
    copy["properties"] = json::object{{"$artifact", text},
                                      {"media_type", text},
                                      {"bytes", json::object{{"type", "integer"}}},
                                      {"name", text}};
  }
  return copy;
}

bool uses_patterns(const json::value& schema) {
  if (const auto* array = schema.if_array())
    return std::any_of(array->begin(), array->end(), uses_patterns);
  const json::object* object = schema.if_object();
  return object &&
         std::any_of(object->begin(), object->end(), [](const json::key_value_pair& member) {
           return member.key() == "pattern" || member.key() == "format" ||
                  uses_patterns(member.value());
         });
}

void find_long_texts(const json::value& value, const std::string& pointer,
                     std::vector<Violation>& violations) {
  if (const auto* text = value.if_string(); text && text->size() > pattern_text_bytes_at_most)
    violations.push_back({pointer, "pattern", "is too long to be matched against a pattern",
                          "give its schema a maxLength instead, or a shorter text"});
  if (const auto* array = value.if_array())
    for (std::size_t i = 0; i < array->size(); ++i)
      find_long_texts((*array)[i], child_pointer(pointer, std::to_string(i)), violations);
  if (const auto* object = value.if_object())
    for (const json::key_value_pair& member : *object)
      find_long_texts(member.value(), child_pointer(pointer, member.key()), violations);
}

// Valijson's context is {"<root>", "[width]", "[0]"}.
std::string pointer_of(const std::vector<std::string>& context) {
  std::string pointer;
  for (std::size_t i = 1; i < context.size(); ++i)
    pointer = child_pointer(pointer, std::string_view(context[i]).substr(1, context[i].size() - 2));
  return pointer;
}

// A value of a wrong type breaks other rules as well; only the type is worth a word.
void drop_consequences(std::vector<Violation>& violations) {
  std::vector<std::string> wrong_types;
  for (const Violation& violation : violations)
    if (violation.keyword == "type") wrong_types.push_back(violation.pointer);
  std::vector<Violation> kept;
  for (Violation& violation : violations) {
    const auto is_wrong = std::find(wrong_types.begin(), wrong_types.end(), violation.pointer);
    const bool consequence = violation.keyword != "type" && is_wrong != wrong_types.end();
    const bool said = std::any_of(kept.begin(), kept.end(), [&](const Violation& other) {
      return other.pointer == violation.pointer && other.message == violation.message;
    });
    if (!consequence && !said) kept.push_back(std::move(violation));
  }
  violations = std::move(kept);
}

void convert(json::value& value, const json::value& schema) {
  if (auto* array = value.if_array()) {
    if (const json::value* items = find_member(schema, "items"))
      for (json::value& element : *array) convert(element, *items);
  } else if (auto* object = value.if_object()) {
    const json::value* properties = find_member(schema, "properties");
    const json::value* additional = find_member(schema, "additionalProperties");
    for (json::key_value_pair& member : *object) {
      const json::value* part = properties ? find_member(*properties, member.key()) : nullptr;
      if (part || additional) convert(member.value(), part ? *part : *additional);
    }
  } else if (const json::value* type = find_member(schema, "type")) {
    constexpr double exact_below = 9007199254740992.0;  // 2^53
    if (value.is_int64() && *type == "number" &&
        std::abs(static_cast<double>(value.get_int64())) < exact_below)
      value = static_cast<double>(value.get_int64());
    else if (value.is_double() && *type == "integer" &&
             std::abs(value.get_double()) < exact_below &&
             std::trunc(value.get_double()) == value.get_double())
      value = static_cast<std::int64_t>(value.get_double());
  }
}

void put_defaults(json::value& value, const json::value& schema) {
  if (auto* array = value.if_array())
    if (const json::value* items = find_member(schema, "items"))
      for (json::value& element : *array) put_defaults(element, *items);
  const json::value* properties = find_member(schema, "properties");
  if (!properties || !properties->is_object() || !value.is_object()) return;
  for (const auto& [name, part] : properties->get_object()) {
    json::object& object = value.get_object();
    if (!object.contains(name)) {
      const json::value* fallback = find_member(part, "default");
      if (!fallback) continue;
      object[name] = *fallback;
    }
    put_defaults(object[name], part);
  }
}

}  // namespace

struct Schema::Compiled {
  json::value source = json::object{};
  bool patterns = false;
  valijson::Schema rules;
};

Schema::Schema()
    : Schema([] {
        static const std::shared_ptr<const Compiled> anything = std::make_shared<Compiled>();
        return anything;
      }()) {}

Schema::Schema(std::shared_ptr<const Compiled> compiled) : compiled_(std::move(compiled)) {}

result<Schema> Schema::compile(json::value source) {
  if (const auto mistakes = check_schema(source); !mistakes.empty()) {
    const Violation& first = mistakes.front();
    const std::string place = first.pointer.empty()
                                  ? "the schema "
                                  : "in the schema, '" + pointer_to_path(first.pointer) + "' ";
    return invalid(place + first.message, first.remedy);
  }
  auto compiled = std::make_shared<Compiled>();
  try {
    const json::value rules = spelled_out(source);
    const valijson::adapters::BoostJsonAdapter adapter(rules);
    valijson::SchemaParser(valijson::SchemaParser::kDraft7)
        .populateSchema(adapter, compiled->rules);
  } catch (const std::exception& error) {
    return invalid(std::string("not a usable JSON Schema: ") + error.what());
  }
  compiled->patterns = uses_patterns(source);
  compiled->source = std::move(source);
  return Schema(std::move(compiled));
}

std::vector<Violation> Schema::validate(const json::value& value) const {
  std::vector<Violation> violations;
  const json::object* rules = compiled_->source.if_object();
  if (rules && rules->empty()) return violations;  // accepts anything; asked for every task
  if (compiled_->patterns) find_long_texts(value, "", violations);
  if (!violations.empty()) return violations;
  try {
    const valijson::adapters::BoostJsonAdapter adapter(value);
    valijson::Validator validator(valijson::Validator::kStrongTypes);
    // Most fit; what the matter is costs more to find out than whether there is any.
    if (validator.validate(compiled_->rules, adapter, nullptr)) return violations;
    valijson::ValidationResults results;
    validator.validate(compiled_->rules, adapter, &results);
    for (const auto& error : results)
      explain_violation(compiled_->source, value, pointer_of(error.context), error.description,
                        violations);
  } catch (const std::exception& error) {
    violations.push_back({"", "", std::string("cannot be checked: ") + error.what(), ""});
  }
  drop_consequences(violations);
  if (violations.empty()) violations.push_back({"", "", "does not fit its schema", ""});
  return violations;
}

void Schema::convert_numbers(json::value& value) const {
  convert(value, compiled_->source);
}

void Schema::fill_defaults(json::value& value) const {
  put_defaults(value, compiled_->source);
}

const json::value& Schema::source() const noexcept {
  return compiled_->source;
}

const json::value* Schema::part_for(std::string_view pointer) const {
  return schema_part_for(compiled_->source, pointer);
}

}  // namespace weft
