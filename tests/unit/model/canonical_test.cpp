// SPDX-License-Identifier: Apache-2.0
#include "catch.hpp"
#include "model_support.hpp"

using namespace weft;
using namespace weft::testing;

namespace {

const std::string toml = R"([pipeline]
name = "p"
timeout = "1h"
[inputs]
seed = { type = "integer", default = 1 }
[tasks.a]
operation = "image.generate"
params = { prompt = "a ${inputs.seed}", width = 640 }
timeout = "10m"
route = { max_cost = "0.4" }
[tasks.b]
operation = "video.from_image"
inputs = { image = "${tasks.a.image}" }
needs = ["a"]
[outputs]
video = "${tasks.b.video}"
)";

Digest hash_of(const std::string& text) {
  return read_toml(text).value().pipeline->hash;
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  return text.replace(text.find(from), from.size(), to);
}

}  // namespace

TEST_CASE("the same pipeline in TOML and in JSON has the same hash") {
  const auto json = read_json(R"({
    "outputs": {"video": "${tasks.b.video}"},
    "tasks": {
      "b": {"needs": ["a"], "inputs": {"image": "${tasks.a.image}"},
            "operation": "video.from_image"},
      "a": {"operation": "image.generate", "route": {"max_cost": "0.40 USD"},
            "timeout": {"total": "600s"}, "params": {"width": 640, "prompt": "a ${inputs.seed}"}}},
    "inputs": {"seed": {"default": 1, "type": "integer"}},
    "pipeline": {"timeout": "60m", "name": "p"}})");
  REQUIRE(json.has_value());
  CHECK(json->pipeline->hash == hash_of(toml));
  CHECK(json->pipeline->format == "json");
}

TEST_CASE("comments, blanks, the order of keys and the description are no part of the meaning") {
  CHECK(hash_of("# a comment\n\n" + replaced(toml, "width = 640", "width   =   640")) ==
        hash_of(toml));
  CHECK(hash_of(replaced(toml, "name = \"p\"", "name = \"p\"\ndescription = \"a film\"")) ==
        hash_of(toml));
}

TEST_CASE("writing a default down changes nothing") {
  CHECK(hash_of(replaced(toml, "needs = [\"a\"]",
                         "needs = [\"a\"]\npriority = 0\nretry = { attempts = 4 }")) ==
        hash_of(toml));
}

TEST_CASE("numbers have one meaning in TOML and in JSON, with every digit, in any spelling") {
  const auto toml_with = [](const std::string& strength, const std::string& unit) {
    return hash_of(replaced(
        replaced(toml, "operation = \"image.generate\"\nparams = { prompt = \"a ${inputs.seed}\",",
                 "operation = \"image.edit\"\ninputs = { image = \"${inputs.seed}\" }\n"
                 "params = { prompt = \"x\", strength = " +
                     strength + ","),
        "seed = { type = \"integer\", default = 1 }",
        "seed = { type = \"artifact\" }\nunit = { type = \"number\", default = " + unit + " }"));
  };
  const auto json_with = [](const std::string& strength, const std::string& unit) {
    const auto read = read_json(R"({
    "pipeline": {"timeout": "1h", "name": "p"},
    "inputs": {"unit": {"default": )" +
                                unit + R"(, "type": "number"}, "seed": {"type": "artifact"}},
    "tasks": {
      "a": {"operation": "image.edit", "inputs": {"image": "${inputs.seed}"},
            "route": {"max_cost": "0.4"}, "timeout": "10m",
            "params": {"strength": )" +
                                strength +
                                R"(, "width": 640, "prompt": "x"}},
      "b": {"needs": ["a"], "inputs": {"image": "${tasks.a.image}"},
            "operation": "video.from_image"}},
    "outputs": {"video": "${tasks.b.video}"}})");
    INFO((read.has_error() ? read.error().to_string() : ""));
    return read.value().pipeline->hash;
  };
  CHECK(toml_with("0.75", "1.0") == json_with("0.75", "1.0"));
  CHECK(toml_with("0.75", "1.0") == json_with("7.5E-1", "1"));
  CHECK(toml_with("1", "3") == json_with("1.0", "3.0"));
  CHECK(toml_with("0.5", "192.62827199999998") == json_with("0.5", "192.62827199999998"));
  CHECK(toml_with("0.5", "2.128409656321987e-239") == json_with("0.5", "2.128409656321987e-239"));
  CHECK(toml_with("0.75", "1.0") != json_with("0.76", "1.0"));
}

TEST_CASE("everything that means something changes the hash") {
  for (const auto& [from, to] :
       std::vector<std::pair<std::string, std::string>>{{"width = 640", "width = 641"},
                                                        {"name = \"p\"", "name = \"q\""},
                                                        {"timeout = \"1h\"", "timeout = \"2h\""},
                                                        {"default = 1", "default = 2"},
                                                        {"\"0.4\"", "\"0.4 EUR\""},
                                                        {"needs = [\"a\"]", "priority = 1"},
                                                        {"video = \"$", "film = \"$"}}) {
    INFO(from << " to " << to);
    CHECK(hash_of(replaced(toml, from, to)) != hash_of(toml));
  }
}

TEST_CASE("a pipeline is read again from its canonical form, and is the same") {
  const auto first = read_toml(toml).value().pipeline;
  const auto again = read_canonical(parse_json(canonical(first->canonical)).value(), context());
  INFO((again.has_error() ? again.error().to_string() : ""));
  REQUIRE(again.has_value());
  CHECK((*again)->hash == first->hash);
  CHECK(canonical((*again)->canonical) == canonical(first->canonical));
  CHECK((*again)->tasks[1].needs == first->tasks[1].needs);
}

TEST_CASE("a canonical form need not go by way of text to be read again") {
  const auto first =
      read_toml(replaced(toml, "needs = [\"a\"]", "retry = { attempts = 5 }\npriority = 3"))
          .value()
          .pipeline;
  const auto again = read_canonical(first->canonical, context());
  INFO((again.has_error() ? again.error().to_string() : ""));
  REQUIRE(again.has_value());
  CHECK((*again)->tasks[1].retry.attempts == 5);
}

TEST_CASE("a canonical form that this config cannot do is refused by name") {
  const auto pipeline =
      read_toml(replaced(toml, "route = { max_cost = \"0.4\" }", "concurrency = \"gpu\""))
          .value()
          .pipeline;
  const OperationCatalog operations = OperationCatalog::canonical();
  const std::vector<std::string> none;
  const auto again = read_canonical(pipeline->canonical, {operations, none, none, "USD"});
  REQUIRE(again.has_error());
  CHECK(again.error().to_string().find("there is no class 'gpu'") != std::string::npos);
}
