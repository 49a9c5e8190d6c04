// SPDX-License-Identifier: Apache-2.0
// What compiling finds, and where it says it is.
#include "catch.hpp"
#include "expr_helpers.hpp"

namespace weft::test {
namespace {

using Catch::Matchers::Contains;
using expr::Kind;
using expr::Type;

TEST_CASE("a misspelt variable is reported with its position and the one that was meant") {
  const std::string text = mistakes_in("index + inputz.seed", {"film.toml", 12, 10});
  CHECK_THAT(text, Contains("film.toml:12:18: error: unknown variable 'inputz'"));
  CHECK_THAT(text, Contains("did you mean 'inputs'?"));
}

TEST_CASE("a mistake on a later line of the text has that line and its own column") {
  CHECK_THAT(mistakes_in("index +\n  foo", {"film.toml", 12, 10}), Contains("film.toml:13:3:"));
}

TEST_CASE("a misspelt field of a closed object is reported, however it is written") {
  CHECK_THAT(mistakes_in("item.promt"),
             Contains("unknown field 'promt'") && Contains("did you mean 'prompt'?"));
  CHECK_THAT(mistakes_in("item['promt']"), Contains("unknown field 'promt'"));
  CHECK_THAT(mistakes_in("has(item.promt)"), Contains("unknown field 'promt'"));
  CHECK_THAT(mistakes_in("inputs.shots.map(s, s.promt)"), Contains("did you mean 'prompt'?"));
  CHECK_THAT(mistakes_in("tasks.keyframe[0].image.size"),
             Contains("an artifact has no field 'size'"));
}

TEST_CASE("a misspelt field is called what its object calls its fields") {
  const Type keyframe = Type::object({{"image", Kind::artifact, true}}, true,
                                     {.field = "output", .owner = "task 'keyframe'"});
  const expr::Environment environment(
      {{"tasks", Type::object({{"keyframe", Type::list(keyframe.or_null()).or_null(), true}}, true,
                              {.field = "task", .owner = {}})}});
  const auto mistakes = [&](std::string_view text) {
    return expr::compile(text, environment, {.origin = {"f", 1, 1}}).error().to_string();
  };
  CHECK_THAT(
      mistakes("1 + size(tasks.keyfram)"),
      Contains("f:1:16: error: unknown task 'keyfram'") && Contains("did you mean 'keyframe'?"));
  CHECK_THAT(mistakes("tasks['x']"), Contains("unknown task 'x'") && Contains("known: keyframe"));
  CHECK_THAT(mistakes("tasks.keyframe[0].imag"),
             Contains("task 'keyframe' has no output 'imag'; it has: image") &&
                 Contains("did you mean 'image'?"));
  const expr::Environment silent({{"scene", Type::object({}, true, {"output", "task 'scene'"})}});
  CHECK_THAT(expr::compile("scene.film", silent, {.origin = {"f", 1, 1}}).error().to_string(),
             Contains("task 'scene' has no output 'film'; it has none"));
  CHECK_THAT(mistakes("tasks.keyframe.map(k, k.film)"), Contains("f:1:25: error: task 'keyframe'"));
}

TEST_CASE("a comma may stand behind the last element of a list, not behind the last argument") {
  CHECK(mistakes_in("[1, 2,] == [1, 2] && size({'a': 1,}) == 1") == "");
  CHECK_THAT(mistakes_in("size([1],)"), Contains("film.toml:1:10: error: expected a value"));
  CHECK_THAT(mistakes_in("'a'.contains('b',)"), Contains("expected a value"));
}

TEST_CASE("all mistakes are reported at once, in the order of the text") {
  const std::string text = mistakes_in("foo == 1 && item.promt == 'x' && bar(2)");
  CHECK_THAT(text, Contains("3 mistakes"));
  CHECK(text.find("foo") < text.find("promt"));
  CHECK(text.rfind("promt") < text.rfind("bar"));
}

TEST_CASE("arithmetic of different types is a mistake that says how to convert") {
  CHECK_THAT(mistakes_in("index + 1.5"),
             Contains("no such overload: 'int' + 'double'") && Contains("double(x)"));
  CHECK_THAT(mistakes_in("'shot ' + index"),
             Contains("no such overload: 'string' + 'int'") && Contains("string(x)"));
}

TEST_CASE("numbers of different types may be compared") {
  CHECK(mistakes_in("index < 1.5 && item.seconds == 3") == "");
}

TEST_CASE("comparing what can never be equal is a mistake") {
  CHECK_THAT(mistakes_in("index == '3'"), Contains("no such overload: 'int' == 'string'"));
  CHECK_THAT(mistakes_in("index in ['a', 'b']"), Contains("never has an int in it"));
  CHECK_THAT(mistakes_in("inputs < 3"), Contains("no such overload"));
}

TEST_CASE("anything may be compared with null") {
  CHECK(mistakes_in("index != null && inputs.style == null") == "");
}

TEST_CASE("an unknown function is reported with the one that was meant") {
  CHECK_THAT(mistakes_in("item.prompt.startswith('a')"), Contains("did you mean 'startsWith'?"));
  CHECK_THAT(mistakes_in("contains(item.prompt, 'a')"), Contains("write x.contains("));
}

TEST_CASE("a wrong number or type of arguments is reported") {
  CHECK_THAT(mistakes_in("item.prompt.substring(1, 2, 3)"),
             Contains("wrong number of arguments for 'substring'"));
  CHECK_THAT(mistakes_in("size(index)"), Contains("no such overload: size('int')"));
  CHECK_THAT(mistakes_in("inputs.shots.map(s)"), Contains("wrong number of arguments for 'map'"));
  CHECK_THAT(mistakes_in("inputs.shots.map(s.x, 1)"), Contains("must be the name of a variable"));
}

TEST_CASE("a condition that is no bool is reported") {
  CHECK_THAT(mistakes_in("index ? 1 : 2"), Contains("must be a bool, not an int"));
  CHECK_THAT(mistakes_in("index && true"), Contains("an operand of '&&' must be a bool"));
  CHECK_THAT(mistakes_in("inputs.shots.filter(s, s.prompt)"),
             Contains("the condition of 'filter' must be a bool"));
}

TEST_CASE("habits from other languages are answered with what CEL writes") {
  CHECK_THAT(mistakes_in("index = 1"), Contains("write '=='"));
  CHECK_THAT(mistakes_in("index == 1 and true"), Contains("write '&&'"));
  CHECK_THAT(mistakes_in("index == 1 | true"), Contains("write '||'"));
  CHECK_THAT(mistakes_in("inputs.shots.prompt"), Contains("list.map(x, x.prompt)"));
  CHECK_THAT(mistakes_in("item.prompt[0]"), Contains("charAt"));
}

TEST_CASE("a syntax mistake is reported where it is") {
  CHECK_THAT(mistakes_in("index + "),
             Contains("film.toml:1:9") && Contains("end of the expression"));
  CHECK_THAT(mistakes_in("(index"), Contains("expected ')'"));
  CHECK_THAT(mistakes_in("'abc"), Contains("has no closing '"));
  CHECK_THAT(mistakes_in("'a\\qb'"),
             Contains("film.toml:1:3") && Contains("wrong escape sequence"));
  CHECK_THAT(mistakes_in("1 $ 2"), Contains("unexpected character '$'"));
  CHECK_THAT(mistakes_in("99999999999999999999"), Contains("does not fit into 64 bits"));
  CHECK_THAT(mistakes_in(""), Contains("expected a value"));
}

TEST_CASE("a wrong regular expression is found when it is compiled") {
  CHECK_THAT(mistakes_in("item.prompt.matches('(')"), Contains("wrong regular expression"));
}

TEST_CASE("a program knows the type of its value") {
  const auto type = [](std::string_view text) {
    return expr::compile(text, pipeline_environment()).value().type().to_string();
  };
  CHECK(type("inputs.shots[index].prompt") == "string");
  CHECK(type("inputs.shots.map(s, s.seconds)") == "list(double)");
  CHECK(type("tasks.keyframe[index].image") == "artifact");
  CHECK(type("index > 0 ? 'a' : null") == "string or null");
  CHECK(type("index > 0 ? 'a' : 1") == "dyn");
  CHECK(type("{'a': index}.a + 1") == "int");
  CHECK(type("tasks.plan.anything") == "dyn");
}

TEST_CASE("an expression without variables is a constant") {
  const expr::Environment environment = pipeline_environment();
  const auto sum = expr::compile("[1, 2, 3].map(x, x * 2)[1] + 1", environment).value();
  REQUIRE(sum.constant());
  CHECK(*sum.constant() == expr::Value(5));
  CHECK(expr::compile("index + 1", environment).value().constant() == nullptr);
  CHECK(expr::compile("1 / 0", environment).value().constant() == nullptr);
}

TEST_CASE("without checking every mistake but one of syntax waits for the evaluation") {
  const expr::Environment none;
  const auto program = expr::compile("nonsense(x) || true", none, {.check = false}).value();
  CHECK(program.evaluate(expr::Bindings(none)).value() == expr::Value(true));
  CHECK(expr::compile("nonsense(", none, {.check = false}).has_error());
}

}  // namespace
}  // namespace weft::test
