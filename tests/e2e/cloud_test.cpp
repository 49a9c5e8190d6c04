// SPDX-License-Identifier: Apache-2.0
// The shipped descriptions through the real program: bought once whatever happens, and no key for
// strangers.
#include <signal.h>

#include <filesystem>
#include <fstream>
#include <regex>

#include "catch.hpp"
#include "cloud.hpp"
#include "place.hpp"

namespace weft::testing {
namespace {

constexpr std::string_view secrets = R"(
[secrets]
runway_key    = { file = "key" }
kling_key     = { file = "key" }
openai_key    = { file = "key" }
replicate_key = { file = "key" }
fal_key       = { file = "key" }
bfl_key       = { file = "key" }
luma_key      = { file = "key" }
luma_agents_key = { file = "key" }
gemini_key    = { file = "key" }
stability_key = { file = "key" }
hf_token      = { file = "key" }
)";

// A cloud, and a place that knows one description of it.
struct CloudPlace : Cloud, Place {
  explicit CloudPlace(const std::string& file)
      : Place("gpu = 1\n" + described(file) + std::string(secrets)) {
    write("key", "k3y");
  }
  std::string task(const std::string& operation, const std::string& params = "prompt = \"a heron\"",
                   const std::string& output = "image") const {
    return write("task.toml", "[pipeline]\nname = \"one\"\n[tasks.one]\noperation = \"" +
                                  operation + "\"\nparams = { " + params +
                                  " }\n[outputs]\nresult = \"${tasks.one." + output + "}\"\n");
  }
  // What runs it; a picture goes into an upscale.
  std::vector<std::string> order(const std::string& operation, const std::string& output) const {
    if (operation != "image.upscale")
      return {"run", task(operation, "prompt = \"a heron\"", output)};
    const std::string file = task(operation, "factor = 4", output);
    std::ofstream(file, std::ios::app) << "[inputs]\nimage = { type = \"artifact\" "
                                          "}\n[tasks.one.inputs]\nimage = \"${inputs.image}\"\n";
    return {"run", file, "-i", "image=@" + write("a.png", "\x89PNG\r\n\x1a\n 1 2 3")};
  }
  // Kills the run once `reached`, and answers its id.
  template <class Predicate>
  std::string kill_when(const std::vector<std::string>& order, const Predicate& reached) const {
    Program program = start(order);
    REQUIRE(eventually(reached));
    program.signal(SIGKILL);
    CHECK(program.finish().signal == SIGKILL);
    return newest_run();
  }
};

bool has_text(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

TEST_CASE("A job killed after its handle was durable goes on by it, and is bought once") {
  const auto [file, operation, output] = GENERATE(table<std::string, std::string, std::string>({
      {"runway.toml", "video.generate", "video"},
      {"replicate.toml", "image.generate", "image"},
      {"luma.toml", "image.generate", "image"},
      {"luma_agents.toml", "video.generate", "video"},
      {"fal.toml", "image.generate", "image"},
      {"openai_videos.toml", "video.generate", "video"},
      {"black_forest_labs.toml", "image.generate", "image"},
      {"kling.toml", "image.generate", "image"},
      {"stability_creative.toml", "image.upscale", "image"},
  }));
  INFO(file);
  const CloudPlace place(file);
  place.script(R"({"rest": {"polls": 1000000}})");
  const std::string run = place.kill_when(place.order(operation, output), [&] {
    return place.stat("accepted") == 1 && place.requests("GET ") > 0;
  });
  place.finish_jobs();  // it has gone on meanwhile
  const Finished resumed = place.weft({"resume", run});
  INFO(resumed.out << resumed.err);
  CHECK(resumed.exit_code == 0);
  CHECK(place.stat("accepted") == 1);
  CHECK(place.stat("posts") == 1);
}

TEST_CASE("A job that its service has forgotten is not bought again, and waits for a person") {
  const CloudPlace place("runway.toml");
  place.script(R"({"rest": {"polls": 1000000}})");
  const std::string run = place.kill_when(place.order("video.generate", "video"), [&] {
    return place.stat("accepted") == 1 && place.requests("GET ") > 0;
  });
  place.forget_jobs();
  const Finished resumed = place.weft({"resume", run});
  INFO(resumed.out << resumed.err);
  CHECK(resumed.exit_code == 1);
  CHECK(has_text(resumed.out, "waiting"));
  CHECK(place.stat("posts") == 1);
}

TEST_CASE("A service that stumbles while it is asked changes nothing") {
  const CloudPlace place("replicate.toml");
  place.script(R"({"rest": {"polls": 3}, "faults": [
    {"path": "/v1/predictions/", "status": 503, "body": "{}", "times": 2},
    {"path": "/v1/predictions/", "status": 0, "times": 1},
    {"path": "/files/", "status": 502, "body": "<html>", "times": 1}]})");
  const Finished done = place.weft({"run", place.task("image.generate")});
  INFO(done.out << done.err);
  CHECK(done.exit_code == 0);
  CHECK(place.stat("posts") == 1);
}

TEST_CASE("A result comes from another host without the key, and is saved") {
  const auto [file, operation, output] = GENERATE(table<std::string, std::string, std::string>({
      {"runway.toml", "video.generate", "video"},
      {"replicate.toml", "image.generate", "image"},
      {"luma.toml", "image.generate", "image"},
      {"fal.toml", "image.generate", "image"},
      {"black_forest_labs.toml", "image.generate", "image"},
      {"kling.toml", "video.generate", "video"},
      {"kling.toml", "image.generate", "image"},
      {"luma_agents.toml", "video.generate", "video"},
  }));
  INFO(file);
  const CloudPlace place(file);
  const Finished done =
      place.weft({"run", place.task(operation, "prompt = \"a heron\"", output), "-o", "result"});
  INFO(done.out << done.err);
  CHECK(done.exit_code == 0);
  CHECK(std::filesystem::file_size(place.folder() / "result") > 10);
  CHECK(place.stat("accepted") == 1);
  CHECK(place.stat("files") == 1);
  CHECK(place.stat("files_with_key") == 0);
}

TEST_CASE("A service that answers with the result itself is paid once") {
  const std::string file =
      GENERATE(as<std::string>(), "openai_images.toml", "stability.toml", "gemini_image.toml",
               "huggingface.toml", "huggingface_json.toml");
  INFO(file);
  const CloudPlace place(file);
  place.script(R"({"next": [{"delay_ms": 300, "trickle_ms": 5}]})");
  const Finished done = place.weft({"run", place.task("image.generate"), "-o", "picture.png"});
  INFO(done.out << done.err);
  CHECK(done.exit_code == 0);
  CHECK(std::filesystem::file_size(place.folder() / "picture.png") == 70);
  CHECK(place.stat("accepted") == 1);
}

TEST_CASE(
    "Killed between acceptance and answer, a task that nothing finds again waits for a person") {
  const auto [file, operation, output] = GENERATE(table<std::string, std::string, std::string>({
      {"openai_images.toml", "image.generate", "image"},
      {"stability.toml", "image.upscale", "image"},
      {"gemini_image.toml", "image.generate", "image"},
      {"huggingface.toml", "image.generate", "image"},
      {"huggingface_json.toml", "image.generate", "image"},
      {"openai_chat.toml", "text.generate", "text"},
      {"replicate.toml", "image.generate", "image"},  // its handle was not known yet
  }));
  INFO(file);
  const CloudPlace place(file);
  place.script(R"({"next": [{"delay_ms": 600000}]})");
  const std::string run =
      place.kill_when(place.order(operation, output), [&] { return place.stat("accepted") == 1; });
  for (int again = 0; again < 2; ++again) {
    const Finished resumed = place.weft({"resume", run});
    INFO(resumed.out << resumed.err);
    CHECK(resumed.exit_code == 1);
    CHECK(has_text(resumed.out, "waiting"));
  }
  CHECK(place.stat("accepted") == 1);
  CHECK(place.stat("posts") == 1);
}

TEST_CASE("Killed while a free service works, a task is simply done anew") {
  const auto [file, operation, output] = GENERATE(table<std::string, std::string, std::string>({
      {"a1111.toml", "image.generate", "image"},
      {"ollama.toml", "text.generate", "text"},
      {"llama_cpp.toml", "text.generate", "text"},
      {"vllm.toml", "text.generate", "text"},
  }));
  INFO(file);
  const CloudPlace place(file);
  place.script(R"({"cost_micros": 0, "next": [{"delay_ms": 600000}]})");
  const std::string run =
      place.kill_when(place.order(operation, output), [&] { return place.stat("accepted") == 1; });
  const Finished resumed = place.weft({"resume", run});
  INFO(resumed.out << resumed.err);
  CHECK(resumed.exit_code == 0);
  CHECK(place.stat("accepted") == 2);
  CHECK(place.stat("billed_micros") == 0);
}

TEST_CASE("While A1111 draws it is told how far it is, and a cancel interrupts it") {
  const CloudPlace place("a1111.toml");
  place.script(R"({"next": [{"delay_ms": 600000}]})");
  Program program = place.start(place.order("image.generate", "image"));
  REQUIRE(eventually([&] { return place.requests("POST /internal/progress") > 1; }));
  const std::string run = place.newest_run();
  const std::regex some_progress(R"("permille": ?[1-9])");
  CHECK(eventually([&] {
    return std::regex_search(place.weft({"--json", "show", run}).out, some_progress);
  }));
  CHECK(place.weft({"cancel", run}).exit_code == 0);
  const Finished done = program.finish();
  INFO(done.out << done.err);
  CHECK(has(place.run(run), "state", "cancelled"));
  CHECK(place.stat("interrupts") == 1);
  CHECK(place.stat("accepted") == 1);
}

TEST_CASE("Killed between acceptance and answer, a task is found by its key and bought once") {
  const CloudPlace place("kling.toml");
  place.script(R"({"next": [{"delay_ms": 600000}]})");
  const std::string run = place.kill_when(place.order("video.generate", "video"),
                                          [&] { return place.stat("accepted") == 1; });
  const Finished resumed = place.weft({"resume", run, "-o", "video.mp4"});
  INFO(resumed.out << resumed.err);
  CHECK(resumed.exit_code == 0);
  CHECK(std::filesystem::exists(place.folder() / "video.mp4"));
  CHECK(place.stat("accepted") == 1);
  CHECK(place.stat("posts") == 1);
}

TEST_CASE("An order whose answer is lost is looked up by its key in the same attempt") {
  const CloudPlace place("kling.toml");
  place.script(R"({"next": [{"answer": "none_after"}]})");
  const Finished done =
      place.weft({"run", place.task("video.generate", "prompt = \"a heron\"", "video")});
  INFO(done.out << done.err);
  CHECK(done.exit_code == 0);
  CHECK(place.stat("accepted") == 1);
  CHECK(place.stat("posts") == 1);
}

TEST_CASE("What breaks off, or is no picture, is not bought a second time blindly") {
  const auto [behaviour, word] = GENERATE(table<std::string, std::string>({
      {R"({"answer": "partial"})", "waiting"},
      {R"({"answer": "none_after"})", "waiting"},
      {R"({"huge_bytes": 70000000})", "waiting"},  // more than an answer may have
      {R"({"answer": "error_after", "status": 504, "body": "{}"})", "waiting"},
      {R"({"answer": "error_before", "status": 400, "body": {"error": {"code": "moderation_blocked", "message": "no"}}})",
       "failed"},
  }));
  INFO(behaviour);
  const CloudPlace place("openai_images.toml");
  place.script("{\"next\": [" + behaviour + "]}");
  const Finished done = place.weft({"run", place.task("image.generate")});
  INFO(done.out << done.err);
  CHECK(done.exit_code == 1);
  CHECK(has_text(done.out, word));
  CHECK(place.stat("posts") == 1);
}

TEST_CASE("What was never accepted is asked for again, and bought once") {
  const CloudPlace place("openai_images.toml");
  place.script(
      R"({"next": [{"answer": "error_before", "status": 429, "body": {"error": {"code": "rate_limit_exceeded", "message": "slow"}}, "headers": {"retry-after-ms": "10"}}]})");
  const Finished done = place.weft({"run", place.task("image.generate")});
  INFO(done.out << done.err);
  CHECK(done.exit_code == 0);
  CHECK(place.stat("posts") == 2);
  CHECK(place.stat("accepted") == 1);
}

TEST_CASE("One thought becomes a film by a language model and the local storyboard") {
  const CloudPlace place("openai_chat.toml");
  const std::string config =
      place.write("film.toml", place.described("openai_chat.toml") + std::string(secrets) + R"(
[services.storyboard]
component = "storyboard"
price     = 0
[services.media]
component = "media"
class     = "cpu"
price     = 0
config    = { preset = "ultrafast" }
)");
  place.script(R"({"texts": ["A heron waits in the reeds.",
    {"title": "Winter", "scenes": [{"prompt": "reeds at dawn", "motion": "zoom_in"},
      {"prompt": "a heron", "motion": "pan_left"}, {"prompt": "ice", "motion": "none"},
      {"prompt": "snow", "motion": "none"}]}]})");
  const std::vector<std::string> command =
      place.command({"run", WEFT_PIPELINES "/thought_to_film.toml", "-i",
                     "thought=a heron in winter", "-i", "seconds=1", "-i", "width=128", "-i",
                     "height=72", "-o", "film=film.mp4", "-o", "title=title.txt"},
                    config);
  const Finished done = run_program(command, place.folder());
  INFO(done.out << done.err);
  REQUIRE(done.exit_code == 0);
  CHECK(probe(place.folder() / "film.mp4", place.folder()).frames == 96);
  CHECK(has_text(done.out, "Winter"));
  CHECK(place.stat("accepted") == 2);
}

TEST_CASE("A story that is not of the form asked for makes no film") {
  const CloudPlace place("openai_chat.toml");
  place.script(R"({"rest": {}, "texts": [{"title": "Winter", "scenes": []}]})");
  const std::string definition = place.write("story.toml", R"(
[pipeline]
name = "story"
[tasks.story]
operation = "text.analyze"
retry     = { attempts = 1 }
[tasks.story.params]
text        = "A heron waits."
instruction = "Take out the scenes."
schema      = { type = "object", required = ["scenes"], properties = { scenes = { type = "array", minItems = 1 } } }
[outputs]
scenes = "${tasks.story.result.scenes}"
)");
  const Finished done = place.weft({"run", definition});
  INFO(done.out << done.err);
  CHECK(done.exit_code == 1);
  CHECK(has_text(done.out, "does not fit its schema: scenes has too few or too many elements: 0"));
}

}  // namespace
}  // namespace weft::testing
