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
