// SPDX-License-Identifier: Apache-2.0
#include "model/document.hpp"
#include "catch.hpp"

using namespace weft;

namespace {

std::string at(const SourcePosition& position) {
  return std::to_string(position.line) + ":" + std::to_string(position.column);
}

}  // namespace

TEST_CASE("a TOML text becomes JSON whose parts know where they stand") {
  const Document document =
      Document::from_toml(
          "name = \"p\"\n[tasks.a]\nparams = { width = 640, list = [1, 2.5, true] }\n", "a.toml")
          .value();
  CHECK(canonical(document.root()) ==
        R"({"name":"p","tasks":{"a":{"params":{"list":[1,2.5,true],"width":640}}}})");
  CHECK(document.key_position("/tasks/a/params/width").to_string() == "a.toml:3:12");
  CHECK(at(document.value_position("/tasks/a/params/width")) == "3:20");
  CHECK(at(document.value_position("/tasks/a/params/list/1")) == "3:36");
  CHECK(at(document.key_position("/tasks/a")) == "2:8");
}

TEST_CASE("the text of a string begins behind its quotes, also of a long one") {
  const Document document =
      Document::from_toml("a = \"x\"\nb = \"\"\"y\"\"\"\nc = '''\nz'''\n", "a.toml").value();
  CHECK(at(document.text_position("/a")) == "1:6");
  CHECK(at(document.text_position("/b")) == "2:8");
  CHECK(at(document.text_position("/c")) == "4:1");
}

TEST_CASE("a string with escape sequences has a line, and no column to count on from") {
  const Document toml =
      Document::from_toml("a = \"x\\ny\"\nb = 'x\\ny'\nc = \"\"\"\nx\n\\ty\"\"\"\nd = \"x\" # \\\n",
                          "a.toml")
          .value();
  CHECK(at(toml.text_position("/a")) == "1:0");
  CHECK(at(toml.text_position("/b")) == "2:6");
  CHECK(at(toml.text_position("/c")) == "3:0");
  CHECK(at(toml.text_position("/d")) == "6:6");
  const Document json = Document::from_json(R"({"a": "x\ny", "b": "x"})", "a.json").value();
  CHECK(at(json.text_position("/a")) == "1:0");
  CHECK(at(json.text_position("/b")) == "1:21");
}

TEST_CASE("a column counts characters, not bytes") {
  const Document document = Document::from_toml("t = { \"grün\" = 1, b = 2 }\n", "a.toml").value();
  CHECK(at(document.key_position("/t/b")) == "1:19");
}

TEST_CASE("a JSON text knows its positions too") {
  const Document document =
      Document::from_json("{\n  \"a\\\"b\": [1, {\"c/d\": \"x\"}],\n  \"e\" : null\n}", "a.json")
          .value();
  CHECK(at(document.key_position("/a\"b")) == "2:3");
  CHECK(at(document.value_position("/a\"b/0")) == "2:12");
  CHECK(at(document.key_position("/a\"b/1/c~1d")) == "2:16");
  CHECK(at(document.text_position("/a\"b/1/c~1d")) == "2:24");
  CHECK(at(document.value_position("/e")) == "3:9");
}

TEST_CASE("the same content in TOML and in JSON is the same value") {
  const Document toml =
      Document::from_toml("a = 1\nb = [1.5, \"x\"]\n[c]\nd = true\n", "a.toml").value();
  const Document json =
      Document::from_json(R"({"c": {"d": true}, "b": [1.5, "x"], "a": 1})", "a.json").value();
  CHECK(canonical(toml.root()) == canonical(json.root()));
}

TEST_CASE("what is not there has the place of what is around it") {
  const Document document = Document::from_toml("[a]\nb = 1\n", "a.toml").value();
  CHECK(at(document.key_position("/a/missing/deeper")) == "1:2");
  CHECK(at(document.key_position("/other")) == "1:1");
}

TEST_CASE("a value that was read before has no position but its file") {
  const Document document =
      Document::without_positions(json::object{{"a", 1}}, "stored definition");
  CHECK(document.key_position("/a").to_string() == "stored definition");
}

TEST_CASE("every key that JSON has twice is named") {
  const auto document =
      Document::from_json("{\"a\": 1,\n \"a\": 2,\n \"b\": {\"c\": 1, \"c\": 2}}", "a.json");
  REQUIRE(document.has_error());
  REQUIRE(document.error().diagnostics.size() == 2);
  CHECK(document.error().diagnostics[0].position.to_string() == "a.json:2:2");
  CHECK(document.error().diagnostics[1].position.to_string() == "a.json:3:16");
}

TEST_CASE("what was written below a key that comes again is read over") {
  const auto document = Document::from_json(
      R"({"a": {"b": [1], "c": {}}, "a": [{"d": 1}], "e": 1, "e": 2})", "a.json");
  REQUIRE(document.has_error());
  REQUIRE(document.error().diagnostics.size() == 2);
  CHECK(document.error().diagnostics[0].position.to_string() == "a.json:1:28");
  CHECK(document.error().diagnostics[1].position.to_string() == "a.json:1:53");
}

TEST_CASE("a text nested without end is refused, not followed") {
  const std::string deep = "a = " + std::string(60, '[') + std::string(60, ']');
  CHECK(Document::from_toml(deep, "a.toml").has_error());
  const std::string deeper(100'000, '[');
  CHECK(Document::from_toml("a = " + deeper, "a.toml").has_error());
  CHECK(Document::from_json(deeper, "a.json").has_error());
}

TEST_CASE("pointers are read as paths by people") {
  CHECK(pointer_to_path("/shots/2/seconds") == "shots[2].seconds");
  CHECK(pointer_to_path("") == "");
  CHECK(split_pointer(child_pointer("/a", "b/c~d")) == std::vector<std::string>{"a", "b/c~d"});
}
