// SPDX-License-Identifier: Apache-2.0
#include "workflow.hpp"

#include <fstream>
#include <weft/plugin/values.hpp>

#include "catch.hpp"
#include "temp_folder.hpp"

using namespace comfyui;
using nlohmann::json;

namespace {

// A folder with one workflow of these texts.
class Folder {
 public:
  Folder(const std::string& binding, const std::string& graph) {
    std::ofstream(folder_.path() / "w.toml") << binding;
    std::ofstream(folder_.path() / "w.json") << graph;
  }
  Workflow read() const { return read_workflows(folder_.path()).front(); }

 private:
  weft::testing::TempFolder folder_;
};

constexpr const char* graph = R"({"1": {"class_type": "A", "inputs": {"model": "sub/m.pth"}}})";
constexpr const char* binding = "operation = 'image.generate'\n[outputs]\nimage = '1'\n";

}  // namespace

TEST_CASE("every shipped workflow is read, and ends in a node that is there") {
  const auto all = read_workflows(std::string(WEFT_CONFIGS) + "/comfyui");
  CHECK(all.size() == 8);
}

TEST_CASE("a mistake in a binding is told with the file and what would be right") {
  const auto message = [](const std::string& text, const char* nodes) {
    const Folder folder(text, nodes);
    try {
      folder.read();
    } catch (const weft::error& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  const std::string good = binding;
  CHECK(message(good, graph).empty());
  CHECK(message("binds = 1\n" + good, graph).find("did you mean 'bind'?") != std::string::npos);
  CHECK(message("colour = 1\n" + good, graph).find("known are: operation") != std::string::npos);
  CHECK(message(good + "[bind]\n'1.inputs.modle' = 'y'\n", graph)
            .find("node 1 (A) has no input 'modle'; did you mean 'model'?") != std::string::npos);
  CHECK(message("ignored = ['x']\n" + good, graph).find("is no param") != std::string::npos);
  CHECK(message(good + "[bind]\n'7.inputs.x' = 'y'\n", graph).find("7.inputs.x") !=
        std::string::npos);
  CHECK(message("operation = 'a.b'\n[outputs]\nimage = '9'\n", graph).find("node '9'") !=
        std::string::npos);
  CHECK(message(good, R"({"nodes": [], "links": []})").find("Export (API)") != std::string::npos);
  CHECK(message(good, R"({"1": {"class_type": 5}})").find("node 1") != std::string::npos);
}

TEST_CASE("a model that the server spells with the other slash is respelt") {
  Workflow workflow = Folder(binding, graph).read();
  const json choices = json::array({"sub\\m.pth"});
  const json info = {{"A", {{"input", {{"required", {{"model", json::array({choices})}}}}}}}};
  CHECK(fit(workflow, info).empty());
  CHECK(workflow.graph["1"]["inputs"]["model"] == "sub\\m.pth");
}

TEST_CASE("a class or a model that is not there keeps a workflow from being offered") {
  Workflow workflow = Folder(binding, graph).read();
  CHECK(fit(workflow, json::object()) == std::vector<std::string>{"the node class A"});
  const json combo = json::array({"COMBO", {{"options", {"other.pth"}}}});
  const json info = {{"A", {{"input", {{"required", {{"model", combo}}}}}}}};
  CHECK(fit(workflow, info) == std::vector<std::string>{"'sub/m.pth' for model of node 1"});
}

TEST_CASE("files of a job lie under a prefix of its own") {
  json nodes = {{"1", {{"class_type", "SaveImage"}, {"inputs", {{"filename_prefix", "img"}}}}}};
  separate_files(nodes, "key");
  CHECK(nodes["1"]["inputs"]["filename_prefix"] == "weft/key/img");
}

TEST_CASE("what one operation's workflows take is described as one schema") {
  Workflow one, other;
  one.operation = other.operation = "image.upscale";
  one.params = {{"properties", {{"width", {{"type", "integer"}}}}}};
  other.params = {{"properties", {{"factor", {{"type", "number"}}}}}};
  json alone = describe_operation({&one});
  const json revision = alone["revision"];
  alone.erase("revision");
  CHECK(alone == json{{"name", "image.upscale"}, {"params", one.params}});
  const json both = describe_operation({&one, &other});
  CHECK(both["params"]["properties"].size() == 2);
  CHECK(both["params"]["additionalProperties"] == false);
  CHECK(both["params"]["anyOf"] == json::array({one.params, other.params}));
  other.params = nullptr;
  json open = describe_operation({&one, &other});
  open.erase("revision");
  CHECK(open == json{{"name", "image.upscale"}});
  one.graph["6"]["inputs"]["steps"] = 7;
  CHECK(describe_operation({&one})["revision"] != revision);
}
