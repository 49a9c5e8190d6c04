// SPDX-License-Identifier: Apache-2.0
#include "schema.hpp"

#include "catch.hpp"

namespace http_plugin {
namespace {

using nlohmann::json;

const json scenes = json::parse(R"({
  "type": "object", "required": ["scenes"], "additionalProperties": false,
  "properties": {
    "scenes": {
      "type": "array", "minItems": 1, "maxItems": 2,
      "items": {
        "type": "object", "required": ["prompt"],
        "properties": {"prompt": {"type": "string", "minLength": 3},
                       "seconds": {"type": "integer", "minimum": 1, "maximum": 9},
                       "motion": {"enum": ["none", "zoom_in"]}}}},
    "title": {"anyOf": [{"type": "null"}, {"type": "string"}]}}})");

TEST_CASE("a value of the form that was asked for fits") {
  CHECK(misfit(json::parse(R"({"scenes": [{"prompt": "a heron", "seconds": 3.0}]})"), scenes) ==
        "");
  CHECK(misfit(json::parse(R"({"scenes": [{"prompt": "a heron", "motion": "none", "more": 1}],
                               "title": null})"),
               scenes) == "");
  CHECK(misfit(json(7), json(true)) == "");
}

TEST_CASE("each way not to fit is told with its place") {
  const auto [value, words] = GENERATE(table<std::string, std::string>({
      {R"([])", R"(it must be ["object"])"},
      {R"({})", "scenes is missing"},
      {R"({"scenes": []})", "scenes has too few or too many elements: 0"},
      {R"({"scenes": [{"prompt": "a heron"}, {}]})", "scenes[1].prompt is missing"},
      {R"({"scenes": [{"prompt": "a"}]})", "scenes[0].prompt is too short or too long"},
      {R"({"scenes": [{"prompt": "a heron", "seconds": 2.5}]})",
       R"(scenes[0].seconds must be ["integer"])"},
      {R"({"scenes": [{"prompt": "a heron", "seconds": 10}]})",
       "scenes[0].seconds is out of its range"},
      {R"({"scenes": [{"prompt": "a heron", "motion": "fly"}]})",
       R"(scenes[0].motion must be one of ["none","zoom_in"])"},
      {R"({"scenes": [{"prompt": "a heron"}], "titel": ""})", "titel was not asked for"},
      {R"({"scenes": [{"prompt": "a heron"}], "title": 3})", R"(title must be ["null"])"},
  }));
  CHECK(misfit(json::parse(value), scenes) == words);
}

}  // namespace
}  // namespace http_plugin
