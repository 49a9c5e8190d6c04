// SPDX-License-Identifier: Apache-2.0
// Expressions within texts and within JSON.
//
// "${item.prompt}, cinematic still": the end of an expression is found by the language's own lexer,
// so a brace in a string or map literal does not end it. `$${` stands for a literal `${`. A text
// that is exactly one `${…}` has the value and the type of that expression; any other is a string,
// into which strings, numbers and bools are put.
#pragma once
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/json.hpp"
#include "base/result.hpp"
#include "expr/program.hpp"

namespace weft::expr {

// A compiled text. Immutable; usable by several threads at once.
class Template {
 public:
  result<Value> evaluate(const Bindings& bindings, const EvaluateOptions& options = {}) const;

  const Type& type() const noexcept { return type_; }
  std::vector<std::string> variables() const;
  std::vector<Reference> references() const;
  bool tests_null(std::string_view name) const;
  // Whether there is no expression in it at all.
  bool is_literal() const noexcept;
  // The value of a text whose expressions use no variable and evaluate without error.
  std::optional<Value> constant() const;
  // The expressions in it, in order.
  std::vector<Program> programs() const;

 private:
  friend class TemplateReader;
  friend result<Template> compile_template(std::string_view, const Environment&,
                                           const CompileOptions&);
  using Part = std::variant<std::string, Program>;
  std::vector<Part> parts_;
  Type type_ = Kind::string;
};

result<Template> compile_template(std::string_view text, const Environment& environment,
                                  const CompileOptions& options = {});

// A JSON value whose strings (not the names of members) are templates. Immutable; usable by several
// threads at once.
class ValueTemplate {
 public:
  // The JSON with every template replaced by its value; all else stays as it was.
  result<json::value> evaluate(const Bindings& bindings, const EvaluateOptions& options = {}) const;

  // The JSON as written, and what of it is computed, in document order.
  struct Hole {
    std::string pointer;  // JSON Pointer (RFC 6901) of the string
    Template text;
  };
  const json::value& source() const noexcept { return source_; }
  const std::vector<Hole>& holes() const noexcept { return holes_; }

  std::vector<std::string> variables() const;
  std::vector<Reference> references() const;
  bool tests_null(std::string_view name) const;
  bool is_literal() const noexcept { return holes_.empty(); }
  // The expressions in it, in order.
  std::vector<Program> programs() const;

 private:
  friend result<ValueTemplate> compile_json(const json::value&, const Environment&,
                                            const std::function<SourcePosition(std::string_view)>&,
                                            const CompileOptions&);
  json::value source_;
  std::vector<Hole> holes_;
};

// `position_of` tells where the first character of the string at a JSON Pointer stands;
// `options.origin` is not used.
result<ValueTemplate> compile_json(
    const json::value& json, const Environment& environment,
    const std::function<SourcePosition(std::string_view pointer)>& position_of,
    const CompileOptions& options = {});

}  // namespace weft::expr
