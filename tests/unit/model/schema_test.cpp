// SPDX-License-Identifier: Apache-2.0
#include "model/schema.hpp"
#include "catch.hpp"

using namespace weft;

namespace {

json::value parse(const std::string& text) {
  return parse_json(text).value();
}

std::vector<std::string> violations(const std::string& schema, const std::string& value) {
  std::vector<std::string> texts;
  for (const Violation& one : Schema::compile(parse(schema)).value().validate(parse(value)))
    texts.push_back(one.pointer + " " + one.message +
                    (one.remedy.empty() ? "" : "; " + one.remedy));
  return texts;
}

using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE("a schema made of nothing accepts anything") {
  CHECK(Schema().validate(parse("[1, {}, null]")).empty());
}

TEST_CASE("a violation says where, what, and in words what would do") {
  CHECK(violations(R"({"type": "integer"})", "\"1\"") == Texts{" must be an integer, not a text"});
  CHECK(violations(R"({"type": ["string", "null"]})", "1") ==
        Texts{" must be a text or null, not an integer"});
  CHECK(violations(R"({"maximum": 240})", "241") == Texts{" must be at most 240"});
  CHECK(violations(R"({"exclusiveMinimum": 0})", "0") == Texts{" must be more than 0"});
  CHECK(violations(R"({"multipleOf": 8})", "12") == Texts{" must be a multiple of 8"});
  CHECK(violations(R"({"minLength": 1})", "\"\"") == Texts{" must not be empty"});
  CHECK(violations(R"({"pattern": "^a"})", "\"b\"") == Texts{" must match the pattern '^a'"});
  CHECK(violations(R"({"items": {"minimum": 0}})", "[1, -1]") == Texts{"/1 must be at least 0"});
  CHECK(violations(R"({"required": ["prompt"]})", "{}") == Texts{" has no 'prompt'"});
  CHECK(violations(R"({"maxItems": 1})", "[1, 2]") == Texts{" must have at most 1 elements"});
}

TEST_CASE("a word that is nearly right is put right") {
  CHECK(violations(R"({"enum": ["blend", "motion"]})", "\"blent\"") ==
        Texts{" must be one of 'blend', 'motion', not 'blent'; did you mean 'blend'?"});
}

TEST_CASE("all unknown members are named, not only the first") {
  CHECK(violations(R"({"properties": {"width": {}, "height": {}}, "additionalProperties": false})",
                   R"({"widht": 1, "hight": 2})") ==
        Texts{"/widht is not allowed here; did you mean 'width'?",
              "/hight is not allowed here; did you mean 'height'?"});
}

TEST_CASE("a choice of members is one sentence") {
  CHECK(violations(R"({"anyOf": [{"required": ["factor"]}, {"required": ["width"]}]})", "{}") ==
        Texts{" needs one of 'factor', 'width'"});
}

TEST_CASE("a wrong type is all that is said about a value") {
  CHECK(violations(R"({"type": "integer", "enum": [1, 2]})", "\"1\"") ==
        Texts{" must be an integer, not a text"});
}

TEST_CASE("several violations are found together, each at its place") {
  CHECK(
      violations(R"({"properties": {"a": {"type": "integer"}, "b": {"type": "object", "properties":
                    {"c": {"maximum": 1}}}}})",
                 R"({"a": "x", "b": {"c": 2}})") ==
      Texts{"/a must be an integer, not a text", "/b/c must be at most 1"});
}

TEST_CASE("the type artifact asks for an artifact object") {
  const std::string artifact = R"({"$artifact": ")" + std::string(64, 'a') +
                               R"(", "media_type": "image/png", "bytes": 3, "name": "a.png"})";
  const std::string schema = R"({"type": "array", "items": {"type": "artifact"}})";
  CHECK(violations(schema, "[" + artifact + "]").empty());
  CHECK(violations(schema, R"(["a.png"])") == Texts{"/0 must be an artifact, not a text"});
  CHECK_FALSE(violations(schema, R"([{"name": "a.png"}])").empty());
}

TEST_CASE("a member that is called like a keyword is a member") {
  const std::string schema =
      R"({"properties": {"type": {"type": "artifact"}, "enum": {"type": "integer"}}})";
  CHECK(violations(schema, R"({"enum": 1})").empty());
  CHECK(violations(schema, R"({"enum": "x"})").size() == 1);
}

TEST_CASE("numbers take the form their schema names, when they can do so exactly") {
  const Schema schema =
      Schema::compile(parse(R"({"properties": {"n": {"type": "integer"}, "x": {"type": "number"},
      "all": {"items": {"type": "integer"}}}})"))
          .value();
  json::value value = parse(R"({"n": 3.0, "x": 3, "all": [1.0, 1.5], "other": 2})");
  schema.convert_numbers(value);
  CHECK(value.at("n").is_int64());
  CHECK(value.at("x").is_double());
  CHECK(value.at("all").at(0).is_int64());
  CHECK(value.at("all").at(1).is_double());
  CHECK(value.at("other").is_int64());
}

TEST_CASE("a wrong schema is not compiled, and says where it is wrong") {
  const auto wrong = Schema::compile(parse(R"({"properties": {"a": {"typ": "integer"}}})"));
  REQUIRE(wrong.has_error());
  CHECK(wrong.error().message == "in the schema, 'properties.a.typ' is no keyword of JSON Schema");
  CHECK(wrong.error().remedy == "did you mean 'type'?");
  CHECK(Schema::compile(parse(R"({"type": "int"})")).has_error());
  CHECK(Schema::compile(parse(R"({"pattern": "("})")).has_error());
  CHECK(Schema::compile(parse(R"({"patternProperties": {"(": {}}})")).has_error());
  CHECK(Schema::compile(parse(R"({"$ref": "http://example.org/x"})")).has_error());
  CHECK(Schema::compile(parse("7")).has_error());
}

TEST_CASE("a format is asked of texts, and what is none does not end the process") {
  CHECK(violations(R"({"format": "date"})", "5").empty());
  CHECK(violations(R"({"format": "date"})", "[1]").empty());
  CHECK(violations(R"({"format": "date"})", "\"2026-02-01\"").empty());
  CHECK(violations(R"({"type": "string", "format": "date"})", "5") ==
        Texts{" must be a text, not an integer"});
  CHECK_FALSE(violations(R"({"type": "string", "format": "date"})", "\"tomorrow\"").empty());
}

TEST_CASE("what the validator cannot work with is a mistake of the schema") {
  CHECK(Schema::compile(parse(R"({"multipleOf": 0})")).has_error());
  CHECK(Schema::compile(parse(R"({"multipleOf": -8})")).has_error());
  CHECK(Schema::compile(parse(R"({"dependencies": "a"})")).has_error());
  CHECK(Schema::compile(parse(R"({"dependencies": {"a": [1]}})")).has_error());
  CHECK(violations(R"({"dependencies": {"a": ["b"]}})", R"({"a": 1, "b": 2})").empty());
  CHECK_FALSE(violations(R"({"dependencies": {"a": ["b"]}})", R"({"a": 1})").empty());
}

TEST_CASE("a text too long for a regular expression is refused before it is matched") {
  const Schema schema = Schema::compile(parse(R"({"pattern": "^(a|b)*$"})")).value();
  CHECK(schema.validate(json::value(std::string(1'000'000, 'a'))).size() == 1);
}

TEST_CASE("a pattern that counts further than can be counted is refused when it is read") {
  for (const char* pattern :
       {R"({"pattern": "a{44444444444444444444}"})", R"({"pattern": "a{1,1001}"})",
        R"({"patternProperties": {"x{5000}": {}}})"}) {
    CAPTURE(pattern);
    CHECK(Schema::compile(parse(pattern)).has_error());
  }
  CHECK(violations(R"({"pattern": "^(a{2,1000},4444444444)?$"})", "\"\"").empty());
}

TEST_CASE("a pattern that would be tried for ever is refused when it is read") {
  const auto schema = Schema::compile(parse(R"({"pattern": "a.*+++"})"));
  REQUIRE(schema.has_error());
  CHECK(schema.error().to_string().find("repeated repetitions") != std::string::npos);
}
