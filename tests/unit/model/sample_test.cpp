// SPDX-License-Identifier: Apache-2.0
#include "model/sample.hpp"

#include "catch.hpp"
#include "model/operation.hpp"
#include "model/schema.hpp"

using namespace weft;

TEST_CASE("a sample is a default, a constant or the first of a choice where there is one") {
  CHECK(sample_of(*parse_json(R"({"type": "integer", "default": 7})")) == 7);
  CHECK(sample_of(*parse_json(R"({"const": "x"})")) == "x");
  CHECK(sample_of(*parse_json(R"({"type": "number", "enum": [5, 9]})")) == 5);
}

TEST_CASE("a sample is the least value of its type otherwise") {
  CHECK(sample_of(*parse_json(R"({"type": "integer", "minimum": 65, "multipleOf": 16})")) == 80);
  CHECK(sample_of(*parse_json(R"({"type": "integer"})")) == 1);
  CHECK(sample_of(*parse_json(R"({"type": "integer", "maximum": -3})")) == -3);
  CHECK(sample_of(*parse_json(R"({"type": "number", "exclusiveMinimum": 0})")) == 0.5);
  CHECK(sample_of(*parse_json(R"({"type": ["null", "boolean"]})")) == true);
  CHECK(sample_of(*parse_json(R"({"type": "string", "minLength": 6})")) == "text text");
  CHECK(sample_of(*parse_json(R"({"type": "string", "maxLength": 2})")) == "te");
  CHECK(sample_of(*parse_json(R"({"type": "array", "minItems": 2, "items": {"type": "null"}})")) ==
        *parse_json("[null, null]"));
}

TEST_CASE("the params of every canonical operation have a sample that they admit") {
  const OperationCatalog catalog = OperationCatalog::canonical();
  for (const std::string& name : catalog.names()) {
    const Schema& schema = catalog.find(name)->params;
    json::value sample = sample_of(schema.source());
    sample.as_object().erase("options");
    INFO(name << " " << canonical(sample));
    CHECK(schema.validate(sample).empty());
  }
}
