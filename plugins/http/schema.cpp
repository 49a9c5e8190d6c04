// SPDX-License-Identifier: Apache-2.0
#include "schema.hpp"

#include <algorithm>

namespace http_plugin {
namespace {

using nlohmann::json;

bool is_of_type(const json& value, const std::string& type) {
  if (type == "object") return value.is_object();
  if (type == "array") return value.is_array();
  if (type == "string") return value.is_string();
  if (type == "boolean") return value.is_boolean();
  if (type == "null") return value.is_null();
  if (type == "number") return value.is_number();
  if (type == "integer")
    return value.is_number_integer() ||
           (value.is_number() &&
            value.get<double>() == static_cast<double>(value.get<std::int64_t>()));
  return true;
}

double bound(const json& schema, const char* keyword, double otherwise) {
  const auto found = schema.find(keyword);
  return found != schema.end() && found->is_number() ? found->get<double>() : otherwise;
}

std::string misfit_at(const json& value, const json& schema, const std::string& path);

std::string name(const std::string& path) {
  return path.empty() ? "it" : path;
}

std::string type(const json& value, const json& schema, const std::string& path) {
  const auto said = schema.find("type");
  if (said == schema.end()) return "";
  const json types = said->is_array() ? *said : json::array({*said});
  if (std::ranges::any_of(types, [&](const json& one) {
        return one.is_string() && is_of_type(value, one.get<std::string>());
      }))
    return "";
  return name(path) + " must be " + types.dump();
}

std::string choice(const json& value, const json& schema, const std::string& path) {
  if (const auto one = schema.find("const"); one != schema.end() && *one != value)
    return name(path) + " must be " + one->dump();
  if (const auto words = schema.find("enum"); words != schema.end() && words->is_array() &&
                                              std::ranges::find(*words, value) == words->end())
    return name(path) + " must be one of " + words->dump();
  const auto some = schema.find("anyOf");
  if (some == schema.end() || !some->is_array() || some->empty()) return "";
  std::string first;
  for (const json& one : *some) {
    const std::string wrong = misfit_at(value, one, path);
    if (wrong.empty()) return "";
    if (first.empty()) first = wrong;
  }
  return first;
}

std::string size(const json& value, const json& schema, const std::string& path) {
  const auto within = [&](double size, const char* least, const char* most) {
    return size >= bound(schema, least, size) && size <= bound(schema, most, size);
  };
  if (value.is_number() && !within(value.get<double>(), "minimum", "maximum"))
    return name(path) + " is out of its range";
  if (value.is_string() && !within(static_cast<double>(value.get_ref<const std::string&>().size()),
                                   "minLength", "maxLength"))
    return name(path) + " is too short or too long";
  if (value.is_array() && !within(static_cast<double>(value.size()), "minItems", "maxItems"))
    return name(path) + " has too few or too many elements: " + std::to_string(value.size());
  return "";
}

std::string members(const json& value, const json& schema, const std::string& path) {
  if (!value.is_object()) return "";
  const std::string before = path.empty() ? "" : path + ".";
  for (const json& needed : schema.value("required", json::array()))
    if (needed.is_string() && !value.contains(needed.get<std::string>()))
      return before + needed.get<std::string>() + " is missing";
  const json properties = schema.value("properties", json::object());
  const json others = schema.value("additionalProperties", json(true));
  for (const auto& [member, inner] : value.items()) {
    const auto known = properties.find(member);
    if (known == properties.end() && others == false) return before + member + " was not asked for";
    if (std::string wrong =
            misfit_at(inner, known == properties.end() ? others : *known, before + member);
        !wrong.empty())
      return wrong;
  }
  return "";
}

std::string items(const json& value, const json& schema, const std::string& path) {
  const auto form = schema.find("items");
  if (!value.is_array() || form == schema.end()) return "";
  for (std::size_t i = 0; i < value.size(); ++i)
    if (std::string wrong = misfit_at(value[i], *form, path + "[" + std::to_string(i) + "]");
        !wrong.empty())
      return wrong;
  return "";
}

std::string misfit_at(const json& value, const json& schema, const std::string& path) {
  if (!schema.is_object()) return "";
  for (const auto& check : {type, choice, size, members, items})
    if (std::string wrong = check(value, schema, path); !wrong.empty()) return wrong;
  return "";
}

}  // namespace

std::string misfit(const json& value, const json& schema) {
  return misfit_at(value, schema, "");
}

}  // namespace http_plugin
