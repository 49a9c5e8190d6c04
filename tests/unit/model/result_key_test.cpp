// SPDX-License-Identifier: Apache-2.0
#include "model/result_key.hpp"

#include "catch.hpp"
#include "model_support.hpp"

using namespace weft;
using namespace weft::testing;

namespace {

ArtifactInfo file(const std::string& bytes, const std::string& name = "a.png") {
  return {digest_of(std::string_view(bytes)), bytes.size(), "image/png", name};
}

BoundTask task(const std::string& params, std::vector<BoundInput> inputs = {}) {
  return {parse_json(params).value().as_object(), std::move(inputs)};
}

std::shared_ptr<const ResultKey> key(const BoundTask& of, const std::string& component = "comfyui",
                                     json::object identity = {}) {
  return result_key("image.edit", of, component, identity);
}

std::vector<std::string> compare(const BoundTask& earlier, const BoundTask& later) {
  return differences(parse_json(key(earlier)->parts).value(),
                     parse_json(key(later)->parts).value());
}

std::string why_not(Reuse reuse, const std::string& params) {
  return std::string(why_not_reused(reuse, parse_json(params).value().as_object()));
}

}  // namespace

TEST_CASE("nf-core/mag 280: the order of members and of inputs, and names of files break no key") {
  const BoundInput image{"image", {file("x")}}, mask{"mask", {file("y")}};
  CHECK(key(task("{}", {image, mask}))->digest == key(task("{}", {mask, image}))->digest);
  CHECK(key(task(R"({"a": 1, "b": {"c": 2, "d": 3}})"))->digest ==
        key(task(R"({"b": {"d": 3, "c": 2}, "a": 1})"))->digest);
  CHECK(key(task("{}", {{"image", {file("x", "a.png")}}}))->digest ==
        key(task("{}", {{"image", {file("x", "b.png")}}}))->digest);
  const auto naming = [](const std::string& name) {
    return task(R"({"items": [)" + json::serialize(to_json(file("x", name))) + "]}");
  };
  CHECK(key(naming("a.png"))->digest == key(naming("b.png"))->digest);
}

TEST_CASE("whatever makes a result what it is makes another key") {
  const BoundTask base = task(R"({"prompt": "a", "seed": 1})", {{"image", {file("x"), file("y")}}});
  const Digest own = key(base)->digest;
  CHECK(key(task(R"({"prompt": "b", "seed": 1})", base.inputs))->digest != own);
  CHECK(key(task(R"({"prompt": "a", "seed": 1.0})", base.inputs))->digest != own);
  CHECK(key(task(R"({"prompt": "a"})", base.inputs))->digest != own);
  CHECK(key({base.params, {{"image", {file("y"), file("x")}}}})->digest != own);
  CHECK(key({base.params, {{"mask", base.inputs[0].artifacts}}})->digest != own);
  CHECK(key(base, "replicate")->digest != own);
  CHECK(key(base, "comfyui", {{"config.model", "a1"}})->digest != own);
  CHECK(result_key("image.generate", base, "comfyui", {})->digest != own);
}

TEST_CASE("options count for their own component only") {
  const std::string both = R"({"options": {"comfyui": {"steps": 4}, "other": {"x": 1}}})";
  const std::string own = R"({"options": {"comfyui": {"steps": 4}}})";
  CHECK(key(task(both))->digest == key(task(own))->digest);
  CHECK(key(task(own))->digest != key(task("{}"))->digest);
}

TEST_CASE("an operation says which of its results may be taken again") {
  CHECK(why_not(Reuse::deterministic, "{}").empty());
  CHECK(why_not(Reuse::same_seed, R"({"seed": 0})").empty());
  CHECK_FALSE(why_not(Reuse::same_seed, "{}").empty());
  CHECK_FALSE(why_not(Reuse::same_seed, R"({"seed": null})").empty());
  CHECK(why_not(Reuse::zero_temperature, R"({"temperature": 0.0})").empty());
  CHECK(why_not(Reuse::zero_temperature, R"({"temperature": 0})").empty());
  CHECK_FALSE(why_not(Reuse::zero_temperature, R"({"temperature": 0.1})").empty());
  CHECK_FALSE(why_not(Reuse::zero_temperature, "{}").empty());
  CHECK_FALSE(why_not(Reuse::never, R"({"seed": 1, "temperature": 0})").empty());
}

TEST_CASE("what differs between two keys is told by name") {
  const BoundTask base =
      task(R"({"prompt": "a", "seed": 1, "deep": {"x": 1}})", {{"image", {file("x")}}});
  CHECK(compare(base, base).empty());
  CHECK(compare(base, task(R"({"prompt": "b", "deep": {"x": 2}, "steps": 4})",
                           {{"image", {file("z")}}})) ==
        std::vector<std::string>{"params.deep.x: 1 -> 2", "params.prompt: 'a' -> 'b'",
                                 "params.seed: 1 -> nothing", "params.steps: nothing -> 4",
                                 "input image: other bytes"});
  CHECK(compare(base, {base.params, {{"image", {file("x"), file("y")}}}}) ==
        std::vector<std::string>{"input image: 1 -> 2 artifacts"});
  const auto parts = [&](const std::string& component, json::object identity) {
    return parse_json(key(base, component, std::move(identity))->parts).value();
  };
  CHECK(differences(parts("a", {{"config.model", "1"}}), parts("b", {{"config.model", "2"}})) ==
        std::vector<std::string>{"service: 'a' -> 'b'", "service: its config.model has changed"});
}

TEST_CASE("a task says whether it takes results, and what it says is part of its meaning") {
  const std::string head =
      "[pipeline]\nname = \"p\"\n[tasks.a]\noperation = \"image.generate\"\n"
      "params = { prompt = \"x\" }\n";
  const auto off = read_toml(head + "cache = \"off\"\n");
  REQUIRE(off.has_value());
  CHECK(off.value().pipeline->tasks[0].cache.off);
  const auto brief = read_toml(head + "cache = { ttl = \"7d\" }\n");
  CHECK(brief.value().pipeline->tasks[0].cache.ttl == std::chrono::days{7});
  CHECK(off.value().pipeline->hash != brief.value().pipeline->hash);
  CHECK(read_toml(head).value().pipeline->hash != off.value().pipeline->hash);
  const auto wrong = read_toml(head + "cache = \"of\"\n");
  REQUIRE(wrong.has_error());
  CHECK(wrong.error().to_string().find("did you mean 'off'") != std::string::npos);
  const auto inert = read_toml(
      "[pipeline]\nname = \"p\"\n[tasks.a]\noperation = \"data.collect\"\nparams = { from = [] }\n"
      "cache = { ttl = \"7d\" }\n");
  REQUIRE(inert.has_error());
  CHECK(inert.error().to_string().find("never taken again") != std::string::npos);
}
