// SPDX-License-Identifier: Apache-2.0
// Workflows of one's own: how they are bound, and which one serves a job.
#include <fstream>

#include "fixture.hpp"
#include "temp_folder.hpp"

using namespace comfyui_test;

namespace {

constexpr const char* blur = R"({
  "1": {"class_type": "EmptyImage", "inputs": {"width": 64, "height": 64, "batch_size": 1, "color": 0}},
  "2": {"class_type": "ImageBlur", "inputs": {"image": ["1", 0], "blur_radius": 3, "sigma": 1.0}},
  "3": {"class_type": "SaveImage", "inputs": {"images": ["2", 0], "filename_prefix": "img"}}})";

constexpr const char* params = R"(
[params]
type = "object"
additionalProperties = false
[params.properties]
prompt = { type = "string" }
width  = { type = "integer" }
strength = { type = "number" }
)";

// A folder of workflows over the one graph.
struct Shelf {
  weft::testing::TempFolder folder;

  Shelf& put(const std::string& name, const std::string& binding) {
    std::ofstream(folder.path() / (name + ".toml")) << binding;
    std::ofstream(folder.path() / (name + ".json")) << blur;
    return *this;
  }
  json config() const { return {{"workflows", folder.path().string()}}; }
  std::string mistake() const {
    try {
      Studio s(config());
    } catch (const weft::error& error) {
      return error.what();
    }
    return "";
  }
};

std::string binding(const std::string& head, const std::string& binds,
                    const std::string& schema = params) {
  return "operation = 'image.generate'\n" + head + schema + "[bind]\n" + binds +
         "[outputs]\nimage = '3'\n";
}

constexpr const char* use_all = R"("1.inputs.width" = "${params.width}"
"2.inputs.sigma" = "${params.strength}"
"3.inputs.filename_prefix" = "${params.prompt}"
)";

json posted(const Studio& s) {
  for (const http_call& call : s.host.http_calls())
    if (call.url.ends_with("/prompt")) return json::parse(call.body);
  return nullptr;
}

}  // namespace

TEST_CASE("a value keeps its type, a mixed text is put together, and null leaves what is there") {
  Shelf shelf;
  shelf.put("w", binding("", R"("1.inputs.width" = "${params.width * 2}"
"1.inputs.height" = 32
"2.inputs.sigma" = "${params.strength}"
"3.inputs.filename_prefix" = "${params.prompt}-${params.width}"
)"));
  Studio s(shelf.config());
  auto job = s.service.submit(
      {.operation = "image.generate", .params = {{"prompt", "fox"}, {"width", 32}}});
  s.host.run_until_idle();
  REQUIRE(job.status() == WEFT_OK);
  const json nodes = posted(s)["prompt"];
  CHECK(nodes["1"]["inputs"]["width"] == 64);
  CHECK(nodes["1"]["inputs"]["height"] == 32);
  CHECK(nodes["2"]["inputs"]["sigma"] == 1.0);
  CHECK(nodes["3"]["inputs"]["filename_prefix"].get<std::string>().ends_with("/fox-32"));
}

TEST_CASE("a mistake in an expression stops the service and says where it stands") {
  const auto mistake = [](const std::string& head, const std::string& binds) {
    Shelf shelf;
    shelf.put("w", binding(head, binds));
    return shelf.mistake();
  };
  CHECK(mistake("", use_all).empty());
  const std::string misspelt =
      mistake("", std::string(use_all) + "'1.inputs.height' = '${params.widht}'\n");
  CHECK(misspelt.find("w.toml: bind '1.inputs.height'") != std::string::npos);
  CHECK(misspelt.find("width") != std::string::npos);
  CHECK(mistake("when = 'params.width >'\n", use_all).find("w.toml: when") != std::string::npos);
  CHECK(mistake("", "'1.inputs.width' = '${params.width'\n").find("bind") != std::string::npos);
  CHECK(mistake("", "'1.inputs.width' = '${params.width}'\n").find("nothing uses the param") !=
        std::string::npos);
  CHECK(mistake("ignored = ['prompt', 'strength']\n", "'1.inputs.width' = '${params.width}'\n")
            .empty());
}

TEST_CASE("of several workflows the first serves whose condition is true") {
  Shelf shelf;
  shelf.put("a_small", binding("when = 'params.width != null && params.width < 100'\n", use_all));
  shelf.put("b_large", binding("when = 'params.width == null || params.width < 1000'\n", use_all));
  Studio s(shelf.config());
  const auto served = [&](const json& asked, char number) {
    weft::testing::task_spec task{.operation = "image.generate", .params = asked};
    task.params["prompt"] = "fox";
    task.key.back() = number;
    auto job = s.service.submit(task);
    s.host.run_until_idle();
    return job.message();
  };
  CHECK(served({{"width", 64}}, '1').empty());
  CHECK(posted(s)["extra_data"]["weft"]["workflow"] == "a_small");
  CHECK(served({{"width", 5000}}, '2').find("b_large: it is for params.width == null") !=
        std::string::npos);
  CHECK(s.stats()["accepted"] == 1);
}

TEST_CASE("a workflow that the server cannot run leaves its jobs to the next") {
  Shelf shelf;
  shelf.put("a", binding("", use_all)).put("b", binding("", use_all));
  std::ofstream(shelf.folder.path() / "a.json") << R"({"1": {"class_type": "NotThere",
    "inputs": {"width": 1}}, "2": {"class_type": "ImageBlur", "inputs": {"sigma": 1.0}},
    "3": {"class_type": "SaveImage", "inputs": {"filename_prefix": "x"}}})";
  Studio s(shelf.config());
  auto described = s.service.describe();
  s.host.run_until_idle();
  CHECK(described.result()["operations"].size() == 1);
  auto job = s.service.submit(
      {.operation = "image.generate", .params = {{"prompt", "fox"}, {"width", 64}}});
  s.host.run_until_idle();
  REQUIRE(job.status() == WEFT_OK);
  CHECK(posted(s)["extra_data"]["weft"]["workflow"] == "b");
}

TEST_CASE("what was ordered by a workflow that would not be chosen now is followed to its end") {
  Shelf shelf;
  shelf.put("a", binding("", use_all)).put("b", binding("", use_all));
  Studio s(shelf.config());
  s.order(R"({"classes": {"ImageBlur": {"ms": 5000}}})");
  auto job = s.service.submit(
      {.operation = "image.generate", .params = {{"prompt", "fox"}, {"width", 64}}});
  s.host.advance(1000);
  REQUIRE(posted(s)["extra_data"]["weft"]["workflow"] == "a");
  s.comfyui.catalogue().remove_class("ImageBlur");
  std::ofstream(shelf.folder.path() / "b.toml")
      << "operation = 'image.generate'\n[bind]\n[outputs]\nimage = '2'\n";
  std::ofstream(shelf.folder.path() / "a.toml") << binding("when = 'false'\n", use_all);
  s.service.crash();
  s.service.describe();
  s.host.advance(100);
  auto again = s.service.attach(job);
  s.host.run_until_idle();
  CHECK(again.status() == WEFT_OK);
  CHECK(again.outputs().size() == 1);
}

TEST_CASE("a gateway's page instead of the server is no sign of health") {
  Studio s;
  s.order(R"({"faults": [{"path": "/system_stats", "status": 502}]})");
  auto probed = s.service.probe();
  s.host.run_until_idle();
  CHECK(probed.status() == WEFT_TRANSIENT);
}
