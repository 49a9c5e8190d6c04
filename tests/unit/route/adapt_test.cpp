// SPDX-License-Identifier: Apache-2.0
#include "route/adapt.hpp"

#include <boost/json/parse.hpp>

#include "catch.hpp"

using namespace weft;
using namespace weft::route;

namespace {

const Schema video = Schema::compile(json::parse(R"({
  "type": "object", "additionalProperties": false, "required": ["prompt"],
  "properties": {
    "prompt":  {"type": "string", "maxLength": 20},
    "seconds": {"type": "number", "enum": [5, 10]},
    "width":   {"type": "integer", "minimum": 256, "maximum": 1024, "multipleOf": 64},
    "fps":     {"type": "integer", "minimum": 8},
    "motion":  {"type": "number", "exclusiveMaximum": 1},
    "style":   {"type": "string", "enum": ["film", "sketch"]}}})"))
                         .value();

std::optional<Adapted> adapted(const char* params, std::vector<std::string> free) {
  return adapt(video, json::parse(params).as_object(), free);
}

std::string said(const char* params, std::vector<std::string> free) {
  const auto result = adapted(params, std::move(free));
  return result ? text_of(result->losses) : "not at all";
}

}  // namespace

TEST_CASE("params that a service takes stay as they are") {
  const auto same = adapted(R"({"prompt": "a heron", "seconds": 5})", {"seconds"});
  REQUIRE(same);
  CHECK(same->losses.empty());
  CHECK(same->params == json::object{{"prompt", "a heron"}, {"seconds", 5}});
}

TEST_CASE("what a service does not know is left out where that is allowed, and only there") {
  const char* params = R"({"prompt": "a heron", "negative_prompt": "blur"})";
  CHECK(said(params, {}) == "not at all");
  CHECK(said(params, {"seconds"}) == "not at all");
  CHECK(said(params, {"negative_prompt"}) == "negative_prompt left out");
  CHECK(adapted(params, {"negative_prompt"})->params == json::object{{"prompt", "a heron"}});
}

TEST_CASE("a number becomes the nearest one of a list, of two as near the larger") {
  CHECK(said(R"({"prompt": "", "seconds": 6})", {"seconds"}) == "seconds 6 becomes 5");
  CHECK(said(R"({"prompt": "", "seconds": 7.5})", {"seconds"}) == "seconds 7.5 becomes 10");
  CHECK(said(R"({"prompt": "", "seconds": 60})", {"seconds"}) == "seconds 60 becomes 10");
}

TEST_CASE("a number is brought within its bounds and on its steps") {
  CHECK(said(R"({"prompt": "", "width": 2048})", {"width"}) == "width 2048 becomes 1024");
  CHECK(said(R"({"prompt": "", "width": 1})", {"width"}) == "width 1 becomes 256");
  CHECK(said(R"({"prompt": "", "width": 700})", {"width"}) == "width 700 becomes 704");
  CHECK(said(R"({"prompt": "", "fps": 23.976})", {"fps"}) == "fps 23.976 becomes 24");
}

TEST_CASE("a word that a service does not take is left out, unless it has to be given") {
  CHECK(said(R"({"prompt": "", "style": "oil"})", {"style"}) == "style left out");
  CHECK(said(R"({"prompt": "longer than twenty letters"})", {"prompt"}) == "not at all");
  CHECK(said(R"({"prompt": "", "motion": 2})", {"motion"}) == "not at all");
}

TEST_CASE("several losses are told together, and one that is not allowed forbids them all") {
  const char* params = R"({"prompt": "", "seconds": 8, "width": 4096, "seed": 1})";
  CHECK(said(params, {"seed", "width", "seconds"}).find("seed left out") != std::string::npos);
  CHECK(adapted(params, {"seed", "width", "seconds"})->losses.size() == 3);
  CHECK(said(params, {"seed", "width"}) == "not at all");
}

TEST_CASE("a param that is missing is made up by nobody") {
  CHECK(said(R"({"seconds": 5})", {"prompt", "seconds"}) == "not at all");
}
