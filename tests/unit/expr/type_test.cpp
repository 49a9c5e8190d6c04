// SPDX-License-Identifier: Apache-2.0
#include "expr/type.hpp"

#include "base/json.hpp"
#include "catch.hpp"

namespace weft::test {
namespace {

using expr::Kind;
using expr::Type;

Type from(std::string_view schema) {
  return Type::from_json_schema(parse_json(schema).value());
}

TEST_CASE("a schema's integer is int and its number is double") {
  CHECK(from(R"({"type":"integer"})").kind() == Kind::integer);
  CHECK(from(R"({"type":"number"})").kind() == Kind::floating);
}

TEST_CASE("a schema that says nothing is dyn") {
  CHECK(from("{}").is_dyn());
  CHECK(from(R"({"type":["string","integer"]})").is_dyn());
}

TEST_CASE("a list of types with null in it may be null") {
  const Type type = from(R"({"type":["string","null"]})");
  CHECK(type.kind() == Kind::string);
  CHECK(type.may_be_null());
  CHECK_FALSE(type.not_null().may_be_null());
  CHECK(type.to_string() == "string or null");
}

TEST_CASE("an object is closed only when other members are forbidden") {
  const Type closed = from(
      R"({"type":"object","properties":{"a":{"type":"string"}},"additionalProperties":false})");
  const Type open =
      from(R"({"type":"object","properties":{"a":{"type":"string"}},"required":["a"]})");
  CHECK(closed.is_closed());
  CHECK_FALSE(open.is_closed());
  REQUIRE(open.find_field("a"));
  CHECK(open.find_field("a")->required);
  CHECK_FALSE(closed.find_field("a")->required);
}

TEST_CASE("arrays know their elements, maps their values, enums their kind") {
  CHECK(from(R"({"type":"array","items":{"type":"boolean"}})").element().kind() == Kind::boolean);
  CHECK(from(R"({"type":"object","additionalProperties":{"type":"number"}})").element().kind() ==
        Kind::floating);
  CHECK(from(R"({"enum":["a","b",null]})").to_string() == "string or null");
  CHECK(from(R"({"anyOf":[{"type":"integer"},{"type":"null"}]})").to_string() == "int or null");
}

TEST_CASE("joining types keeps what they have in common") {
  CHECK(Type::join(Kind::integer, Kind::integer).kind() == Kind::integer);
  CHECK(Type::join(Kind::integer, Kind::string).is_dyn());
  CHECK(Type::join(Kind::null_type, Kind::string).to_string() == "string or null");
  CHECK(Type::join(Type::list(Kind::integer), Type::list(Kind::string)).kind() == Kind::list);
}

}  // namespace
}  // namespace weft::test
