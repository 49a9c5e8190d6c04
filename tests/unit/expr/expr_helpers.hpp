// SPDX-License-Identifier: Apache-2.0
// Short ways to compile and evaluate in tests.
#pragma once
#include <string>
#include <string_view>

#include "expr/program.hpp"
#include "expr/template.hpp"

namespace weft::test {

// The value of an expression without variables.
inline result<expr::Value> value_of(std::string_view text, expr::EvaluateOptions options = {}) {
  const expr::Environment none;
  auto program = expr::compile(text, none);
  if (!program) return program.error();
  return program->evaluate(expr::Bindings(none), options);
}

// What a definition's expressions see, more or less.
inline expr::Environment pipeline_environment() {
  using expr::Kind;
  using expr::Type;
  const Type shot =
      Type::object({{"prompt", Kind::string, true}, {"seconds", Kind::floating, false}}, true);
  const Type inputs = Type::object({{"seed", Kind::integer, true},
                                    {"shots", Type::list(shot), true},
                                    {"style", Type(Kind::string).or_null(), false}},
                                   true);
  const Type keyframe = Type::object({{"image", Kind::artifact, true}}, true);
  const Type video = Type::object({{"video", Kind::artifact, true}}, true);
  const Type tasks = Type::object({{"keyframe", Type::list(keyframe.or_null()), true},
                                   {"video", Type::list(video), true},
                                   {"plan", Type::dyn(), true}},
                                  true);
  return expr::Environment(
      {{"inputs", inputs}, {"tasks", tasks}, {"index", Kind::integer}, {"item", shot}});
}

// All mistakes of a text as one text, or "" when it compiles.
inline std::string mistakes_in(std::string_view text, SourcePosition origin = {"film.toml", 1, 1}) {
  const auto program = expr::compile(text, pipeline_environment(), {.origin = std::move(origin)});
  return program ? "" : program.error().to_string();
}

// What an evaluation without variables fails with, or "" when it does not.
inline std::string failure_of(std::string_view text, expr::EvaluateOptions options = {}) {
  const auto value = value_of(text, options);
  return value ? "" : value.error().to_string();
}

}  // namespace weft::test
