// SPDX-License-Identifier: Apache-2.0
#include "model/inputs.hpp"

#include <boost/json/parse.hpp>

#include "catch.hpp"

using namespace weft;

namespace {

InputDeclaration declared(std::string_view schema) {
  InputDeclaration declaration;
  declaration.name = "it";
  declaration.schema = Schema::compile(json::parse(schema)).value();
  declaration.artifact = schema == R"({"type": "artifact"})";
  return declaration;
}

// What complete_inputs() says about this text for such an input.
Diagnostic complaint(std::string_view schema, std::string_view text) {
  const InputDeclaration declaration = declared(schema);
  const auto checked =
      complete_inputs("'p'", {declaration}, {{"it", input_from_text(declaration, text)}});
  REQUIRE(checked.has_error());
  REQUIRE(checked.error().diagnostics.size() == 1);
  return checked.error().diagnostics.front();
}

}  // namespace

TEST_CASE("a text for an input that takes a string is that text, whatever it looks like") {
  for (const char* schema :
       {R"({"type": "string"})", R"({"type": ["string", "null"]})", R"({"enum": ["42", "true"]})"})
    for (const char* text : {"42", "true", "null", "[1]", "\"quoted\"", "", "a red fox"})
      CHECK(input_from_text(declared(schema), text) == json::value(text));
}

TEST_CASE("a text for any other input is JSON") {
  CHECK(input_from_text(declared(R"({"type": "integer"})"), "7") == 7);
  CHECK(input_from_text(declared(R"({"type": "boolean"})"), "true") == true);
  CHECK(input_from_text(declared(R"({"type": "array"})"), "[1, 2]") == json::value({1, 2}));
  CHECK(input_from_text(declared("{}"), "7") == 7);
  CHECK(input_from_text(declared("{}"), "a fox") == json::value("a fox"));
}

TEST_CASE("a text of the wrong type is refused with the type and what to write") {
  const Diagnostic integer = complaint(R"({"type": "integer"})", "seven");
  CHECK(integer.message == "input 'it' must be an integer, not a text");
  CHECK(integer.remedy == "write -i it=7");
  CHECK(complaint(R"({"type": "boolean"})", "1").remedy == "write -i it=true or -i it=false");
  CHECK(complaint(R"({"type": "array"})", "[1,").remedy ==
        "write -i 'it=[…]' in JSON, or -i it=@FILE.json");
  CHECK(complaint(R"({"type": "array", "items": {"type": "artifact"}})", "a.png").remedy ==
        "write -i it=@FILE, once for each file");
  CHECK(complaint(R"({"type": "artifact"})", "a.png").remedy == "write -i it=@FILE");
}

TEST_CASE("an input that nobody declared is named with the one that was meant, and all there are") {
  Pipeline pipeline;
  pipeline.name = "p";
  const auto refused = complete_inputs("'p'", pipeline.inputs, {{"it", 1}});
  REQUIRE(refused.has_error());
  CHECK(refused.error().diagnostics.front().remedy == "it takes no inputs");
  for (const char* name : {"seed", "title"}) {
    pipeline.inputs.push_back(declared("{}"));
    pipeline.inputs.back().name = name;
    pipeline.inputs.back().default_value = 1;
  }
  const auto unknown = complete_inputs("'p'", pipeline.inputs, {{"sede", 1}});
  REQUIRE(unknown.has_error());
  CHECK(unknown.error().diagnostics.front().message == "'p' has no input 'sede'");
  CHECK(unknown.error().diagnostics.front().remedy ==
        "did you mean 'seed'? its inputs: seed, title");
}
