// SPDX-License-Identifier: Apache-2.0
#include <random>

#include "base/json.hpp"
#include "catch.hpp"
#include "expr_helpers.hpp"

namespace weft::test {
namespace {

using Catch::Matchers::Contains;
using expr::Bindings;
using expr::Environment;
using expr::Kind;
using expr::Type;
using expr::Value;

Environment open_environment() {
  return Environment({{"x", Type::dyn()}, {"y", Type::dyn()}});
}

result<Value> with_x(std::string_view text, Value x) {
  const Environment environment = open_environment();
  Bindings bindings(environment);
  bindings.set("x", std::move(x));
  return expr::compile(text, environment).value().evaluate(bindings);
}

TEST_CASE("a missing key is reported where it was asked for, with the one that was meant") {
  const Environment environment = open_environment();
  Bindings bindings(environment);
  bindings.set("x", expr::from_json(parse_json(R"({"prompt":"a cat"})").value()));
  const auto program =
      expr::compile("x.promt", environment, {.origin = {"film.toml", 7, 20}}).value();
  const auto value = program.evaluate(bindings);
  REQUIRE(value.has_error());
  CHECK(value.error().kind == ErrorKind::invalid);
  CHECK_THAT(value.error().to_string(), Contains("film.toml:7:22: error: no such key: 'promt'") &&
                                            Contains("did you mean 'prompt'?"));
}

TEST_CASE("errors of values name what was wrong") {
  CHECK_THAT(failure_of("1 / 0"), Contains("divide by zero"));
  CHECK_THAT(failure_of("9223372036854775807 + 1"), Contains("integer overflow"));
  CHECK_THAT(failure_of("[1, 2][2]"), Contains("index 2 is out of range, the list has 2 elements"));
  CHECK_THAT(failure_of("int('x')"), Contains("'x' is not a whole number"));
  CHECK_THAT(failure_of("timestamp('2026-11-21T10:00:00Z').getHours('Europe/Paris')"),
             Contains("unknown time zone"));
  CHECK_THAT(with_x("x.a", nullptr).error().to_string(), Contains("!= null"));
}

TEST_CASE("&& and || do not mind an error where the other side decides, on either side") {
  CHECK(value_of("1 / 0 == 1 || true").value() == Value(true));
  CHECK(value_of("true || 1 / 0 == 1").value() == Value(true));
  CHECK(value_of("1 / 0 == 1 && false").value() == Value(false));
  CHECK_THAT(failure_of("1 / 0 == 1 || false"), Contains("divide by zero"));
  CHECK_THAT(failure_of("1 / 0 == 1 && 1 % 0 == 1"), Contains("divide by zero"));
}

TEST_CASE("a duration reaches to either end of what 64 bits of nanoseconds hold") {
  CHECK(value_of("string(duration('9223372036854775807ns'))").value() ==
        Value("9223372036.854775807s"));
  CHECK(value_of("string(duration('-9223372036854775808ns'))").value() ==
        Value("-9223372036.854775808s"));
  CHECK(value_of("string(duration('-2562047h47m16.854775808s'))").value() ==
        Value("-9223372036.854775808s"));
  CHECK_THAT(failure_of("duration('9223372036854775808ns')"), Contains("is not a duration"));
  CHECK_THAT(failure_of("duration('-9223372036854775809ns')"), Contains("is not a duration"));
  CHECK_THAT(failure_of("duration('18446744073709551615h')"), Contains("is not a duration"));
}

TEST_CASE("a variable without a value only matters when it is needed") {
  CHECK(with_x("x == 1 || y == 2", 1).value() == Value(true));
  CHECK_THAT(with_x("x == 1 && y == 2", 1).error().to_string(),
             Contains("the variable 'y' has no value"));
}

TEST_CASE("bindings of another environment are refused") {
  const auto program = expr::compile("x", open_environment()).value();
  CHECK(program.evaluate(Bindings(open_environment())).error().kind == ErrorKind::internal);
}

TEST_CASE("a binding can be replaced and taken away, and one without a variable is refused") {
  const Environment environment = open_environment();
  const auto program = expr::compile("x + 1", environment).value();
  Bindings bindings(environment);
  CHECK(bindings.set("x", 1));
  CHECK(program.evaluate(bindings).value() == Value(2));
  CHECK(bindings.set("x", 2));
  CHECK(program.evaluate(bindings).value() == Value(3));
  bindings.unset("x");
  CHECK(program.evaluate(bindings).has_error());
  CHECK_FALSE(bindings.set("z", 1));
}

TEST_CASE("the variables of macros within macros do not get into each other's way") {
  CHECK(value_of("[1, 2].map(x, [10, 20].map(y, x + y)) == [[11, 21], [12, 22]]").value() ==
        Value(true));
  CHECK(value_of("[1, 2].map(x, [x].map(x, x * 10)[0] + x) == [11, 22]").value() == Value(true));
  CHECK(value_of("cel.bind(a, 2, cel.bind(b, a * a, a + b))").value() == Value(6));
}

TEST_CASE("a part of a list that is made on the way outlives it") {
  CHECK(value_of("['a' + 'b', 'c'].map(t, t + '!')[0]").value() == Value("ab!"));
  CHECK(with_x("[x, x].map(t, {'k': [t, t]})[1].k[0]", "long enough not to be kept in place")
            .value() == Value("long enough not to be kept in place"));
  CHECK(with_x("cel.bind(v, {'a': [x]}, v.a[0])", "long enough not to be kept in place").value() ==
        Value("long enough not to be kept in place"));
}

TEST_CASE("a list index costs the same in a long list as in a short one") {
  expr::List list;
  for (int i = 0; i < 100'000; ++i) list.emplace_back(i);
  const Environment environment = open_environment();
  Bindings bindings(environment);
  bindings.set("x", std::move(list));
  const auto program = expr::compile("x[99999]", environment).value();
  CHECK(program.evaluate(bindings, {.steps_at_most = 3}).value() == Value(99'999));
}

TEST_CASE("an evaluation ends when its steps are used up") {
  const Environment environment = open_environment();
  Bindings bindings(environment);
  bindings.set("x", expr::List(1000, Value(1)));
  const auto program = expr::compile("x.map(a, x.map(b, a + b)).size()", environment).value();
  CHECK_THAT(program.evaluate(bindings).error().to_string(), Contains("too many steps"));
  CHECK(program.evaluate(bindings, {.steps_at_most = 100'000'000}).value() == Value(1000));
}

TEST_CASE("used up steps cannot be hidden behind ||, nor growth behind cheap operations") {
  CHECK_THAT(
      with_x("x.exists(a, x.exists(b, x.exists(c, false))) || true", expr::List(1000, Value(1)))
          .error()
          .to_string(),
      Contains("too many steps"));
  CHECK(with_x("[1,2,3,4,5,6,7,8,9,10].map(i, [1,2,3,4,5,6,7,8,9,10].map(j, x.replace('', x)))",
               std::string(10'000, 'x'))
            .has_error());
}

TEST_CASE(
    "a value that doubles at every level is neither compared, shown nor written out for ever") {
  std::string nested = "x";
  for (int i = 0; i < 20; ++i) nested = "cel.bind(x, [x, x, x, x, x, x, x, x], " + nested + ")";
  const Value huge = with_x(nested, 1).value();
  CHECK(huge.weight() > 1'000'000'000);
  CHECK(to_display(huge).size() < 1000);
  CHECK(to_json(huge).has_error());
  CHECK_THAT(with_x("x == [x][0]", huge).error().to_string(), Contains("too many steps"));
  CHECK_THAT(with_x("'%s'.format([x])", huge).error().to_string(), Contains("too many steps"));
  CHECK_THAT(with_x("x in [x]", huge).error().to_string(), Contains("too many steps"));
  CHECK_THAT(with_x("x.nothing", huge).error().to_string(), Contains("which has no fields"));
}

TEST_CASE("deep nesting is refused, not a crash") {
  const auto nested = [](std::string_view open, std::string_view middle, std::string_view close) {
    std::string text;
    for (int i = 0; i < 20'000; ++i) text += open;
    text += middle;
    for (int i = 0; i < 20'000; ++i) text += close;
    return failure_of(text);
  };
  CHECK_THAT(nested("(", "1", ")"), Contains("nested too deeply"));
  CHECK_THAT(nested("[", "", "]"), Contains("nested too deeply"));
  CHECK_THAT(nested("!", "true", ""), Contains("nested too deeply"));
  CHECK_THAT(nested("1 + ", "1", ""),
             Contains("longer than 64 KiB") || Contains("nested too deeply"));
  CHECK_THAT(nested("", "1", "[0]"), Contains("nested too deeply"));
  CHECK_THAT(nested("a?b:", "1", ""),
             Contains("longer than 64 KiB") || Contains("nested too deeply"));
}

TEST_CASE("a long chain of && is one level") {
  std::string text = "true";
  for (int i = 0; i < 5'000; ++i) text += "&&true";
  CHECK(value_of(text).value() == Value(true));
}

TEST_CASE("garbage is answered with an error or a value, never with a crash") {
  const std::string_view pieces[] = {"1",    "x",
                                     ".",    "(",
                                     ")",    "[",
                                     "]",    "{",
                                     "}",    ":",
                                     ",",    "'",
                                     "\"",   "\\u",
                                     "+",    "-",
                                     "&&",   "||",
                                     "?",    "in",
                                     "==",   "map",
                                     "has",  "`",
                                     "r'''", "0x",
                                     "1e",   "u",
                                     "null", "b'\\xff'",
                                     "!",    "%",
                                     "//",   "\n",
                                     "\xc3", ".map(y",
                                     "has(", "9223372036854775808"};
  std::mt19937 random(7);  // always the same texts
  for (int round = 0; round < 20'000; ++round) {
    std::string text;
    for (auto count = random() % 12; count > 0; --count)
      text += pieces[random() % std::size(pieces)];
    const Environment environment = open_environment();
    const auto program = expr::compile(text, environment, {.check = random() % 2 == 0});
    if (!program) {
      CHECK_FALSE(program.error().diagnostics.empty());
      continue;
    }
    Bindings bindings(environment);
    bindings.set("x", 1);
    const auto value = program->evaluate(bindings);
    CHECK((value || !value.error().diagnostics.empty()));
  }
}

TEST_CASE("an artifact shows its fields") {
  const Value artifact(expr::Artifact{std::string(64, 'b'), "image/png", 2048, "frame"});
  CHECK(with_x("x.bytes > 1024 && x.media_type == 'image/png' && x.name == 'frame' && "
               "size(x.sha256) == 64",
               artifact)
            .value() == Value(true));
  CHECK(with_x("has(x.bytes) && !has(x.size)", artifact).value() == Value(true));
  CHECK(with_x("x.size", artifact).has_error());
  CHECK(with_x("type(x) == type(x) && x == x", artifact).value() == Value(true));
}

TEST_CASE("regular expressions take time linear in the text") {
  CHECK(with_x("x.matches('(a+)+$')", std::string(100'000, 'a') + "b").value() == Value(false));
}

TEST_CASE("durations and timestamps calculate with each other") {
  CHECK(value_of("string(timestamp('2026-11-21T23:30:00+01:00') + duration('2h'))").value() ==
        Value("2026-11-22T00:30:00Z"));
  CHECK(value_of("duration('1.5s') + duration('500ms') == duration('2s')").value() == Value(true));
  CHECK(value_of("string(duration('-1h30m'))").value() == Value("-5400s"));
  CHECK(value_of("timestamp('2024-12-31T23:59:59Z').getDayOfYear()").value() == Value(365));
  CHECK(value_of("duration('123.321456789s').getMilliseconds()").value() == Value(321));
}

}  // namespace
}  // namespace weft::test
