// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include "base/text.hpp"
#include "expr/text_forms.hpp"
#include "expr/type.hpp"
#include "expr/value.hpp"

namespace weft::expr {
namespace {

constexpr std::string_view artifact_mark = "$artifact";

std::string text_member(const json::value& object, std::string_view name) {
  const json::value* member = find_member(object, name);
  return member && member->is_string() ? std::string(member->get_string()) : std::string();
}

std::optional<Artifact> artifact_from(const json::value& json) {
  const json::value* mark = find_member(json, artifact_mark);
  if (!mark || !mark->is_string()) return std::nullopt;
  const json::value* bytes = find_member(json, "bytes");
  return Artifact{std::string(mark->get_string()), text_member(json, "media_type"),
                  bytes && bytes->is_int64() ? bytes->get_int64() : 0, text_member(json, "name")};
}

Map map_of(std::vector<Map::Entry> entries) {
  return Map::make(std::move(entries)).value();  // members of a JSON object have different names
}

// Where in a value a mismatch was found, for people: "shots[2].seconds".
std::string below(const std::string& path, std::string_view member) {
  return path.empty() ? std::string(member) : path + "." + std::string(member);
}

Error mismatch(const std::string& path, const json::value& json, const Type& type) {
  return invalid((path.empty() ? "the value" : "'" + path + "'") + " must be " + type.to_string() +
                 ", not " + to_display(from_json(json)));
}

result<Value> number_from(const json::value& json, const Type& type, const std::string& path) {
  if (type.may_be(Kind::integer)) {
    if (json.is_int64()) return Value(json.get_int64());
    const double* number = json.if_double();
    if (number && std::trunc(*number) == *number && *number >= -0x1p63 && *number < 0x1p63)
      return Value(static_cast<std::int64_t>(*number));
    return mismatch(path, json, type);
  }
  if (json.is_double()) return Value(json.get_double());
  constexpr std::int64_t exact = std::int64_t{1} << 53;
  if (json.is_int64() && std::abs(json.get_int64()) <= exact)
    return Value(static_cast<double>(json.get_int64()));
  return mismatch(path, json, type);
}

result<Value> convert(const json::value& json, const Type& type, const std::string& path);

result<Value> list_from(const json::array& array, const Type& type, const std::string& path) {
  List list;
  list.reserve(array.size());
  for (const json::value& element : array) {
    auto value = convert(element, type.element(), path + "[" + std::to_string(list.size()) + "]");
    if (!value) return value.error();
    list.push_back(std::move(*value));
  }
  return Value(std::move(list));
}

result<Value> object_from(const json::object& object, const Type& type, const std::string& path) {
  std::vector<Map::Entry> entries;
  entries.reserve(object.size());
  for (const json::key_value_pair& member : object) {
    const Type::Field* field = type.find_field(member.key());
    auto value =
        convert(member.value(), field ? field->type : type.element(), below(path, member.key()));
    if (!value) return value.error();
    entries.push_back({Value(std::string_view(member.key())), std::move(*value)});
  }
  return Value(map_of(std::move(entries)));
}

result<Value> convert(const json::value& json, const Type& type, const std::string& path) {
  if (type.is_dyn()) return from_json(json);
  if (json.is_null() && type.may_be_null()) return Value();
  if (json.is_number() && (type.may_be(Kind::integer) || type.may_be(Kind::floating)))
    return number_from(json, type, path);
  const Value plain = json.is_structured() ? Value() : from_json(json);
  if (json.is_array() && type.may_be(Kind::list)) return list_from(json.get_array(), type, path);
  if (auto artifact = artifact_from(json); artifact && type.may_be(Kind::artifact))
    return Value(std::move(*artifact));
  if (json.is_object() && type.may_be(Kind::map)) return object_from(json.get_object(), type, path);
  if (!json.is_structured() && type.may_be(plain.kind())) return plain;
  return mismatch(path, json, type);
}

result<json::value> list_to_json(const List& list) {
  json::array array;
  array.reserve(list.size());
  for (const Value& element : list) {
    auto json = to_json(element);
    if (!json) return json.error();
    array.push_back(std::move(*json));
  }
  return json::value(std::move(array));
}

result<json::value> map_to_json(const Map& map) {
  json::object object;
  for (const Map::Entry& entry : map.entries()) {
    const std::string* key = entry.key.if_string();
    if (!key)
      return invalid("the map key " + to_display(entry.key) + " has no JSON form",
                     "write string(key)");
    auto json = to_json(entry.value);
    if (!json) return json.error();
    object.emplace(*key, std::move(*json));
  }
  return json::value(std::move(object));
}

constexpr std::size_t shown_bytes = 100;  // about; what is deeper or farther is cut
constexpr std::size_t shown_text_bytes = 60;
constexpr std::size_t shown_elements = 3;
// A value that only seems small must not fill the memory.
constexpr std::uint64_t json_weight_at_most = 20'000'000;

// Of all but lists and maps.
std::string display_plain(const Value& value) {
  switch (value.kind()) {
    case Kind::null_type:
      return "null";
    case Kind::boolean:
      return *value.if_bool() ? "true" : "false";
    case Kind::integer:
      return std::to_string(*value.if_int());
    case Kind::unsigned_integer:
      return std::to_string(*value.if_uint()) + "u";
    case Kind::floating:
      return format_double(*value.if_double());
    case Kind::string:
      return "'" + excerpt(*value.if_string(), shown_text_bytes) + "'";
    case Kind::bytes:
      return std::to_string(value.if_bytes()->size()) + " bytes";
    case Kind::list:
    case Kind::map:
      break;
    case Kind::timestamp:
      return "timestamp('" + format_timestamp(*value.if_timestamp()) + "')";
    case Kind::duration:
      return "duration('" + format_duration(*value.if_duration()) + "')";
    case Kind::type:
      return std::string(type_name(*value.if_type()));
    case Kind::artifact:
      return "artifact " + value.if_artifact()->sha256.substr(0, 12);
  }
  return {};
}

void display(const Value& value, std::string& out);

void display_list(const List& list, std::string& out) {
  out += '[';
  for (std::size_t i = 0; i < list.size() && i < shown_elements; ++i) {
    if (i) out += ", ";
    display(list[i], out);
  }
  out += list.size() > shown_elements ? ", …]" : "]";
}

void display_map(const Map& map, std::string& out) {
  out += '{';
  for (std::size_t i = 0; i < map.size() && i < shown_elements; ++i) {
    if (i) out += ", ";
    display(map.entries()[i].key, out);
    out += ": ";
    display(map.entries()[i].value, out);
  }
  out += map.size() > shown_elements ? ", …}" : "}";
}

void display(const Value& value, std::string& out) {
  if (out.size() > shown_bytes) {
    out += "…";
    return;
  }
  if (const List* list = value.if_list()) return display_list(*list, out);
  if (const Map* map = value.if_map()) return display_map(*map, out);
  out += display_plain(value);
}

}  // namespace

Value from_json(const json::value& json) {
  switch (json.kind()) {
    case json::kind::null:
      return {};
    case json::kind::bool_:
      return json.get_bool();
    case json::kind::int64:
      return json.get_int64();
    case json::kind::uint64:
      return json.get_uint64();
    case json::kind::double_:
      return json.get_double();
    case json::kind::string:
      return std::string_view(json.get_string());
    case json::kind::array: {
      List list;
      list.reserve(json.get_array().size());
      for (const json::value& element : json.get_array()) list.push_back(from_json(element));
      return list;
    }
    case json::kind::object:
      break;
  }
  if (auto artifact = artifact_from(json)) return std::move(*artifact);
  std::vector<Map::Entry> entries;
  entries.reserve(json.get_object().size());
  for (const json::key_value_pair& member : json.get_object())
    entries.push_back({Value(std::string_view(member.key())), from_json(member.value())});
  return map_of(std::move(entries));
}

result<Value> from_json(const json::value& json, const Type& type) {
  return convert(json, type, {});
}

result<json::value> to_json(const Value& value) {
  if (value.weight() > json_weight_at_most)
    return invalid("the value is too large for JSON", "let the expression make less");
  switch (value.kind()) {
    case Kind::null_type:
      return json::value(nullptr);
    case Kind::boolean:
      return json::value(*value.if_bool());
    case Kind::integer:
      return json::value(*value.if_int());
    case Kind::unsigned_integer:
      return json::value(*value.if_uint());
    case Kind::floating:
      if (std::isfinite(*value.if_double())) return json::value(*value.if_double());
      break;
    case Kind::string:
      return json::value(*value.if_string());
    case Kind::list:
      return list_to_json(*value.if_list());
    case Kind::map:
      return map_to_json(*value.if_map());
    case Kind::timestamp:
      return json::value(format_timestamp(*value.if_timestamp()));
    case Kind::duration:
      return json::value(format_duration(*value.if_duration()));
    case Kind::artifact: {
      const Artifact& artifact = *value.if_artifact();
      return json::value{{artifact_mark, artifact.sha256},
                         {"media_type", artifact.media_type},
                         {"bytes", artifact.bytes},
                         {"name", artifact.name}};
    }
    case Kind::bytes:
    case Kind::type:
      break;
  }
  return invalid(to_display(value) + " has no JSON form", "write string(…) of it");
}

std::string to_display(const Value& value) {
  std::string out;
  display(value, out);
  return out;
}

}  // namespace weft::expr
