// SPDX-License-Identifier: Apache-2.0
#include "expr/value.hpp"

#include <limits>

#include "base/json.hpp"
#include "catch.hpp"
#include "expr/type.hpp"

namespace weft::test {
namespace {

using expr::Artifact;
using expr::Kind;
using expr::List;
using expr::Map;
using expr::Type;
using expr::Value;

json::value parsed(std::string_view text) {
  return parse_json(text).value();
}

TEST_CASE("JSON comes back as it was after a way through values") {
  const json::value json = parsed(R"({"b":[1,2.5,null,true,"x"],"a":{"n":-7}})");
  CHECK(to_json(expr::from_json(json)).value() == json);
}

TEST_CASE("an artifact has a JSON form and is read from it") {
  const Value value(Artifact{std::string(64, 'a'), "image/png", 12, "frame"});
  const json::value json = to_json(value).value();
  CHECK(json.at("$artifact") == json::value(std::string(64, 'a')));
  const Value read = expr::from_json(json);
  REQUIRE(read.if_artifact());
  CHECK(read == value);
}

TEST_CASE("bytes, types and NaN have no JSON form and say so") {
  CHECK(to_json(Value::bytes("x")).has_error());
  CHECK(to_json(Value(Kind::integer)).has_error());
  CHECK(to_json(Value(std::numeric_limits<double>::quiet_NaN())).has_error());
  CHECK(to_json(Value(Map::make({{Value(1), Value(2)}}).value())).has_error());
}

TEST_CASE("a declared double turns a whole JSON number into a double") {
  CHECK(expr::from_json(parsed("3"), Type(Kind::floating)).value().kind() == Kind::floating);
}

TEST_CASE("a declared int takes 3.0 and refuses 3.5") {
  CHECK(expr::from_json(parsed("3.0"), Type(Kind::integer)).value() == Value(3));
  CHECK(expr::from_json(parsed("3.0"), Type(Kind::integer)).value().kind() == Kind::integer);
  CHECK(expr::from_json(parsed("3.5"), Type(Kind::integer)).has_error());
}

TEST_CASE("a value that does not fit its type is reported with its place") {
  const Type shots = Type::list(Type::object({{"seconds", Kind::integer, true}}, true));
  const auto value = expr::from_json(parsed(R"([{"seconds":3},{"seconds":"x"}])"), shots);
  REQUIRE(value.has_error());
  CHECK(value.error().message == "'[1].seconds' must be int, not 'x'");
}

TEST_CASE("numbers are equal across their types, other values are not") {
  CHECK(Value(1) == Value(1.0));
  CHECK(Value(1u) == Value(1));
  CHECK_FALSE(Value(1) == Value("1"));
  CHECK_FALSE(Value(false) == Value(0));
  CHECK_FALSE(Value(std::numeric_limits<double>::quiet_NaN()) ==
              Value(std::numeric_limits<double>::quiet_NaN()));
}

TEST_CASE("values of different kinds have no order") {
  CHECK_FALSE(compare(Value(1), Value("1")));
  CHECK(std::is_lt(*compare(Value(-1), Value(0u))));
}

TEST_CASE("a large map finds its keys as a small one does") {
  std::vector<Map::Entry> entries;
  for (int i = 0; i < 1000; ++i)
    entries.push_back({Value("k" + std::to_string(i * 7 % 1000)), Value(i)});
  entries.push_back({Value(5), Value("int")});
  entries.push_back({Value(true), Value("bool")});
  const Map map = Map::make(std::move(entries)).value();
  CHECK(*map.field("k7") == Value(1));
  CHECK(*map.find(Value("k993")) == Value(999));
  CHECK(*map.find(Value(5.0)) == Value("int"));
  CHECK(*map.find(Value(true)) == Value("bool"));
  CHECK(map.field("k1000") == nullptr);
  CHECK(map.find(Value(Kind::map)) == nullptr);
  CHECK(map.entries()[1].key == Value("k7"));
}

TEST_CASE("a map refuses a key that occurs twice, also as another number type") {
  CHECK(Map::make({{Value("a"), Value(1)}, {Value("a"), Value(2)}}).has_error());
  CHECK(Map::make({{Value(1), Value(1)}, {Value(1u), Value(2)}}).has_error());
  CHECK(Map::make({{Value(1.5), Value(1)}}).has_error());
}

TEST_CASE("a long value is cut when it is shown") {
  CHECK(to_display(Value(List{1, 2, 3, 4, 5})) == "[1, 2, 3, …]");
  CHECK(to_display(Value(std::string(1000, 'x'))).size() < 80);
}

}  // namespace
}  // namespace weft::test
