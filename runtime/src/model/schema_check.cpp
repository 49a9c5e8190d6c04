// SPDX-License-Identifier: Apache-2.0
// Is this a schema? JSON Schema itself ignores what it does not know; here an inert key is a
// mistake.
#include <algorithm>
#include <regex>

#include "base/text.hpp"
#include "expr/regex.hpp"
#include "model/document.hpp"
#include "model/schema.hpp"
#include "model/table_reader.hpp"

namespace weft {
namespace {

enum class Form {
  any,
  text,
  flag,
  number,
  divisor,
  count,
  list,
  names,
  pattern,
  schema,
  schemas,
  items,
  map,
  patterns,
  dependencies,
  types
};

struct Keyword {
  std::string name;
  Form form;
};

// Of draft-07, what the validator acts upon, and what describes.
const std::vector<Keyword>& keywords() {
  static const std::vector<Keyword> all{
      {"$schema", Form::text},
      {"$id", Form::text},
      {"$comment", Form::text},
      {"title", Form::text},
      {"description", Form::text},
      {"default", Form::any},
      {"examples", Form::list},
      {"type", Form::types},
      {"enum", Form::list},
      {"const", Form::any},
      {"minimum", Form::number},
      {"maximum", Form::number},
      {"exclusiveMinimum", Form::number},
      {"exclusiveMaximum", Form::number},
      {"multipleOf", Form::divisor},
      {"minLength", Form::count},
      {"maxLength", Form::count},
      {"pattern", Form::pattern},
      {"format", Form::text},
      {"items", Form::items},
      {"additionalItems", Form::schema},
      {"minItems", Form::count},
      {"maxItems", Form::count},
      {"uniqueItems", Form::flag},
      {"contains", Form::schema},
      {"properties", Form::map},
      {"required", Form::names},
      {"additionalProperties", Form::schema},
      {"patternProperties", Form::patterns},
      {"propertyNames", Form::schema},
      {"minProperties", Form::count},
      {"maxProperties", Form::count},
      {"dependencies", Form::dependencies},
      {"allOf", Form::schemas},
      {"anyOf", Form::schemas},
      {"oneOf", Form::schemas},
      {"not", Form::schema},
      {"if", Form::schema},
      {"then", Form::schema},
      {"else", Form::schema},
  };
  return all;
}

const std::vector<std::string>& type_names() {
  static const std::vector<std::string> all{"string", "integer", "number",   "boolean",
                                            "array",  "object",  "artifact", "null"};
  return all;
}

// Whether a number that a pattern may count by ("{n}", "{n,m}", "\\n") is above 1000.
bool has_large_count(std::string_view pattern) {
  constexpr int count_at_most = 1000;
  int number = 0;
  char counts = 0;  // '{' or '\\': what comes may be a number that counts
  for (const char c : pattern) {
    const bool digit = c >= '0' && c <= '9';
    if (counts && digit && (number = number * 10 + (c - '0')) > count_at_most) return true;
    if (digit) continue;
    if (c == '{' || c == '\\')
      counts = c;
    else if (c != ',' || counts != '{')
      counts = 0;
    number = 0;
  }
  return false;
}

class SchemaChecker {
 public:
  std::vector<Violation> take() { return std::move(violations_); }

  void check(const json::value& schema, const std::string& pointer) {
    if (schema.is_bool()) return;
    if (!schema.is_object())
      return wrong(pointer, "must be a schema: a table such as { type = \"integer\" }");
    for (const json::key_value_pair& member : schema.get_object()) {
      const std::string at = child_pointer(pointer, member.key());
      const auto& all = keywords();
      const auto keyword = std::find_if(
          all.begin(), all.end(), [&](const Keyword& one) { return one.name == member.key(); });
      if (keyword == all.end())
        wrong(at, "is no keyword of JSON Schema", suggest_keyword(member.key()));
      else
        check_form(keyword->form, member.value(), at);
    }
  }

 private:
  void wrong(const std::string& pointer, std::string message, std::string remedy = {}) {
    violations_.push_back({pointer, {}, std::move(message), std::move(remedy)});
  }
  static std::string suggest_keyword(std::string_view word) {
    std::vector<std::string> names;
    for (const Keyword& keyword : keywords()) names.push_back(keyword.name);
    const std::string near = nearest(word, names);
    return near.empty() ? "see JSON Schema draft-07 for what may stand here"
                        : "did you mean '" + near + "'?";
  }
  void expect(bool holds, const std::string& pointer, std::string_view wanted,
              const json::value& found) {
    if (!holds)
      wrong(pointer, "must be " + std::string(wanted) + ", not " + std::string(kind_of(found)));
  }

  void check_form(Form form, const json::value& value, const std::string& pointer) {
    switch (form) {
      case Form::any:
        return;
      case Form::text:
        return expect(value.is_string(), pointer, "a text", value);
      case Form::flag:
        return expect(value.is_bool(), pointer, "true or false", value);
      case Form::number:
        return expect(value.is_number(), pointer, "a number", value);
      case Form::divisor:
        return expect(value.is_number() && value.to_number<double>() > 0, pointer,
                      "a number above 0", value);
      case Form::count:
        return expect(value.is_int64() && value.get_int64() >= 0, pointer,
                      "a whole number from 0 on", value);
      case Form::list:
        return expect(value.is_array() && !value.get_array().empty(), pointer,
                      "a list that is not empty", value);
      case Form::names:
        return check_names(value, pointer);
      case Form::pattern:
        return check_pattern(value, pointer);
      case Form::schema:
        return check(value, pointer);
      case Form::items:
        return value.is_array() ? check_all(value, pointer) : check(value, pointer);
      case Form::schemas:
        return check_all(value, pointer);
      case Form::map:
        return check_map(value, pointer);
      case Form::patterns:
        return check_patterns(value, pointer);
      case Form::dependencies:
        return check_dependencies(value, pointer);
      case Form::types:
        return check_types(value, pointer);
    }
  }

  void check_all(const json::value& value, const std::string& pointer) {
    if (!value.is_array() || value.get_array().empty())
      return expect(false, pointer, "a list of schemas that is not empty", value);
    for (std::size_t i = 0; i < value.get_array().size(); ++i)
      check(value.get_array()[i], child_pointer(pointer, std::to_string(i)));
  }
  void check_map(const json::value& value, const std::string& pointer) {
    if (!value.is_object()) return expect(false, pointer, "a table of schemas", value);
    for (const json::key_value_pair& member : value.get_object())
      check(member.value(), child_pointer(pointer, member.key()));
  }
  void check_dependencies(const json::value& value, const std::string& pointer) {
    if (!value.is_object()) return expect(false, pointer, "a table", value);
    for (const json::key_value_pair& member : value.get_object()) {
      const std::string at = child_pointer(pointer, member.key());
      member.value().is_array() ? check_names(member.value(), at) : check(member.value(), at);
    }
  }
  void check_names(const json::value& value, const std::string& pointer) {
    const bool names =
        value.is_array() && std::all_of(value.get_array().begin(), value.get_array().end(),
                                        [](const json::value& one) { return one.is_string(); });
    expect(names, pointer, "a list of names", value);
  }
  void check_patterns(const json::value& value, const std::string& pointer) {
    check_map(value, pointer);
    if (!value.is_object()) return;
    for (const json::key_value_pair& member : value.get_object())
      check_pattern(member.key(), child_pointer(pointer, member.key()));
  }
  void check_pattern(const json::value& value, const std::string& pointer) {
    if (!value.is_string()) return expect(false, pointer, "a text", value);
    // The validator's engine takes more than is good for it: with "a.*+++" it never ends. RE2
    // knows.
    if (const expr::Regex strict(value.get_string()); !strict.ok())
      return wrong(pointer, "is no regular expression: " + strict.error(),
                   "write one as ECMAScript has them, without look-around, back-references and "
                   "repeated repetitions");
    // What RE2 takes as letters, the engine reads as a number, and does not look for its size.
    if (has_large_count(value.get_string()))
      return wrong(pointer, "counts beyond 1000",
                   "write a smaller number, or minLength and maxLength beside the pattern");
    try {
      const std::regex compiled(value.get_string().c_str());
    } catch (const std::regex_error&) {
      wrong(pointer, "is no regular expression", "write one as ECMAScript has them");
    }
  }
  void check_type(const json::value& value, const std::string& pointer) {
    if (!value.is_string()) return expect(false, pointer, "the name of a type", value);
    const auto& all = type_names();
    if (std::find(all.begin(), all.end(), std::string_view(value.get_string())) == all.end())
      wrong(pointer, "names no type: '" + excerpt(value.get_string(), 60) + "'",
            suggest(value.get_string(), all));
  }
  void check_types(const json::value& value, const std::string& pointer) {
    if (!value.is_array()) return check_type(value, pointer);
    for (std::size_t i = 0; i < value.get_array().size(); ++i)
      check_type(value.get_array()[i], child_pointer(pointer, std::to_string(i)));
  }

  std::vector<Violation> violations_;
};

}  // namespace

std::vector<Violation> check_schema(const json::value& schema) {
  SchemaChecker checker;
  checker.check(schema, "");
  return checker.take();
}

}  // namespace weft
