// SPDX-License-Identifier: Apache-2.0
// Several kinds of services together, on a day on which they do not all work.
#include <algorithm>
#include <map>
#include <memory>

#include "asking.hpp"
#include "catch.hpp"
#include "cloud.hpp"
#include "comfy_server.hpp"
#include "place.hpp"

namespace weft::testing {
namespace {

constexpr std::string_view keys = R"(
[secrets]
replicate_key = { file = "key" }
runway_key    = { file = "key" }
stability_key = { file = "key" }
)";

std::string comfy(const std::string& name, const ComfyServer& server) {
  return "[services." + name +
         "]\ncomponent = \"comfyui\"\nprice = 0\nlimits = { concurrency = 2 }\nhealth = { open = "
         "\"1s\" }\nconfig = { url = \"" +
         server.url() + "\", workflows = \"" WEFT_CONFIGS "/comfyui\", patience_seconds = 1 }\n";
}

// How many attempts began at each service.
std::map<std::string, int> attempts_at_services(const std::vector<json::object>& events) {
  std::map<std::string, int> attempts;
  for (const json::object& event : events)
    if (has(event, "type", "task.started"))
      ++attempts[std::string(event.at("data").at("service").as_string())];
  return attempts;
}

// ---------------------------------------------------------------- many tasks

constexpr int tasks = 200;

constexpr std::string_view pictures = R"(
[pipeline]
name = "pictures"
[inputs]
numbers = { type = "array", items = { type = "integer" } }
[tasks.picture]
for_each  = "inputs.numbers"
operation = "image.generate"
params    = { prompt = "a heron, ${string(item)}" }
retry     = { attempts = 10, backoff = "100ms", max_backoff = "1s" }
timeout   = "5m"
)";

std::string numbers_to(int count) {
  std::string text = "[0";
  for (int i = 1; i < count; ++i) text += "," + std::to_string(i);
  return text + "]";
}

TEST_CASE("Two hundred tasks are done while services die, forget, dawdle and throttle") {
  const TempFolder folder;
  std::vector<std::unique_ptr<ComfyServer>> servers;
  for (int i = 0; i < 3; ++i) {
    servers.push_back(std::make_unique<ComfyServer>(folder.path() / std::to_string(i)));
    servers.back()->order(R"({"node_ms": 1, "classes": {"KSampler": {"ms": 150}}})");
  }
  const Cloud replicate, stability;
  replicate.script(R"({"cost_micros": 3000, "rest": {"polls": 2}})");
  stability.script(R"({"cost_micros": 30000, "rest": {"delay_ms": 150}})");
  const Place place(comfy("comfy-a", *servers[0]) + comfy("comfy-b", *servers[1]) +
                    comfy("comfy-c", *servers[2]) + replicate.described("replicate.toml") +
                    stability.described("stability.toml") + std::string(keys));
  place.write("key", "k3y");
  Program run = place.start({"--json", "run", place.write("pictures.toml", pictures), "-i",
                             "numbers=" + numbers_to(tasks)});

  REQUIRE(eventually([&] { return servers[0]->accepted() > 3 && servers[1]->accepted() > 3; }));
  const std::int64_t asked_while_alive = servers[0]->accepted();
  servers[0]->kill();
  servers[1]->order(R"({"classes": {"KSampler": {"ms": 600}}})");
  replicate.script(R"({"next": [
      {"answer": "error_before", "status": 429, "headers": {"retry-after": "1"}, "body": {"detail": "slow down"}},
      {"answer": "error_before", "status": 503, "body": {"detail": "busy"}}]})");
  stability.script(R"({"next": [{"answer": "error_before", "status": 503, "body": {}}]})");
  const std::int64_t before = servers[2]->accepted();
  REQUIRE(eventually([&] { return servers[2]->accepted() > before + 5; }));
  ask(servers[2]->url() + "/fake/restart", "");  // what it had accepted is lost

  const Finished done = run.finish();
  INFO(done.out << done.err);
  CHECK(done.exit_code == 0);
  const auto events = place.events();
  CHECK(count_events(events, "task.succeeded") == tasks);
  CHECK(tasks_done_again(events).empty());
  CHECK(servers[1]->each_accepted_once());
  CHECK(servers[2]->each_accepted_once());
  // What the clouds billed is what they did.
  auto attempts = attempts_at_services(events);
  int all = 0;
  for (const auto& [name, count] : attempts) all += count;
  INFO(place.weft({"services"}).out);
  CHECK(all <= tasks * 13 / 10);
  const auto trials = std::ranges::count_if(events, [](const json::object& event) {
    return has(event, "type", "service.half_open") &&
           has(event.at("data").as_object(), "service", "comfy-a");
  });
  CHECK(attempts["comfy-a"] - asked_while_alive <= 5 + trials);
  CHECK(replicate.stat("accepted") <= attempts["replicate"]);
  CHECK(stability.stat("accepted") <= attempts["stability"]);
  CHECK(count_events(events, "task.waiting") == 0);
}

// ---------------------------------------------------------------- one after the other

constexpr std::string_view film = R"(
[pipeline]
name = "film"
[tasks.picture]
operation = "image.generate"
params    = { prompt = "a heron" }
ROUTE
[tasks.video]
operation = "video.from_image"
inputs    = { image = "${tasks.picture.image}" }
params    = { seconds = 2 }
[tasks.large]
operation = "video.upscale"
inputs    = { video = "${tasks.video.video}" }
params    = { factor = 2 }
[outputs]
film = "${tasks.large.video}"
)";

std::string film_with(const std::string& route) {
  std::string text(film);
  return text.replace(text.find("ROUTE"), 5, route);
}

TEST_CASE("A picture that ComfyUI cannot make comes from a cloud, and show says why") {
  const TempFolder folder;
  const std::string clip = (folder.path() / "clip.mp4").string();
  REQUIRE(run_program({"ffmpeg", "-loglevel", "error", "-f", "lavfi", "-i",
                       "testsrc=size=64x36:rate=8:duration=1", "-pix_fmt", "yuv420p", clip},
                      folder.path())
              .exit_code == 0);
  ComfyServer server(folder.path() / "comfyui");
  const Cloud cloud(clip);
  const Place place(comfy("comfy", server) + cloud.described("stability.toml") +
                    cloud.described("runway.toml") + std::string(keys) + R"(
[services.media]
component  = "media"
operations = ["video.upscale"]
class      = "cpu"
price      = 0
config     = { preset = "ultrafast" }
)");
  place.write("key", "k3y");
  server.kill();

  const Finished plain =
      place.weft({"run", place.write("film.toml", film_with("")), "-o", "film=film.mp4"});
  INFO(plain.out << plain.err);
  CHECK(plain.exit_code == 0);
  CHECK(has(place.run(place.newest_run()), "state", "succeeded"));
  CHECK(probe(place.folder() / "film.mp4", place.folder()).width == 128);
  const Finished shown = place.weft({"why", place.newest_run(), "picture"});
  INFO(shown.out << shown.err);
  CHECK(shown.out.find("comfy") != std::string::npos);
  CHECK(shown.out.find("stability") != std::string::npos);

  const Finished lesser = place.weft(
      {"run", place.write("film.toml", film_with("route = { degrade = [\"stability\"] }"))});
  INFO(lesser.out << lesser.err);
  CHECK(lesser.exit_code == 6);
  CHECK(has(place.run(place.newest_run()), "state", "degraded"));
}

}  // namespace
}  // namespace weft::testing
