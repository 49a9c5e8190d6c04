// SPDX-License-Identifier: Apache-2.0
#include "plan/pipeline_template.hpp"

#include "catch.hpp"

using namespace weft;

namespace {

constexpr std::string_view poster = R"(description = "A poster"
definition = '''
name = {{name}}
size = {{size}}
words = {{words}}
again = {{name}}
'''
[params]
name  = { type = "string", minLength = 1 }
size  = { type = "number", default = 0.5 }
words = { type = "array", items = { type = "string" }, default = ["a", "b"] }
)";

PipelineTemplate read(std::string_view text) {
  auto read = read_template(text, "poster.toml", "poster");
  INFO((read.has_error() ? read.error().to_string() : ""));
  REQUIRE(read.has_value());
  return *read;
}

std::string mistakes(const Error& error) {
  std::string all;
  for (const Diagnostic& one : error.diagnostics)
    all += std::to_string(one.position.line) + ": " + one.message + "; " + one.remedy + "\n";
  return all;
}

}  // namespace

TEST_CASE("a template is filled with values as TOML writes them") {
  CHECK(
      fill_template(read(poster), {{"name", "say \"hi\"\nthere"}, {"words", "[\"c\"]"}}).value() ==
      "name = \"say \\\"hi\\\"\\nthere\"\nsize = 0.5\nwords = [\"c\"]\n"
      "again = \"say \\\"hi\\\"\\nthere\"\n");
  CHECK(fill_template(read(poster), {{"name", "7"}, {"size", "3"}}).value() ==
        "name = \"7\"\nsize = 3\nwords = [\"a\", \"b\"]\nagain = \"7\"\n");
}

TEST_CASE("all params that are missing, wrong or unknown are named together") {
  const auto filled = fill_template(read(poster), {{"size", "big"}, {"wrds", "[]"}});
  REQUIRE(filled.has_error());
  CHECK(filled.error().kind == ErrorKind::invalid);
  const std::string told = mistakes(filled.error());
  INFO(told);
  CHECK(told.find("param 'name' is missing; give it: -p name=TEXT") != told.npos);
  CHECK(told.find("param 'size' ") != told.npos);
  CHECK(told.find("has no param 'wrds'; did you mean 'words'?") != told.npos);
}

TEST_CASE("a hole without a param, and a param without a hole, are mistakes of the template") {
  const auto read = read_template(
      "description = \"x\"\ndefinition = \"a = {{nmae}}\"\n[params]\nname = { type = \"string\" "
      "}\n",
      "t.toml", "t");
  REQUIRE(read.has_error());
  const std::string told = mistakes(read.error());
  INFO(told);
  CHECK(told.find("2: no param stands for '{{nmae}}'; did you mean 'name'?") != told.npos);
  CHECK(told.find("4: the definition does not use param 'name'") != told.npos);
}
