// SPDX-License-Identifier: Apache-2.0
#include <boost/json.hpp>

#include "catch.hpp"
#include "plugin/expression_table.hpp"
#include "print_result.hpp"
#include "world.hpp"

using namespace weft;
using namespace weft::plugin;
using namespace weft::plugin::test;

TEST_CASE("a plugin compiles an expression once and evaluates it with values of its own") {
  World world("face");
  const auto adapter = world.make("face");
  const auto good = world.run(*adapter, world.job_with(1, R"({"expression": "n * 4", "n": 2})"));
  REQUIRE(good.outcome == Outcome::ok);
  CHECK(good.outputs.at("value") == 8);
  const auto wrong =
      world.run(*adapter, world.job_with(2, R"({"expression": "n + missing", "n": 2})"));
  CHECK(wrong.outcome == Outcome::bad_input);
  INFO(wrong.message);
  CHECK(wrong.message.find("missing") != std::string::npos);
  CHECK(wrong.message.find("1:5") != std::string::npos);
}

TEST_CASE("bare expressions, templates and JSON with templates are three forms of text") {
  ExpressionTable table;
  const std::string variables = R"({"params": {}, "inputs": {}})";
  REQUIRE(table.compile(1, WEFT_EXPRESSION_BARE, "params.n + 1", variables));
  REQUIRE(table.compile(2, WEFT_EXPRESSION_TEMPLATE, "a ${params.n} b", variables));
  REQUIRE(table.compile(3, WEFT_EXPRESSION_JSON,
                        R"({"n": "${params.n}", "picture": ["${inputs.image}"], "k": 1})",
                        variables));
  REQUIRE(table.bind(7, "params", R"({"n": 3})"));
  REQUIRE(table.bind(7, "inputs", R"({"image": {"$artifact": "ab", "media_type": "image/png"}})"));
  CHECK(table.evaluate(1, 7).value() == "4");
  CHECK(table.evaluate(2, 7).value() == R"("a 3 b")");
  const auto whole = json::parse(table.evaluate(3, 7).value());
  CHECK(whole.at("n") == 3);
  CHECK(whole.at("picture").at(0).at("$artifact") == "ab");
}

TEST_CASE("a variable of a declared type is checked when it is compiled and converted when bound") {
  ExpressionTable table;
  const std::string variables =
      R"({"params": {"type": "object", "additionalProperties": false, "required": ["seconds"],
          "properties": {"seconds": {"type": "number"}}}})";
  const auto slip = table.compile(1, WEFT_EXPRESSION_BARE, "params.second * 2.0", variables);
  REQUIRE(slip.has_error());
  CHECK(slip.error().to_string().find("seconds") != std::string::npos);
  REQUIRE(table.compile(1, WEFT_EXPRESSION_BARE, "params.seconds * 2.0", variables));
  REQUIRE(table.bind(1, "params", R"({"seconds": 3})"));
  CHECK(table.evaluate(1, 1).value() == "6E0");
}

TEST_CASE("what cannot be evaluated says why, and what is dropped has no value any more") {
  ExpressionTable table;
  REQUIRE(table.compile(1, WEFT_EXPRESSION_BARE, "body.a", R"({"body": {}})"));
  CHECK(table.compile(1, WEFT_EXPRESSION_BARE, "1", "{}").has_error());
  CHECK(table.compile(2, WEFT_EXPRESSION_BARE, "1 +", "{}").has_error());
  CHECK(table.compile(2, 9, "1", "{}").has_error());
  CHECK(table.compile(2, WEFT_EXPRESSION_BARE, "1", "[]").has_error());
  CHECK(table.evaluate(2, 1).has_error());
  CHECK(table.evaluate(1, 1).has_error());
  CHECK(table.bind(1, "body", "no JSON").has_error());
  REQUIRE(table.bind(1, "body", R"({"a": "x"})"));
  CHECK(table.evaluate(1, 1).value() == R"("x")");
  table.drop(1);
  CHECK(table.evaluate(1, 1).has_error());
}
