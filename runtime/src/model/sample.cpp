// SPDX-License-Identifier: Apache-2.0
#include "model/sample.hpp"

#include <algorithm>
#include <cmath>

namespace weft {
namespace {

// "" when it says none; the first that is not null of several.
std::string type_of(const json::value& schema) {
  const json::value* type = find_member(schema, "type");
  if (!type) return find_member(schema, "properties") ? "object" : "";
  if (type->is_string()) return std::string(type->get_string());
  if (type->is_array())
    for (const json::value& one : type->get_array())
      if (one.is_string() && one.get_string() != "null") return std::string(one.get_string());
  return "";
}

double number_in(const json::value& schema, const char* keyword, double otherwise) {
  const json::value* found = find_member(schema, keyword);
  return found && found->is_number() ? found->to_number<double>() : otherwise;
}

double least_number(const json::value& schema, double step) {
  double least = number_in(schema, "minimum", NAN);
  const double above = number_in(schema, "exclusiveMinimum", NAN);
  if (std::isnan(least) && !std::isnan(above)) least = above + step;
  if (std::isnan(least))
    least = std::min(1.0, number_in(schema, "maximum",
                                    number_in(schema, "exclusiveMaximum", 1.0 + step) - step));
  const double factor = number_in(schema, "multipleOf", 0);
  return factor > 0 ? std::ceil(least / factor) * factor : least;
}

std::string text_for(const json::value& schema) {
  std::string text = "text";
  const auto least = static_cast<std::size_t>(number_in(schema, "minLength", 0));
  while (text.size() < least) text += " text";
  const double most = number_in(schema, "maxLength", static_cast<double>(text.size()));
  return text.substr(0, static_cast<std::size_t>(most));
}

json::value object_for(const json::value& schema) {
  json::object object;
  if (const json::value* properties = find_member(schema, "properties");
      properties && properties->is_object())
    for (const auto& [name, property] : properties->get_object())
      object[name] = sample_of(property);
  return object;
}

json::value list_for(const json::value& schema) {
  const json::value* items = find_member(schema, "items");
  const auto count = static_cast<std::size_t>(number_in(schema, "minItems", 1));
  return json::array(count, items ? sample_of(*items) : json::value("text"));
}

}  // namespace

json::value sample_of(const json::value& schema) {
  for (const char* keyword : {"const", "default"})
    if (const json::value* given = find_member(schema, keyword)) return *given;
  for (const char* keyword : {"enum", "examples"})
    if (const json::value* given = find_member(schema, keyword);
        given && given->is_array() && !given->get_array().empty())
      return given->get_array().front();
  const std::string type = type_of(schema);
  if (type == "integer") return static_cast<std::int64_t>(std::ceil(least_number(schema, 1)));
  if (type == "number") return least_number(schema, 0.5);
  if (type == "boolean") return true;
  if (type == "array") return list_for(schema);
  if (type == "object") return object_for(schema);
  if (type == "null") return nullptr;
  return json::string(text_for(schema));
}

}  // namespace weft
