// SPDX-License-Identifier: Apache-2.0
// weft/plugin/expression.hpp - expressions of the host's language: compiled once, evaluated with a
// scope of values.
//
//   weft::expressions language(host());
//   const auto price = language.compile("params.n * 4", {{"params", json::object()}});
//   auto scope = language.scope();
//   scope.bind("params", {{"n", 2}});
//   const json eight = scope.evaluate(price);
#pragma once

#include <weft/draft/expression.h>
#include <weft/plugin/host.hpp>

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace weft {

// A compiled text; good as long as the instance.
class expression {
 public:
  expression() = default;
  explicit operator bool() const noexcept { return id_ != 0; }

 private:
  friend class expressions;
  friend class expression_scope;
  explicit expression(weft_id id) : id_(id) {}
  weft_id id_ = 0;
};

// ---- types of variables, for expressions::compile

// What an expression sees of a value with this JSON Schema: what is not given is null.
inline nlohmann::json nullable_type(const nlohmann::json& schema) {
  nlohmann::json type = nlohmann::json::object();
  const auto said = schema.find("type");
  if (said == schema.end()) return type;
  nlohmann::json types = said->is_array() ? *said : nlohmann::json::array({*said});
  if (std::find(types.begin(), types.end(), "null") == types.end()) types.push_back("null");
  type["type"] = std::move(types);
  for (const char* key : {"properties", "items", "required", "additionalProperties"})
    if (schema.contains(key)) type[key] = schema.at(key);
  return type;
}

// An object that has exactly these members.
inline nlohmann::json closed_type(nlohmann::json properties) {
  nlohmann::json required = nlohmann::json::array();
  for (const auto& [name, schema] : properties.items()) required.push_back(name);
  return {{"type", "object"},
          {"properties", std::move(properties)},
          {"required", std::move(required)},
          {"additionalProperties", false}};
}

// Values of variables. Gone, in the host too, with this object.
class expression_scope {
 public:
  expression_scope(const host& at, weft_id id) : host_(&at), id_(id) {}
  expression_scope(expression_scope&& other) noexcept
      : host_(other.host_), id_(std::exchange(other.id_, 0)) {}
  expression_scope& operator=(expression_scope&&) = delete;
  ~expression_scope() {
    if (id_ != 0) host_->expression_table()->drop(host_->raw(), id_);
  }

  void bind(std::string_view name, const nlohmann::json& value) {
    bind_text(name, dump_json(value));
  }
  // JSON text that came from elsewhere. False, and nothing changed, if it is no JSON.
  bool bind_text(std::string_view name, std::string_view json) {
    return host_->expression_table()->bind(host_->raw(), id_, borrow(name), borrow(json)) ==
           WEFT_OK;
  }
  // Throws WEFT_BAD_INPUT with the reason if it has no value.
  nlohmann::json evaluate(const expression& program) const {
    std::string text;
    if (run(program, text) != WEFT_OK) throw error(WEFT_BAD_INPUT, text);
    return nlohmann::json::parse(text);
  }
  // Nothing if it has no value, or null.
  std::optional<nlohmann::json> find(const expression& program) const {
    std::string text;
    if (!program || run(program, text) != WEFT_OK || text == "null") return std::nullopt;
    return nlohmann::json::parse(text);
  }

 private:
  weft_status run(const expression& program, std::string& text) const {
    return host_->expression_table()->evaluate(host_->raw(), program.id_, id_, &text, &take);
  }
  static void take(void* context, weft_str value) noexcept {
    *static_cast<std::string*>(context) = std::string(view(value));
  }

  const host* host_;
  weft_id id_;
};

// One for each instance: it numbers what it makes.
class expressions {
 public:
  // Throws WEFT_UNSUPPORTED if the host has no such service.
  explicit expressions(const host& at) : host_(&at) {
    if (!WEFT_CAN(at.expression_table(), weft_expression, drop)) host::missing(WEFT_EXPRESSION);
  }
  // `variables`: name to JSON Schema. Each throws WEFT_BAD_INPUT that says what is wrong and where.
  expression compile(std::string_view text, const nlohmann::json& variables) {
    return make(WEFT_EXPRESSION_BARE, text, variables);
  }
  expression compile_template(std::string_view text, const nlohmann::json& variables) {
    return make(WEFT_EXPRESSION_TEMPLATE, text, variables);
  }
  expression compile_json(const nlohmann::json& value, const nlohmann::json& variables) {
    return make(WEFT_EXPRESSION_JSON, dump_json(value), variables);
  }
  expression_scope scope() { return {*host_, ++last_scope_}; }

 private:
  expression make(std::uint32_t form, std::string_view text, const nlohmann::json& variables) {
    std::string mistake;
    const std::string declared = dump_json(variables);
    const auto take = [](void* context, weft_str value) noexcept {
      *static_cast<std::string*>(context) = std::string(view(value));
    };
    const weft_status status = host_->expression_table()->compile(
        host_->raw(), ++last_program_, form, borrow(text), borrow(declared), &mistake, take);
    if (status != WEFT_OK) throw error(status, mistake);
    return expression(last_program_);
  }

  const host* host_;
  weft_id last_program_ = 0, last_scope_ = 0;
};

}  // namespace weft
