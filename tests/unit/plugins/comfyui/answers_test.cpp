// SPDX-License-Identifier: Apache-2.0
#include "answers.hpp"

#include "catch.hpp"

using namespace comfyui;
using nlohmann::json;

namespace {

NodeOutput of_node(const char* output, bool takes_temp = false) {
  return output_of({{"outputs", {{"9", json::parse(output)}}}}, {"it", "9", takes_temp});
}

}  // namespace

TEST_CASE("a file is a file under whatever key it stands") {
  for (const char* key : {"images", "gifs", "audio", "videos", "files", "3d", "anything"}) {
    const auto found = of_node((std::string("{\"") + key +
                                R"(": [{"filename": "a.mp4", "subfolder": "s", "type": "output"}],
                                   "animated": [true]})")
                                   .c_str());
    REQUIRE(found.files.size() == 1);
    CHECK(found.files[0].subfolder == "s");
  }
}

TEST_CASE("texts stand under text and string; what is neither file nor text is ignored") {
  CHECK(of_node(R"({"text": ["hello"]})").texts == std::vector<std::string>{"hello"});
  CHECK(of_node(R"({"string": ["hello"]})").texts == std::vector<std::string>{"hello"});
  const auto other = of_node(R"({"result": ["x.glb", null, null], "numbers": [1, 2]})");
  CHECK(other.files.empty());
  CHECK(other.texts.empty());
}

TEST_CASE("files that vanish with the process are taken only when asked for") {
  const char* temp = R"({"images": [{"filename": "a.png", "subfolder": "", "type": "temp"}]})";
  CHECK(of_node(temp).files.empty());
  CHECK(of_node(temp, true).files.size() == 1);
}

TEST_CASE("the place in line follows numbers, not the heap") {
  const json queue = {{"queue_running", json::array({json::array({0, "r"})})},
                      {"queue_pending", json::array({json::array({1, "a"}), json::array({5.5, "c"}),
                                                     json::array({2, "b"})})}};
  CHECK(position_in(queue, "a") == 1);
  CHECK(position_in(queue, "b") == 2);
  CHECK(position_in(queue, "c") == 3);
  CHECK(position_in(queue, "r") == 0);
  CHECK(is_running(queue, "r"));
}

TEST_CASE("the kind of a file follows from its name and its first bytes") {
  CHECK(media_type_of("ComfyUI_00001_.MP4") == "video/mp4");
  CHECK(media_type_of("what.xyz").empty());
  CHECK(looks_like("image/png", "\x89PNG\r\n"));
  CHECK_FALSE(looks_like("video/mp4", "<html><body>"));
  CHECK(looks_like("application/x-unknown", "anything"));
}

TEST_CASE("names are encoded in URLs") {
  CHECK(percent_encoded("a b (1).png") == "a%20b%20%281%29.png");
}

TEST_CASE("every mistake that the server documents has its class, and its words are kept") {
  const auto status_of_outer = [](const char* type) {
    const json body = {{"error", {{"type", type}, {"message", "m"}, {"details", "d"}}},
                       {"node_errors", json::object()}};
    const weft::error told = refusal(400, body);
    CHECK(std::string(told.what()).find("m d") != std::string::npos);
    return told.status();
  };
  for (const char* ours :
       {"no_prompt", "prompt_no_outputs", "prompt_outputs_failed_validation", "invalid_prompt_id"})
    CHECK(status_of_outer(ours) == WEFT_BAD_INPUT);
  for (const char* lack : {"missing_node_type", "invalid_prompt"})
    CHECK(status_of_outer(lack) == WEFT_UNSUPPORTED);

  const auto status_of_node = [](const char* type) {
    json errors = json::array();
    errors.push_back({{"type", type}, {"message", "m"}, {"details", "d"}});
    const json body = {{"error", {{"type", "prompt_outputs_failed_validation"}}},
                       {"node_errors", {{"7", {{"class_type", "KSampler"}, {"errors", errors}}}}}};
    const weft::error told = refusal(400, body);
    CHECK(std::string(told.what()).find("node 7 (KSampler): m d") != std::string::npos);
    return told.status();
  };
  for (const char* ours :
       {"required_input_missing", "value_bigger_than_max", "value_smaller_than_min",
        "invalid_input_type", "return_type_mismatch", "custom_validation_failed",
        "dependency_cycle", "exception_during_inner_validation"})
    CHECK(status_of_node(ours) == WEFT_BAD_INPUT);
  CHECK(status_of_node("value_not_in_list") == WEFT_UNSUPPORTED);
}

TEST_CASE("an answer that is none of ComfyUI's has the class of its status") {
  CHECK(refusal(403, json()).status() == WEFT_AUTH);
  CHECK(refusal(413, json()).status() == WEFT_BAD_INPUT);
  CHECK(refusal(429, json()).status() == WEFT_RATE_LIMITED);
  CHECK(refusal(500, json()).status() == WEFT_TRANSIENT);
  CHECK(refusal(502, json()).status() == WEFT_UNKNOWN);
  CHECK(refusal(202, json()).status() == WEFT_UNKNOWN);  // the prompt may have been passed on
}

TEST_CASE("an answer to what buys nothing leaves nothing open") {
  for (const std::uint32_t status : {408U, 500U, 502U, 503U, 504U})
    CHECK(unexpected(status, "/view").status() == WEFT_TRANSIENT);
  CHECK(unexpected(204, "/view").status() == WEFT_BAD_OUTPUT);
  CHECK(unexpected(413, "/upload/image").status() == WEFT_BAD_INPUT);
  CHECK(unexpected(403, "/view").status() == WEFT_AUTH);
}

TEST_CASE("how an entry of the history failed is told by its last event") {
  const auto entry = [](const char* event, json data) {
    json messages = json::array();
    messages.push_back({"execution_start", json::object()});
    messages.push_back({event, std::move(data)});
    return json{
        {"status", {{"status_str", "error"}, {"completed", false}, {"messages", messages}}}};
  };
  const auto memory = failure_of(
      entry("execution_error", {{"node_id", "7"},
                                {"node_type", "KSampler"},
                                {"exception_type", "torch.cuda.OutOfMemoryError"},
                                {"exception_message", "This error means you ran out of memory"}}));
  REQUIRE(memory);
  CHECK(memory->details()["reason"] == "oom");
  const auto node = failure_of(
      entry("execution_error",
            {{"node_id", "7"}, {"exception_type", "ValueError"}, {"exception_message", "x"}}));
  REQUIRE(node);
  CHECK(node->details()["reason"] == "node_error");
  CHECK(node->status() == WEFT_TRANSIENT);
  const auto interrupted = failure_of(entry("execution_interrupted", {{"node_id", "7"}}));
  REQUIRE(interrupted);
  CHECK(interrupted->status() == WEFT_TRANSIENT);
  CHECK_FALSE(failure_of(json{{"status", {{"status_str", "success"}}}}));
}
