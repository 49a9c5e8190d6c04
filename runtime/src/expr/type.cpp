// SPDX-License-Identifier: Apache-2.0
#include "expr/type.hpp"

#include <algorithm>
#include <numeric>

namespace weft::expr {

struct Type::Detail {
  Type element;
  std::vector<Field> fields;
  bool closed = false;
  Naming naming;
  std::vector<std::uint32_t> by_name{};  // places in `fields` in the order of names
};

namespace {

Type from_name(std::string_view name, const json::value& schema);

Type join_all(const json::array& alternatives, Type (*type_of)(const json::value&)) {
  if (alternatives.empty()) return {};
  Type joined = type_of(alternatives.front());
  for (const json::value& alternative : alternatives)
    joined = Type::join(joined, type_of(alternative));
  return joined;
}

Type type_of_json(const json::value& value) {
  return Type::of(from_json(value));
}

Type object_from(const json::value& schema) {
  const json::value* properties = find_member(schema, "properties");
  const json::value* additional = find_member(schema, "additionalProperties");
  const bool no_others = additional && additional->is_bool() && !additional->get_bool();
  if (!properties || !properties->is_object()) {
    if (additional && additional->is_object())
      return Type::map(Type::from_json_schema(*additional));
    return no_others && properties ? Type::object({}, true) : Type(Kind::map);
  }
  const json::value* required = find_member(schema, "required");
  const auto is_required = [&](const json::string& name) {
    const json::array* names = required ? required->if_array() : nullptr;
    return names && std::find(names->begin(), names->end(), json::value(name)) != names->end();
  };
  std::vector<Type::Field> fields;
  for (const json::key_value_pair& property : properties->get_object()) {
    const json::string name(property.key());
    fields.push_back(
        {std::string(property.key()), Type::from_json_schema(property.value()), is_required(name)});
  }
  return Type::object(std::move(fields), no_others);
}

Type array_from(const json::value& schema) {
  const json::value* items = find_member(schema, "items");
  return Type::list(items ? Type::from_json_schema(*items) : Type::dyn());
}

Type from_name(std::string_view name, const json::value& schema) {
  if (name == "integer") return Kind::integer;
  if (name == "number") return Kind::floating;
  if (name == "string") return Kind::string;
  if (name == "boolean") return Kind::boolean;
  if (name == "null") return Kind::null_type;
  if (name == "artifact") return Kind::artifact;
  if (name == "array") return array_from(schema);
  if (name == "object") return object_from(schema);
  return {};
}

}  // namespace

Type Type::list(Type element) {
  Type type(Kind::list);
  type.detail_ = std::make_shared<const Detail>(Detail{std::move(element), {}, false, {}});
  return type;
}

Type Type::map(Type value) {
  Type type(Kind::map);
  type.detail_ = std::make_shared<const Detail>(Detail{std::move(value), {}, false, {}});
  return type;
}

Type Type::object(std::vector<Field> fields, bool closed) {
  return object(std::move(fields), closed, {});
}

Type Type::object(std::vector<Field> fields, bool closed, Naming naming) {
  Type type(Kind::map);
  std::vector<std::uint32_t> by_name(fields.size());
  std::iota(by_name.begin(), by_name.end(), 0U);
  std::ranges::stable_sort(
      by_name, {}, [&](std::uint32_t at) -> auto& { return fields[at].name; });
  type.detail_ = std::make_shared<const Detail>(
      Detail{{}, std::move(fields), closed, std::move(naming), std::move(by_name)});
  return type;
}

Type Type::or_null() const {
  Type type = *this;
  type.nullable_ = kind_.has_value();
  return type;
}

Type Type::not_null() const {
  Type type = *this;
  type.nullable_ = false;
  return type;
}

Type Type::from_json_schema(const json::value& schema) {
  for (const char* keyword : {"anyOf", "oneOf"})
    if (const json::value* alternatives = find_member(schema, keyword);
        alternatives && alternatives->is_array())
      return join_all(alternatives->get_array(), &Type::from_json_schema);
  if (const json::value* type = find_member(schema, "type")) {
    if (type->is_string()) return from_name(type->get_string(), schema);
    if (!type->is_array() || type->get_array().empty()) return {};
    std::optional<Type> joined;
    for (const json::value& name : type->get_array()) {
      const Type one = name.is_string() ? from_name(name.get_string(), schema) : Type();
      joined = joined ? join(*joined, one) : one;
    }
    return *joined;
  }
  if (const json::value* constant = find_member(schema, "const")) return type_of_json(*constant);
  if (const json::value* values = find_member(schema, "enum"); values && values->is_array())
    return join_all(values->get_array(), &type_of_json);
  if (find_member(schema, "properties")) return object_from(schema);
  return {};
}

Type Type::of(const Value& value) {
  if (const List* list = value.if_list()) {
    if (list->empty()) return Kind::list;
    Type element = of(list->front());
    for (const Value& one : *list) element = join(element, of(one));
    return Type::list(std::move(element));
  }
  if (const Map* map = value.if_map()) {
    std::vector<Field> fields;
    for (const Map::Entry& entry : map->entries()) {
      if (!entry.key.if_string()) return Kind::map;
      fields.push_back({*entry.key.if_string(), of(entry.value), true});
    }
    return object(std::move(fields), true);
  }
  return value.kind();
}

Type Type::join(const Type& a, const Type& b) {
  if (a.is_dyn() || b.is_dyn()) return {};
  if (a.kind_ == Kind::null_type) return b.kind_ == Kind::null_type ? b : b.or_null();
  if (b.kind_ == Kind::null_type) return a.or_null();
  if (a.kind_ != b.kind_) return {};
  Type joined = a;
  joined.nullable_ = a.nullable_ || b.nullable_;
  if (a.detail_ == b.detail_) return joined;
  if (a.kind_ == Kind::list)
    joined.detail_ = list(join(a.element(), b.element())).detail_;
  else if (a.fields().empty() && b.fields().empty())
    joined.detail_ = map(join(a.element(), b.element())).detail_;
  else
    joined.detail_ = nullptr;  // objects of different shapes: a map of which nothing more is known
  return joined;
}

bool Type::may_be(Kind kind) const noexcept {
  return !kind_ || kind_ == kind || (nullable_ && kind == Kind::null_type);
}

const Type& Type::element() const noexcept {
  static const Type unknown;
  return detail_ ? detail_->element : unknown;
}

const std::vector<Type::Field>& Type::fields() const noexcept {
  static const std::vector<Field> none;
  return detail_ ? detail_->fields : none;
}

const Type::Field* Type::find_field(std::string_view name) const noexcept {
  if (!detail_) return nullptr;
  const auto& all = detail_->fields;
  const auto name_at = [&](std::uint32_t at) -> std::string_view { return all[at].name; };
  const auto at = std::ranges::lower_bound(detail_->by_name, name, {}, name_at);
  return at == detail_->by_name.end() || name_at(*at) != name ? nullptr : &all[*at];
}

bool Type::is_closed() const noexcept {
  return detail_ && detail_->closed;
}

const Type::Naming& Type::naming() const noexcept {
  static const Naming plain;
  return detail_ ? detail_->naming : plain;
}

std::string Type::to_string() const {
  if (!kind_) return "dyn";
  std::string text(type_name(*kind_));
  if (kind_ == Kind::timestamp) text = "timestamp";
  if (kind_ == Kind::duration) text = "duration";
  if (kind_ == Kind::list && !element().is_dyn()) text += "(" + element().to_string() + ")";
  return nullable_ ? text + " or null" : text;
}

}  // namespace weft::expr
