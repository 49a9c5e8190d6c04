// SPDX-License-Identifier: Apache-2.0
// `weft service check` and `weft service try`.
#include <algorithm>
#include <boost/json/parse.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "catch.hpp"
#include "cloud.hpp"
#include "place.hpp"

namespace weft::testing {
namespace {

namespace fs = std::filesystem;

bool has_text(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

std::string read(const fs::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

TEST_CASE("Each shipped description is checked, and its keys are shown by name alone") {
  const Place place;
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(WEFT_CLOUD_CONFIGS))
    files.push_back(entry.path());
  std::ranges::sort(files);
  REQUIRE(files.size() >= 16);
  for (const fs::path& file : files) {
    const Finished checked = place.weft({"service", "check", file.string()});
    INFO(file << "\n" << checked.out << checked.err);
    CHECK(checked.exit_code == 0);
    CHECK(has_text(checked.out, "buys     POST http"));
    CHECK(has_text(checked.out, ", no mistakes"));
    if (has_text(read(file), "\nsecrets ")) CHECK(has_text(checked.out, "{secret:"));
  }
  CHECK_FALSE(fs::exists(place.state()));  // it leaves no trace
}

TEST_CASE("A check shows each request that a description can make, with answers that are made up") {
  const auto [file, operation,
              lines] = GENERATE(table<std::string, std::string, std::vector<std::string>>({
      {"runway.toml",
       "video.from_image",
       {"buys     POST https://api.dev.runwayml.com/v1/image_to_video\n",
        "made up  {\"id\": \"sample-id\"}\n",
        "asks     GET https://api.dev.runwayml.com/v1/tasks/sample-id\n",
        "fetches  GET https://files.example/video\n",
        "cancels  DELETE https://api.dev.runwayml.com/v1/tasks/sample-id\n",
        "probes   GET https://api.dev.runwayml.com/v1/organization\n"}},
      {"fal.toml",
       "image.generate",
       {"buys     POST https://queue.fal.run/fal-ai/flux/dev\n",
        "asks     GET https://queue.fal.run/sample-status_url\n",
        "asks     GET https://queue.fal.run/sample-response_url\n",
        "fetches  GET https://files.example/image\n",
        "cancels  PUT https://queue.fal.run/sample-cancel_url\n"}},
      {"kling.toml",
       "video.generate",
       {"asks     GET https://api-singapore.klingai.com/v1/videos/text2video/sample-id\n",
        "finds    GET https://api-singapore.klingai.com/v1/videos/text2video/"}},
      {"a1111.toml",
       "image.generate",
       {"buys     POST http://127.0.0.1:7860/sdapi/v1/txt2img\n",
        "cancels  POST http://127.0.0.1:7860/internal/progress\n", "made up  {\"active\": true,",
        "cancels  POST http://127.0.0.1:7860/sdapi/v1/interrupt\n"}},
      {"openai_videos.toml",
       "video.generate",
       {"asks     GET https://api.openai.com/v1/videos/sample-id\n",
        "fetches  GET https://api.openai.com/v1/videos/sample-id/content\n",
        "cancels  DELETE https://api.openai.com/v1/videos/sample-id\n"}},
  }));
  const Place place;
  const Finished checked =
      place.weft({"service", "check", (fs::path(WEFT_CLOUD_CONFIGS) / file).string(), "--operation",
                  operation});
  INFO(checked.out << checked.err);
  CHECK(checked.exit_code == 0);
  std::size_t at = 0;
  for (const std::string& line : lines) {
    INFO(line);
    at = checked.out.find(line, at);
    REQUIRE(at != std::string::npos);
  }
}

TEST_CASE("A slip of the pen in a description is told with its place and what was meant") {
  const auto [slip, instead, where,
              words] = GENERATE(table<std::string, std::string, std::string, std::string>({
      {"every    =", "evry     =", ":36:1: error: ", "did you mean 'every'?"},
      {"[services.runway.config]\n", "[services.runway.config]\norgins = []\n",
       ":9:1: error: ", "did you mean 'origins'?"},
      {"text_model = ", "other = 7, text_model = ", ":10:41: error: ", "no expression uses it"},
      {"outcome = \"refused\"", "outcome = \"refuse\"",
       ":15:53: error: ", "did you mean 'refused'?"},
      {"\"${params.seed}\"", "\"${params.sed}\"", ":25:", "did you mean 'seed'?"},
      {"component = \"http\"", "component = \"htpt\"", ":3:11: error: ", "did you mean 'http'?"},
  }));
  const Place place;
  std::string text = read(fs::path(WEFT_CLOUD_CONFIGS) / "runway.toml");
  const auto at = text.find(slip);
  REQUIRE(at != std::string::npos);
  text.replace(at, slip.size(), instead);
  const std::string file = place.write("runway.toml", text);
  const Finished checked = place.weft({"service", "check", file});
  INFO(checked.out << checked.err);
  CHECK(checked.exit_code == 2);
  CHECK(has_text(checked.err, file + where));
  CHECK(has_text(checked.err, words));
}

TEST_CASE("A recorded answer is replayed: its class, its outputs, its cost") {
  const Place place;
  const std::string runway = WEFT_CLOUD_CONFIGS "/runway.toml";
  const std::string id = place.write("id.json", R"({"id": "t1"})");
  const std::string done = place.write(
      "done.json",
      R"({"status": "SUCCEEDED", "output": ["https://cdn.example/v.mp4"], "cost": {"credits": 25}})");
  const Finished replayed =
      place.weft({"--json", "service", "check", runway, "--operation", "video.from_image", "-p",
                  "seconds=5", "--answer", id, "--answer", done});
  INFO(replayed.out << replayed.err);
  REQUIRE(replayed.exit_code == 0);
  const json::value shown = json::parse(replayed.out);
  const json::value& job = shown.at("operations").at(0);
  CHECK(job.at("outcome") == "ok");
  CHECK(job.at("cost") == "0.25 USD");
  CHECK(job.at("cost_estimated") == false);
  CHECK(job.at("outputs").at("video").at("media_type") == "video/mp4");
  CHECK(job.at("requests").as_array().size() == 3);
  CHECK(job.at("params").at("seconds") == 5);
}

TEST_CASE("A recorded refusal is one, with the status and headers that it had") {
  const Place place;
  const Finished refused =
      place.weft({"service", "check", WEFT_CLOUD_CONFIGS "/openai_images.toml", "--operation",
                  "image.generate", "--answer",
                  WEFT_CLOUD_DATA "/recorded/openai_unknown_parameter.json", "--status", "400"});
  INFO(refused.out << refused.err);
  CHECK(refused.exit_code == 0);
  CHECK(has_text(refused.out, "outcome  bad_input: Unknown parameter: 'response_format'."));
  const std::string blurred = place.write("blurred.png", "\x89PNG\r\n\x1a\n");
  const Finished filtered = place.weft({"service", "check", WEFT_CLOUD_CONFIGS "/stability.toml",
                                        "--operation", "image.generate", "--answer", blurred,
                                        "--header", "finish-reason: CONTENT_FILTERED"});
  INFO(filtered.out << filtered.err);
  CHECK(has_text(filtered.out, "outcome  refused: the service filtered the picture"));
}

TEST_CASE("An unknown operation of a description is told, with those that there are") {
  const Place place;
  const Finished checked = place.weft(
      {"service", "check", WEFT_CLOUD_CONFIGS "/runway.toml", "--operation", "video.from_imag"});
  CHECK(checked.exit_code == 3);
  CHECK(has_text(checked.err, "did you mean 'video.from_image'?"));
}

TEST_CASE("A try asks the service for real, once, and saves what comes") {
  const Cloud cloud;
  const Place place("\n[secrets]\nstability_key = { file = \"key\" }\n");
  place.write("key", "k3y");
  const std::string file = place.write("stability.toml", cloud.described("stability.toml"));
  fs::create_directory(place.folder() / "out");
  const Finished tried = place.weft({"service", "try", file, "--operation", "image.generate", "-p",
                                     "prompt=a heron", "-o", (place.folder() / "out").string()});
  INFO(tried.out << tried.err);
  CHECK(tried.exit_code == 0);
  CHECK(has_text(tried.out, "outcome  ok"));
  CHECK(has_text(tried.out, "cost     0.03 USD, estimated"));
  CHECK(cloud.stat("accepted") == 1);
  int saved = 0;
  for (const auto& entry : fs::directory_iterator(place.folder() / "out"))
    saved += fs::file_size(entry.path()) == 70 ? 1 : 0;
  CHECK(saved == 1);
  CHECK(place.runs().empty());  // it is kept by itself
}

TEST_CASE("A try of a picture that goes in, and one that is refused") {
  const Cloud cloud;
  const Place place("\n[secrets]\nstability_key = { file = \"key\" }\n");
  place.write("key", "k3y");
  const std::string file = place.write("stability.toml", cloud.described("stability.toml"));
  const std::string picture = place.write("a.png", "\x89PNG\r\n\x1a\n 1 2 3");
  cloud.script(
      R"({"next": [{"answer": "error_before", "status": 403, "body": {"name": "content_moderation", "errors": ["flagged"]}}]})");
  const Finished refused =
      place.weft({"service", "try", file, "--operation", "image.upscale", "-p", "factor=4", "-i",
                  "image=@" + picture, "-o", place.folder().string()});
  INFO(refused.out << refused.err);
  CHECK(refused.exit_code == 1);
  CHECK(has_text(refused.out, "outcome  refused: content_moderation: flagged"));
  CHECK(cloud.stat("posts") == 1);
}

}  // namespace
}  // namespace weft::testing
