// SPDX-License-Identifier: Apache-2.0
// Variables for expressions of any kind, and when two outcomes are the same.
#pragma once
#include <boost/json/parse.hpp>

#include "expr/program.hpp"

namespace weft::fuzz {

inline const expr::Environment& expr_variables() {
  using namespace expr;
  static const Type shot =
      Type::object({{"prompt", Kind::string, true}, {"seconds", Kind::floating, false}}, true);
  static const Environment variables(
      {{"inputs",
        Type::object({{"seed", Kind::integer, true}, {"shots", Type::list(shot), true}}, true)},
       {"tasks", Type::dyn()},
       {"item", shot},
       {"index", Kind::integer},
       {"x", Kind::integer},
       {"y", Kind::floating},
       {"s", Kind::string},
       {"d", Type::dyn()}});
  return variables;
}

inline void bind_expr_values(expr::Bindings& bindings) {
  using namespace expr;
  static const json::value shots = json::parse(
      R"([{"prompt": "a lighthouse", "seconds": 2.5}, {"prompt": "ein Möwenschrei"}, {"prompt": ""}])");
  static const Value shots_value = from_json(shots);
  static const Value artifact = Artifact{std::string(64, 'a'), "image/png", 12345, "a.png"};
  static const Value image = Map::make({{"image", artifact}}).value();
  bindings.set("inputs", Map::make({{"seed", 7}, {"shots", shots_value}}).value());
  bindings.set("tasks",
               Map::make({{"keyframe", List{image, Value(), image}}, {"one", image}}).value());
  bindings.set("item", from_json(shots.as_array().front()));
  bindings.set("index", 1);
  bindings.set("x", std::int64_t{9'223'372'036'854'775'807});
  bindings.set("y", 0.1);
  bindings.set("s", "Grüße aus München");
  bindings.set("d", List{1, 2u, 3.0, "four", Value(), true});
}

inline const expr::Bindings& expr_bindings() {
  static const expr::Bindings bindings = [] {
    expr::Bindings made(expr_variables());
    bind_expr_values(made);
    return made;
  }();
  return bindings;
}

// Both fail, or both give the same value; NaN is the same as NaN.
inline bool same_outcome(const result<expr::Value>& a, const result<expr::Value>& b) {
  if (!a || !b) return a.has_value() == b.has_value();
  if (a->kind() != b->kind()) return false;
  if (a->weight() > 100'000 || b->weight() > 100'000) return a->weight() == b->weight();
  return *a == *b || to_display(*a) == to_display(*b);
}

}  // namespace weft::fuzz
