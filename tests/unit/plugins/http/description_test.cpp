// SPDX-License-Identifier: Apache-2.0
// What is wrong with a description is found when the service is made.
#include "catch.hpp"
#include "fixture.hpp"

namespace http_test {
namespace {

json small() {
  return {{"url", "https://api.test"},
          {"operations",
           {{"text.generate",
             {{"params", {{"properties", {{"prompt", {{"type", "string"}}}}}}},
              {"submit", {{"path", "/write"}, {"json", {{"p", "${params.prompt}"}}}}},
              {"outputs", {{"text", {{"value", "body.text"}}}}}}}}}};
}

// What making the service fails with; "" when it is made.
std::string mistake_in(const json& config) {
  fake_host host;
  offer_expressions(host);
  try {
    host.create(entry(), "http", config);
  } catch (const weft::error& failed) {
    return failed.what();
  }
  return "";
}

void has(const std::string& text, const std::string& part) {
  INFO(text);
  CHECK(text.find(part) != std::string::npos);
}

TEST_CASE("a description without a mistake makes a service") {
  CHECK(mistake_in(small()) == "");
}

TEST_CASE("each shipped description makes a service, and every key of it is used") {
  for (const std::string& file : shipped_files()) {
    INFO(file);
    CHECK(mistake_in(shipped(file)) == "");
  }
}

TEST_CASE("an unknown key is named with its path and what was probably meant") {
  json config = small();
  config["operations"]["text.generate"]["submit"]["timeuot"] = "3s";
  has(mistake_in(config), R"(operations."text.generate".submit.timeuot)");
  has(mistake_in(config), "did you mean 'timeout'?");
}

TEST_CASE("an expression that names what is not there is named with its place") {
  json config = small();
  config["operations"]["text.generate"]["submit"]["json"]["p"] = "${params.promt}";
  has(mistake_in(config), R"(operations."text.generate".submit.json)");
  has(mistake_in(config), "prompt");
}

TEST_CASE("a setting that no expression uses is a mistake") {
  json config = small();
  config["settings"] = {{"model", "m"}};
  has(mistake_in(config), "settings.model: no expression uses it");
}

TEST_CASE("a key that nothing would use is a mistake") {
  const auto [change, words] = GENERATE(table<std::string, std::string>({
      {R"({"poll": {"handle": {"other": "body.other"}}})", "no expression uses the handle 'other'"},
      {R"({"poll": {"max_every": "9s"}})", "poll.max_every: nothing grows"},
      {R"({"outputs": {"text": {"meta": {"seed": 1}}}})", "outputs.text.meta: is of an artifact"},
      {R"({"outputs": {"text": {"body": true}}})", "outputs.text.value: say where it is found"},
      {R"({"cost": {"as_of": "2026-01-01"}})", "cost.estimate: give"},
  }));
  json config = small();
  json& operation = config["operations"]["text.generate"];
  operation["poll"] = {{"ask", {{"path", "/jobs/${job.id}"}}},
                       {"handle", {{"id", "body.id"}}},
                       {"state", "body.state"},
                       {"states", {{"done", {"ok"}}}}};
  CHECK(mistake_in(config) == "");
  operation.merge_patch(json::parse(change));
  has(mistake_in(config), words);
}

TEST_CASE("what is asked beside an open order is read as strictly") {
  const auto [change, words] = GENERATE(table<std::string, std::string>({
      {R"({"beside": {"evry": "2s"}})", "beside.evry: unknown key; did you mean 'every'?"},
      {R"({"beside": {"every": "0s"}})", "beside.every: must be more than nothing"},
      {R"({"beside": {"cancel": {"pth": "/stop"}}})", "beside.cancel.path: give either a path"},
      {R"({"beside": {"progress": "bdy.done"}})", "beside.progress: "},
      {R"({"poll": {"ask": {"path": "/jobs/${job.id}"}, "handle": {"id": "body.id"},
                    "state": "body.state", "states": {"done": ["ok"]}}})",
       "beside: is for an order that stays open"},
  }));
  json config = small();
  json& operation = config["operations"]["text.generate"];
  operation["beside"] = {{"ask", {{"path", "/progress"}}}, {"progress", "body.done"}};
  CHECK(mistake_in(config) == "");
  operation.merge_patch(json::parse(change));
  has(mistake_in(config), words);
}

TEST_CASE("what is offered and goes nowhere is a mistake") {
  const auto [change, words] = GENERATE(table<std::string, std::string>({
      {R"({"params": {"properties": {"seed": {"type": "integer"}}}})",
       R"(operations."text.generate".params: no expression uses 'seed')"},
      {R"({"options": {"properties": {"tone": {"type": "string"}}}})",
       R"(operations."text.generate".options: no expression uses 'tone')"},
      {R"({"inputs": {"image": {}}})",
       R"(operations."text.generate".inputs: no expression uses 'image')"},
      {R"({"params": {"properties": {"factor": {"type": "number", "enum": [4]}}}})", ""},
      {R"({"submit": {"json": {"all": "${params}"}}, "params": {"properties": {"seed": {}}}})", ""},
  }));
  json config = small();
  config["operations"]["text.generate"].merge_patch(json::parse(change));
  if (words.empty()) {
    CHECK(mistake_in(config) == "");
  } else {
    has(mistake_in(config), words);
  }
}

TEST_CASE("a setting whose name only begins like one that is used is a mistake") {
  json config = small();
  config["settings"] = {{"mod", 1}, {"model", 2}};
  config["operations"]["text.generate"]["submit"]["json"]["m"] = R"(${config["model"]})";
  has(mistake_in(config), "settings.mod: no expression uses it");
}

TEST_CASE("a secret in a URL or a body would be sent as it is written, and is a mistake") {
  const auto [change, key] = GENERATE(table<std::string, std::string>({
      {R"({"submit": {"path": "/write?key={secret:k}"}})", "submit.path"},
      {R"({"submit": {"json": {"k": "{secret:k}"}}})", "submit.json"},
  }));
  json config = small();
  config["operations"]["text.generate"].merge_patch(json::parse(change));
  has(mistake_in(config), key + ": a secret stands in a header");
}

TEST_CASE("a value of another type, or out of range, is named with its path") {
  const auto [change, words] = GENERATE(table<std::string, std::string>({
      {R"({"submit": {"timeout": "60d"}})", "submit.timeout: must be more than nothing"},
      {R"({"submit": {"timeout": "0s"}})", "submit.timeout: must be more than nothing"},
      {R"({"submit": {"timeout": "99999999999999999d"}})", "submit.timeout: must be a duration"},
      {R"({"params": {"properties": 3}})", "params.properties must be a table"},
      {R"({"params": {"properties": {"prompt": 3}}})", "params.properties.prompt must be a table"},
      {R"({"inputs": {"image": {"media_types": "image/png"}}})",
       "inputs.image.media_types: must be a list of texts"},
      {R"({"outputs": {"text": {"value": null, "url": "body.u", "media_type": "image/png",
                                "media_types": [3]}}})",
       "outputs.text.media_types: must be a list of texts"},
  }));
  json config = small();
  config["operations"]["text.generate"].merge_patch(json::parse(change));
  has(mistake_in(config), words);
}

TEST_CASE("an outcome that does not exist is a mistake") {
  json config = small();
  config["errors"] = {{{"when", "status == 418"}, {"outcome", "rate_limit"}}};
  has(mistake_in(config), "errors[0].outcome");
  has(mistake_in(config), "did you mean 'rate_limited'?");
}

TEST_CASE("prices need the day they are of") {
  json config = small();
  config["operations"]["text.generate"]["cost"] = {{"estimate", "0.1"}, {"as_of", "lately"}};
  has(mistake_in(config), "cost.as_of");
}

}  // namespace
}  // namespace http_test
