// SPDX-License-Identifier: Apache-2.0
#include <boost/json.hpp>
#include <filesystem>

#include "catch.hpp"
#include "plugin/manifest.hpp"
#include "plugin/offer_table.hpp"

using namespace weft;
using namespace weft::plugin;

namespace {

std::string with_component(const std::string& component) {
  return R"({"id": "a.b", "name": "N", "version": "1.0.0", "license": "MIT", "abi": "1.0",
             "components": [)" +
         component + "]}";
}
std::string mistakes(const std::string& component) {
  const auto manifest = parse_manifest(with_component(component), "m.json");
  return manifest ? "" : manifest.error().to_string();
}

}  // namespace

TEST_CASE("an executor has operations and a class, and only an executor has") {
  const std::string text = mistakes(R"({"name": "x", "interfaces": ["weft.executor/1"]})");
  CHECK(text.find("component 'x' is an executor without operations") != std::string::npos);
  CHECK(text.find("component 'x' is an executor without a class") != std::string::npos);
  CHECK(mistakes(R"({"name": "x", "interfaces": ["weft.adapter/1"],
                     "operations": [{"name": "a.b"}]})")
            .find("is no executor, but lists operations") != std::string::npos);
}

TEST_CASE("an adapter that is an executor too is two components") {
  CHECK(mistakes(R"({"name": "x", "interfaces": ["weft.adapter/1", "weft.executor/1"],
                     "class": "cpu", "operations": [{"name": "a.b"}]})")
            .find("is an adapter and an executor at once") != std::string::npos);
}

TEST_CASE("a misspelt interface gets a suggestion") {
  CHECK(mistakes(R"({"name": "x", "interfaces": ["weft.adaptor/1"]})")
            .find("did you mean 'weft.adapter/1'?") != std::string::npos);
}

TEST_CASE("a config_schema that is no schema is a mistake of the manifest") {
  CHECK(mistakes(R"({"name": "x", "interfaces": ["weft.adapter/1"],
                     "config_schema": {"type": "object", "propertees": {}}})")
            .find("has a wrong config_schema") != std::string::npos);
}

TEST_CASE("a configuration is checked where it stands and completed with defaults") {
  const auto manifest = parse_manifest(
      with_component(R"({"name": "x", "interfaces": ["weft.adapter/1"], "config_schema": {
        "type": "object", "additionalProperties": false, "required": ["url"], "properties": {
          "url": {"type": "string"}, "retries": {"type": "integer", "default": 2},
          "pool": {"type": "object", "default": {}, "properties": {
            "size": {"type": "integer", "default": 4}}}}}})"),
      "m.json");
  REQUIRE(manifest.has_value());
  const ComponentManifest& component = manifest->components.front();
  const auto config = check_config(component, {{"url", "http://a"}}, {});
  REQUIRE(config.has_value());
  CHECK(config->at("retries") == 2);
  CHECK(config->at("pool").at("size") == 4);

  const auto wrong =
      check_config(component, {{"url", 7}, {"colour", "red"}}, {"services/a.toml", 12, 5});
  REQUIRE_FALSE(wrong.has_value());
  const std::string text = wrong.error().to_string();
  CHECK(text.find("services/a.toml:12:5: error: config /url must be a text, not an integer") !=
        std::string::npos);
  CHECK(text.find("colour") != std::string::npos);
}

TEST_CASE("a component without a config_schema takes no configuration") {
  ComponentManifest component;
  component.name = "x";
  CHECK(check_config(component, {}, {}).has_value());
  CHECK(check_config(component, {{"a", 1}}, {"w.toml", 3, 1})
            .error()
            .to_string()
            .find("component 'x' takes no configuration") != std::string::npos);
}

TEST_CASE("a path in a configuration is relative to the file where it stands") {
  ComponentManifest component;
  component.name = "c";
  component.config_schema = json::parse(
      R"({"properties": {"folder": {"type": "string", "format": "path"}, "url": {"type": "string"}}})");
  const auto folder = [&](const char* said, const char* file) {
    const auto config = check_config(component, {{"folder", said}, {"url", "x"}}, {file, 3, 1});
    REQUIRE(config.has_value());
    CHECK(config->at("url") == "x");
    return std::string(config->at("folder").as_string());
  };
  CHECK(folder("../flows", "/etc/weft/services/a.toml") == "/etc/weft/flows");
  CHECK(folder("/flows", "/etc/weft/services/a.toml") == "/flows");
  CHECK(folder("flows", "a.toml") == (std::filesystem::current_path() / "flows").string());
  CHECK(folder("flows", "") == "flows");
}

TEST_CASE("an answer to describe is read with its way to recover") {
  const auto offer = parse_offer(R"({"recover": "key", "operations": [{"name": "image.generate",
                      "inputs": {"image": {"media_types": ["image/png"], "list": true}},
                      "tags": ["fast"]}]})",
                                 "x");
  REQUIRE(offer.has_value());
  CHECK(offer->recover == Recover::key);
  CHECK(offer->operations.front().tags == std::vector<std::string>{"fast"});
  CHECK(parse_offer(R"({"operations": []})", "x")->recover == Recover::token);
  CHECK_FALSE(parse_offer(R"({"operations": [], "recovers": "key"})", "x").has_value());
  CHECK_FALSE(parse_offer("", "x").has_value());
}

TEST_CASE("params and the component's own options are checked apart") {
  const Asked asked = split_options(
      {{"width", 8}, {"options", {{"mine", {{"seed", 1}}}, {"theirs", {{"x", 2}}}}}}, "mine");
  CHECK(asked.params == json::object{{"width", 8}});
  CHECK(asked.options == json::object{{"seed", 1}});

  Offer offer;
  offer.operations.push_back({"a.b",
                              json::parse(R"({"type": "object", "properties": {
          "width": {"type": "integer", "maximum": 100}, "steps": {"type": "integer", "default": 20}}})"),
                              json::parse(R"({"type": "object", "additionalProperties": false,
                       "properties": {"seed": {"type": "integer"}}})"),
                              {},
                              {},
                              {},
                              {}});
  offer.operations.push_back({"a.c", {}, {}, {}, {}, {}, {}});
  const auto table = OfferTable::compile(offer);
  REQUIRE(table.has_value());
  CHECK(table->check("a.b", asked)->params.at("steps") == 20);
  CHECK(table->check("a.b", {{{"width", 200}}, {}}).error().message ==
        "params /width must be at most 100");
  CHECK(table->check("a.b", {{}, {{"sed", 1}}}).error().message.starts_with("options"));
  CHECK(table->check("a.c", asked).error().message == "the service takes no options for a.c");
  CHECK(table->check("a.d", asked).error().kind == ErrorKind::not_found);
}
