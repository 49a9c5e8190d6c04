// SPDX-License-Identifier: Apache-2.0
// The programs and scopes of one plugin instance (weft/draft/expression.h), by the plugin's ids.
#pragma once
#include <weft/draft/expression.h>

#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <variant>

#include "expr/template.hpp"

namespace weft::plugin {

// Any thread.
class ExpressionTable {
 public:
  // `form` is WEFT_EXPRESSION_...; `variables` a JSON object of schemas.
  result<> compile(weft_id program, std::uint32_t form, std::string_view text,
                   std::string_view variables);
  result<> bind(weft_id scope, std::string_view name, std::string_view value);
  // The value as JSON text.
  result<std::string> evaluate(weft_id program, weft_id scope) const;
  void drop(weft_id scope);

 private:
  struct Variable {
    json::value json;   // as it came, for variables of a declared type
    expr::Value value;  // as it is without one: made once, for bodies may be large
  };
  using Scope = std::map<std::string, Variable, std::less<>>;
  struct Entry {
    expr::Environment environment;
    std::variant<expr::Program, expr::Template, expr::ValueTemplate> program;
  };

  result<expr::Environment> environment_of(std::string_view variables);

  mutable std::mutex mutex_;
  // By the text that declares them: programs of one set share it.
  std::map<std::string, expr::Environment, std::less<>> environments_;
  std::unordered_map<weft_id, Entry> programs_;
  std::unordered_map<weft_id, Scope> scopes_;
};

}  // namespace weft::plugin
