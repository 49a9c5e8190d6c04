// SPDX-License-Identifier: Apache-2.0
#include "base/json.hpp"

#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

#include "print_result.hpp"

using namespace weft;

namespace {

SourcePosition position_of_mistake(std::string_view text) {
  const auto value = parse_json(text, "a.json");
  REQUIRE_FALSE(value);
  REQUIRE(value.error().diagnostics.size() == 1);
  return value.error().diagnostics.front().position;
}

}  // namespace

TEST_CASE("equal values have one canonical text, however they were written") {
  const auto one = parse_json(R"({ "b" : [1, 2.50, true], "a" : {"z": null, "y": "\u0041"} })");
  const auto other = parse_json(R"({"a":{"y":"A","z":null},"b":[1,2.5,true]})");
  REQUIRE(one);
  REQUIRE(other);
  CHECK(canonical(*one) == canonical(*other));
  CHECK(digest_of(*one) == digest_of(*other));
  CHECK(canonical(*one).find(' ') == std::string::npos);
  CHECK(parse_json(canonical(*one)).value() == *other);
}

TEST_CASE("keys of a canonical text are in byte order") {
  CHECK(canonical(parse_json(R"({"a":1,"B":2,"é":3,"aa":4})").value()) ==
        R"({"B":2,"a":1,"aa":4,"é":3})");
}

TEST_CASE("an int and a number of the same size are different values") {
  CHECK(canonical(parse_json("3").value()) != canonical(parse_json("3.0").value()));
  CHECK(parse_json("3").value().is_int64());
  CHECK(parse_json("3.0").value().is_double());
}

TEST_CASE("a number has one shortest canonical text, and is the same when it is read again") {
  const std::vector<std::pair<double, std::string>> forms{
      {0.75, "0.75"},
      {-0.75, "-0.75"},
      {0.1, "0.1"},
      {0.1 + 0.2, "0.30000000000000004"},
      {29.97, "29.97"},
      {123456.789, "123456.789"},
      {1.0 / 3, "0.3333333333333333"},
      {3.0, "3.0"},
      {-10.0, "-10.0"},
      {0.0, "0.0"},
      {-0.0, "0.0"},
      {9007199254740992.0, "9007199254740992.0"},
      {1e20, "100000000000000000000.0"},
      {1.2345678901234567e20, "123456789012345670000.0"},
      {999999999999999900000.0, "999999999999999900000.0"},
      {1e21, "1e+21"},
      {1.5e21, "1.5e+21"},
      {1e300, "1e+300"},
      {std::numeric_limits<double>::max(), "1.7976931348623157e+308"},
      {1e-6, "0.000001"},
      {1.25e-6, "0.00000125"},
      {1e-7, "1e-7"},
      {-1.5e-7, "-1.5e-7"},
      {std::numeric_limits<double>::min(), "2.2250738585072014e-308"},
      {std::numeric_limits<double>::denorm_min(), "5e-324"},
      {3 * std::numeric_limits<double>::denorm_min(), "1.5e-323"}};
  for (const auto& [number, form] : forms) {
    CHECK(canonical(number) == form);
    const auto again = parse_json(form);
    REQUIRE(again);
    REQUIRE(again->is_double());
    CHECK(again->get_double() == number);
  }
  CHECK(canonical(std::numeric_limits<std::int64_t>::min()) == "-9223372036854775808");
  CHECK(canonical(json::value(std::uint64_t{3})) == canonical(json::value(std::int64_t{3})));
}

TEST_CASE("a number with many digits is read as the nearest there is") {
  CHECK(parse_json("192.62827199999998").value().get_double() == 192.62827199999998);
  CHECK(parse_json("[1.917377330098547e+208]").value().at(0).get_double() ==
        1.917377330098547e+208);
  CHECK(parse_json("-1.70861011730405E-26").value().get_double() == -1.70861011730405e-26);
  CHECK(parse_json("1e-400").value().get_double() == 0.0);
}

TEST_CASE("a number too large to be held is refused where it stands") {
  CHECK(position_of_mistake("[1,\n 1e400]").line == 2);
  CHECK(position_of_mistake("[1,\n 100000000000000000000]").line == 2);
  CHECK(parse_json("[-1e400]").error().to_string().find("-1e400 is larger") != std::string::npos);
  CHECK(parse_json("100000000000000000000").error().to_string().find("64 signed bits") !=
        std::string::npos);
}

TEST_CASE("a mistake in JSON is reported where it stands") {
  CHECK(position_of_mistake("{\n  \"a\": 1,\n  \"b\": x\n}") == SourcePosition{"a.json", 3, 8});
  CHECK(position_of_mistake("{} {}").line == 1);
  CHECK(position_of_mistake("[1, 2").line == 1);
  CHECK(position_of_mistake("").line == 1);
}

TEST_CASE("a number that would be cut is refused, not cut") {
  CHECK(parse_json("9223372036854775807").value() == 9223372036854775807);
  const auto value = parse_json(R"({"seeds":[1, 9223372036854775808]})");
  REQUIRE_FALSE(value);
  CHECK(value.error().to_string().find("9223372036854775808") != std::string::npos);
}

TEST_CASE("text that is not UTF-8 and values nested without end are refused") {
  CHECK_FALSE(parse_json("\"\xff\""));
  CHECK(parse_json(std::string(60, '[') + std::string(60, ']')));
  CHECK_FALSE(parse_json(std::string(100'000, '[')));
}

TEST_CASE("an offset in a text is a line and a column from 1") {
  const std::string_view text = "ab\ncd\n";
  CHECK(position_at(text, 0, "f").to_string() == "f:1:1");
  CHECK(position_at(text, 4, "f").to_string() == "f:2:2");
  CHECK(position_at(text, 99, "f").to_string() == "f:3:1");
}

TEST_CASE("a member is found in an object, and nothing in what is none") {
  const json::value value{{"a", 1}};
  REQUIRE(find_member(value, "a"));
  CHECK(*find_member(value, "a") == 1);
  CHECK_FALSE(find_member(value, "b"));
  CHECK_FALSE(find_member(json::value("a"), "a"));
}
