// SPDX-License-Identifier: Apache-2.0
// Texts with ${…} in them, by themselves and within JSON.
#include <string>

#include "base/json.hpp"
#include "expr/template.hpp"
#include "expr_values.hpp"
#include "target.hpp"

namespace weft::fuzz {
namespace {

using namespace expr;

constexpr EvaluateOptions budget{20'000};

// A text in which every "${" is escaped means itself.
void check_escaped(std::string_view text) {
  std::string escaped;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text.substr(i).starts_with("${")) escaped += '$';
    escaped += text[i];
  }
  const auto literal = compile_template(escaped, expr_variables());
  expect(literal.has_value() && literal->is_literal(), "an escaped text holds no expression");
  const auto value = literal->evaluate(expr_bindings());
  expect(value && value->if_string() && *value->if_string() == text,
         "an escaped text means itself");
}

void check_json(std::string_view input) {
  const auto json = parse_json(input);
  if (!json) return;
  const auto position = [](std::string_view) { return SourcePosition{"fuzz.json", 1, 1}; };
  const auto compiled = compile_json(*json, expr_variables(), position);
  if (!compiled) return;
  const auto value = compiled->evaluate(expr_bindings(), budget);
  if (compiled->is_literal())
    expect(value && *value == *json, "JSON without expressions stays as it is");
  for (const auto& hole : compiled->holes()) hole.text.references();
}

}  // namespace

void text_template(std::string_view input) {
  check_escaped(input);
  check_json(input);
  const auto text = compile_template(input, expr_variables());
  const auto lenient = compile_template(input, expr_variables(), {.check = false});
  if (!lenient) {
    expect(!text, "what the checker takes is a template");
    expect(!lenient.error().diagnostics.empty(), "a mistake is at some place");
    return;
  }
  const auto value = lenient->evaluate(expr_bindings(), budget);
  expect(same_outcome(value, lenient->evaluate(expr_bindings(), budget)),
         "the same bindings give the same value");
  if (input.find("${") == input.npos)
    expect(value && value->if_string() && *value->if_string() == input,
           "a text without expressions means itself");
  if (text && value)
    expect(same_outcome(value, text->evaluate(expr_bindings(), budget)),
           "checking does not change what a text means");
}

}  // namespace weft::fuzz
