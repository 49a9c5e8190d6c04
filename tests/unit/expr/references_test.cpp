// SPDX-License-Identifier: Apache-2.0
// What the planner learns from an expression.
#include "catch.hpp"
#include "expr_helpers.hpp"

namespace weft::test {
namespace {

using Catch::Matchers::Contains;
using expr::Program;
using expr::Reference;
using expr::Value;

Program compiled(std::string_view text) {
  return expr::compile(text, pipeline_environment()).value();
}

// "keyframe[index].image": name, text of the index if it is known to be one, path.
std::string shown(const Reference& reference) {
  std::string text = reference.name + (reference.index ? "[]" : "");
  for (const std::string& field : reference.path) text += "." + field;
  return text;
}
std::vector<std::string> references_in(std::string_view text) {
  std::vector<std::string> all;
  for (const Reference& reference : compiled(text).references()) all.push_back(shown(reference));
  return all;
}

TEST_CASE("an indexed task is a reference with an index and a path") {
  CHECK(references_in("tasks.keyframe[index].image") ==
        std::vector<std::string>{"keyframe[].image"});
  CHECK(references_in("tasks['keyframe'][index]['image']") ==
        std::vector<std::string>{"keyframe[].image"});
}

TEST_CASE("a task used in a macro is a reference to the whole of it") {
  CHECK(references_in("tasks.video.map(v, v.video)") == std::vector<std::string>{"video"});
  CHECK(references_in("tasks.plan.shots[0].prompt") == std::vector<std::string>{"plan.shots"});
}

TEST_CASE("every use is found, in the order of the text, also within an index") {
  CHECK(references_in("[tasks.video[0], tasks.keyframe[tasks.plan.best].image]") ==
        std::vector<std::string>{"video[]", "keyframe[].image", "plan.best"});
  CHECK(references_in("inputs.shots.filter(s, tasks.plan.ok)") ==
        std::vector<std::string>{"plan.ok"});
  CHECK(references_in("inputs.seed + index").empty());
}

TEST_CASE("an index that depends on a macro's variable makes a reference to the whole") {
  CHECK(references_in("[0, 1].map(i, tasks.keyframe[i].image)") ==
        std::vector<std::string>{"keyframe"});
}

TEST_CASE("the index of a reference can be evaluated with the bindings there are") {
  const expr::Environment environment = pipeline_environment();
  const auto program = expr::compile("tasks.keyframe[index + 1].image", environment).value();
  const auto references = program.references();
  REQUIRE(references.size() == 1);
  REQUIRE(references[0].index);
  expr::Bindings bindings(environment);
  CHECK(references[0].index->evaluate(bindings).has_error());
  bindings.set("index", 3);
  CHECK(references[0].index->evaluate(bindings).value() == Value(4));
  CHECK(references[0].index->variables() == std::vector<std::string>{"index"});
  CHECK(references[0].index->type().to_string() == "int");
}

TEST_CASE("a constant index is a constant program") {
  const auto references = compiled("tasks.keyframe[1 + 1].image").references();
  REQUIRE(references.at(0).index);
  REQUIRE(references[0].index->constant());
  CHECK(*references[0].index->constant() == Value(2));
}

TEST_CASE("a reference knows where it stands") {
  const auto program = expr::compile("index > 0 ? tasks.video[0] : null", pipeline_environment(),
                                     {.origin = {"film.toml", 4, 5}});
  CHECK(program.value().references().at(0).position == SourcePosition{"film.toml", 4, 17});
}

TEST_CASE("comparing a task or an element of it with null is a test for null") {
  CHECK(compiled("tasks.plan != null").tests_null("plan"));
  CHECK(compiled("null == tasks.keyframe[index] || true").tests_null("keyframe"));
  CHECK_FALSE(compiled("tasks.plan.x != null").tests_null("plan"));
  CHECK_FALSE(compiled("tasks.plan != 3").tests_null("plan"));
  CHECK_FALSE(compiled("tasks.plan != null").tests_null("video"));
}

TEST_CASE("the root as a whole is a mistake, for nobody could tell what it depends on") {
  const expr::Environment environment = pipeline_environment();
  for (const char* text :
       {"tasks", "size(tasks)", "tasks[item.prompt]", "tasks.map(t, t)", "'a' in tasks"}) {
    INFO(text);
    const auto program = expr::compile(text, environment);
    REQUIRE(program.has_error());
    CHECK_THAT(program.error().to_string(), Contains("write tasks.<name>"));
  }
}

TEST_CASE("another root can be chosen") {
  const auto program =
      expr::compile("inputs.seed", pipeline_environment(), {.reference_root = "inputs"});
  CHECK(program.value().references().at(0).name == "seed");
}

TEST_CASE("a program names the variables it uses, each once") {
  CHECK(compiled("index + inputs.seed + index").variables() ==
        std::vector<std::string>{"inputs", "index"});
  CHECK(compiled("[1].map(index, index)").variables().empty());
}

}  // namespace
}  // namespace weft::test
