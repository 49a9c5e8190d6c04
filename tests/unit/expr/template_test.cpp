// SPDX-License-Identifier: Apache-2.0
#include "expr/template.hpp"

#include "base/json.hpp"
#include "catch.hpp"
#include "expr_helpers.hpp"

namespace weft::test {
namespace {

using Catch::Matchers::Contains;
using expr::Bindings;
using expr::Kind;
using expr::Value;

const expr::Environment& environment() {
  static const expr::Environment one = pipeline_environment();
  return one;
}

Bindings bindings() {
  Bindings all(environment());
  all.set("index", 2);
  all.set("item", expr::from_json(parse_json(R"({"prompt":"a cat","seconds":2.5})").value()));
  return all;
}

Value filled(std::string_view text) {
  return expr::compile_template(text, environment()).value().evaluate(bindings()).value();
}

std::string mistakes(std::string_view text) {
  const auto compiled =
      expr::compile_template(text, environment(), {.origin = {"film.toml", 3, 10}});
  return compiled ? "" : compiled.error().to_string();
}

TEST_CASE("a text without ${ is itself") {
  const auto text = expr::compile_template("a $ {b} }", environment()).value();
  CHECK(text.is_literal());
  CHECK(text.evaluate(bindings()).value() == Value("a $ {b} }"));
  CHECK(expr::compile_template("", environment()).value().evaluate(bindings()).value() ==
        Value(""));
}

TEST_CASE("strings, numbers and bools are put into a text") {
  CHECK(filled("${item.prompt}, shot ${index + 1} of ${item.seconds}s: ${index > 1}") ==
        Value("a cat, shot 3 of 2.5s: true"));
}

TEST_CASE("a text that is one ${} keeps the value's type") {
  CHECK(filled("${index}") == Value(2));
  CHECK(filled("${[index, index]}") == Value(expr::List{2, 2}));
  CHECK(expr::compile_template("${index}", environment()).value().type().kind() == Kind::integer);
  CHECK(expr::compile_template(" ${index}", environment()).value().type().kind() == Kind::string);
}

TEST_CASE("a brace in a string, a map or a comment does not end an expression") {
  CHECK(filled("<${'}'}>") == Value("<}>"));
  CHECK(filled("<${{'a': {'b': 7}}.a.b}>") == Value("<7>"));
  CHECK(filled("<${\"\\\"}\"}>") == Value("<\"}>"));
  CHECK(filled("<${1 // }\n}>") == Value("<1>"));
  CHECK(filled("<${r'\\'}>") == Value("<\\>"));
}

TEST_CASE("$${ is a literal ${") {
  CHECK(filled("costs $${index} ${index}") == Value("costs ${index} 2"));
  CHECK(filled("$$$") == Value("$$$"));
}

TEST_CASE("an expression that is not closed is reported where it begins") {
  CHECK_THAT(mistakes("ab ${index"), Contains("film.toml:3:13: error: '${' is not closed"));
  CHECK_THAT(mistakes("ab ${'}"), Contains("is not closed"));
}

TEST_CASE("mistakes within a text have their own position, and all are reported") {
  const std::string text = mistakes("ab ${indx} ${item.promt}");
  CHECK_THAT(text, Contains("film.toml:3:15: error: unknown variable 'indx'"));
  CHECK_THAT(text, Contains("film.toml:3:28: error: unknown field 'promt'"));
  CHECK_THAT(mistakes("ab\n${indx}"), Contains("film.toml:4:3:"));
}

TEST_CASE("a list or null cannot be put into a text") {
  CHECK_THAT(mistakes("all: ${inputs.shots}"),
             Contains("a value of type list") && Contains("cannot be put into a text"));
  Bindings all = bindings();
  all.set("inputs", expr::from_json(parse_json(R"({"style":null})").value()));
  const auto value =
      expr::compile_template("style: ${inputs.style}", environment()).value().evaluate(all);
  CHECK_THAT(value.error().to_string(), Contains("null cannot be put into a text"));
}

TEST_CASE("a text tells what its expressions depend on") {
  const auto text =
      expr::compile_template("${tasks.plan.a} ${tasks.video[index] != null}", environment())
          .value();
  REQUIRE(text.references().size() == 2);
  CHECK(text.references()[0].name == "plan");
  CHECK(text.references()[1].name == "video");
  CHECK(text.tests_null("video"));
  CHECK_FALSE(text.tests_null("plan"));
  CHECK(text.variables() == std::vector<std::string>{"tasks", "index"});
  CHECK_FALSE(text.constant());
  CHECK(expr::compile_template("${1 + 1} b", environment()).value().constant() == Value("2 b"));
}

SourcePosition nowhere(std::string_view pointer) {
  return {std::string(pointer), 1, 1};
}

TEST_CASE("JSON is evaluated where it has expressions and kept where it has none") {
  const auto params =
      parse_json(R"({"prompt":"${item.prompt}!","seed":"${index}","size":[1,"${index}"],"n":2.5})")
          .value();
  const auto compiled = expr::compile_json(params, environment(), nowhere).value();
  CHECK(compiled.evaluate(bindings()).value() ==
        parse_json(R"({"prompt":"a cat!","seed":2,"size":[1,2],"n":2.5})").value());
  CHECK(compiled.holes().size() == 3);
  CHECK(compiled.variables() == std::vector<std::string>{"item", "index"});
}

TEST_CASE("JSON without expressions is literal, except that $${ is written out") {
  CHECK(expr::compile_json(parse_json(R"({"a":"b"})").value(), environment(), nowhere)
            .value()
            .is_literal());
  const auto escaped =
      expr::compile_json(parse_json(R"(["$${a}"])").value(), environment(), nowhere).value();
  CHECK(escaped.evaluate(bindings()).value() == parse_json(R"(["${a}"])").value());
}

TEST_CASE("mistakes in JSON are found all at once, at the positions of their strings") {
  const auto params = parse_json(R"({"a/b":"${indx}","c":["","${item.promt}"]})").value();
  const auto compiled = expr::compile_json(params, environment(), nowhere);
  REQUIRE(compiled.has_error());
  REQUIRE(compiled.error().diagnostics.size() == 2);
  CHECK(compiled.error().diagnostics[0].position.file == "/a~1b");
  CHECK(compiled.error().diagnostics[1].position.file == "/c/1");
}

TEST_CASE("a value that has no JSON form is reported with its place") {
  const auto compiled =
      expr::compile_json(parse_json(R"({"a":["${b'x'}"]})").value(), environment(), nowhere)
          .value();
  CHECK_THAT(compiled.evaluate(bindings()).error().to_string(),
             Contains("/a/0") && Contains("no JSON form"));
}

}  // namespace
}  // namespace weft::test
