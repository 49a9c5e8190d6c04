// SPDX-License-Identifier: Apache-2.0
// Several kinds of services together, on a day on which they do not all work.
#include <algorithm>
#include <chrono>
#include <filesystem>
#include <map>
#include <memory>
#include <random>
#include <utility>

#include "asking.hpp"
#include "base/time.hpp"
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

std::string text_of(const json::object& event, const char* member) {
  const json::object& data = event.at("data").as_object();
  return data.contains(member) ? std::string(data.at(member).as_string()) : std::string();
}

// How many events of that type are about each service.
std::map<std::string, int> by_service(const std::vector<json::object>& events,
                                      std::string_view type) {
  std::map<std::string, int> counts;
  for (const json::object& event : events)
    if (has(event, "type", type)) ++counts[text_of(event, "service")];
  return counts;
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

std::string wall_clock() {
  return to_string(std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now()));
}

// Three servers and two clouds, and what befalls them.
class Troubles {
 public:
  explicit Troubles(const TempFolder& folder) : folder_(folder.path()) {
    for (int i = 0; i < 3; ++i) begin(servers_.emplace_back(), static_cast<std::size_t>(i), "0");
    replicate.script(R"({"cost_micros": 3000, "rest": {"polls": 2}})");
    stability.script(R"({"cost_micros": 30000, "rest": {"delay_ms": 150}})");
  }
  std::string services() const {
    std::string text;
    for (std::size_t i = 0; i < servers_.size(); ++i)
      text += comfy(name_of(i), *servers_[i].process);
    return text + replicate.described("replicate.toml") + stability.described("stability.toml");
  }

  // Each kind of trouble comes to several services, in an order that the seed gives; the one
  // before is over then. In between the others do some work.
  void go_through(unsigned seed) {
    std::mt19937 random(seed);
    std::vector<std::pair<int, std::size_t>> plan;
    for (int kind = 0; kind < 4; ++kind)
      for (std::size_t at = 0; at < servers_.size(); ++at) plan.emplace_back(kind, at);
    std::ranges::shuffle(plan, random);
    for (const auto& [kind, at] : plan) {
      const std::int64_t before = accepted();
      const auto enough = before + 6 + static_cast<std::int64_t>(random() % 7);
      REQUIRE(eventually([&] { return accepted() >= std::min<std::int64_t>(enough, tasks); }));
      mend();
      strike(kind, at);
    }
    mend();
  }

  // What was accepted by all, in all their lives.
  std::int64_t accepted() const {
    std::int64_t all = replicate.stat("accepted") + stability.stat("accepted");
    for (const Server& server : servers_)
      all += server.accepted_before + (server.process ? server.process->accepted() : 0);
    return all;
  }
  bool each_accepted_once() const {
    return all_once_ && std::ranges::all_of(servers_, [](const Server& server) {
             return server.process->each_accepted_once();
           });
  }

  // The name of a service, and between when and when it was dead.
  struct Death {
    std::string service, from, to;
  };
  const std::vector<Death>& deaths() const noexcept { return deaths_; }

  const Cloud replicate, stability;

 private:
  struct Server {
    std::unique_ptr<ComfyServer> process;  // null: dead
    std::int64_t accepted_before = 0;
    std::string port;
  };
  static std::string name_of(std::size_t at) { return std::string("comfy-") + "abc"[at]; }

  void begin(Server& server, std::size_t at, const std::string& port) {
    server.process = std::make_unique<ComfyServer>(folder_ / std::to_string(at), port);
    server.port = server.process->port();
    server.process->order(R"({"node_ms": 1, "classes": {"KSampler": {"ms": 150}}})");
  }
  void strike(int kind, std::size_t at) {
    Server& server = servers_[at];
    if (kind == 0) {
      server.accepted_before += server.process->accepted();
      all_once_ = all_once_ && server.process->each_accepted_once();
      server.process->kill();
      server.process.reset();
      deaths_.push_back({name_of(at), wall_clock(), {}});
      return;
    }
    if (kind == 1) ask(server.process->url() + "/fake/restart", "");  // what it had is lost
    if (kind == 2) server.process->order(R"({"classes": {"KSampler": {"ms": 600}}})");
    if (kind < 3) return;
    constexpr std::string_view busy =
        R"({"answer": "error_before", "status": 429, "headers": {"retry-after": "1"}, "body": {"detail": "slow down"}})";
    constexpr std::string_view down =
        R"({"answer": "error_before", "status": 503, "body": {"detail": "down"}})";
    if (at == 0)
      replicate.script("{\"next\": [" + std::string(busy) + "," + std::string(down) + "]}");
    if (at == 1) stability.script("{\"next\": [" + std::string(down) + "]}");
    if (at == 2)
      server.process->order(R"({"faults": [{"path": "/prompt", "status": 429, "times": 2}]})");
  }
  void mend() {
    for (std::size_t at = 0; at < servers_.size(); ++at) {
      if (servers_[at].process) {
        servers_[at].process->order(R"({"classes": {"KSampler": {"ms": 150}}})");
      } else {
        deaths_.back().to = wall_clock();
        begin(servers_[at], at, servers_[at].port);
      }
    }
  }

  const std::filesystem::path folder_;
  std::vector<Server> servers_;
  std::vector<Death> deaths_;
  bool all_once_ = true;
};

// How many events of that type about a service fall into the time in which it was dead.
int count_while_dead(const std::vector<json::object>& events, const Troubles::Death& death,
                     std::string_view type) {
  return static_cast<int>(std::ranges::count_if(events, [&](const json::object& event) {
    const std::string at(event.at("at").as_string());
    return has(event, "type", type) && text_of(event, "service") == death.service &&
           at > death.from && at < death.to;
  }));
}

TEST_CASE("Two hundred tasks are done while services die, forget, dawdle and throttle") {
  const TempFolder folder;
  Troubles day(folder);
  const Place place(day.services() + std::string(keys));
  place.write("key", "k3y");
  Program run = place.start({"--json", "run", place.write("pictures.toml", pictures), "-i",
                             "numbers=" + numbers_to(tasks)});
  constexpr unsigned seed = 20'261'130;
  INFO("seed " << seed);
  day.go_through(seed);

  const Finished done = run.finish();
  INFO(done.out << done.err << place.weft({"services"}).out);
  CHECK(done.exit_code == 0);
  const auto events = place.events();
  CHECK(count_events(events, "task.succeeded") == tasks);
  CHECK(count_events(events, "task.waiting") == 0);
  CHECK(tasks_done_again(events).empty());
  CHECK(day.each_accepted_once());
  auto begun = by_service(events, "task.started"), failed = by_service(events, "task.retrying");
  // What the clouds billed is what they did.
  CHECK(day.replicate.stat("accepted") == begun["replicate"] - failed["replicate"]);
  CHECK(day.stability.stat("accepted") == begun["stability"] - failed["stability"]);
  CHECK(count_events(events, "task.started") <= tasks * 13 / 10);
  REQUIRE(day.deaths().size() == 3);
  for (const Troubles::Death& death : day.deaths()) {
    INFO(death.service << " was dead from " << death.from << " to " << death.to);
    const int trials = count_while_dead(events, death, "service.half_open");
    CHECK(count_while_dead(events, death, "task.started") <= 5 + trials);
  }
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
  const Finished shown = place.weft({"show", place.newest_run(), "picture"});
  INFO(shown.out << shown.err);
  CHECK_THAT(shown.out,
             Catch::Matchers::Contains("comfy      excluded  it cannot say what it does"));
  CHECK_THAT(shown.out, Catch::Matchers::Contains("stability  chosen"));

  const Finished lesser = place.weft(
      {"run", place.write("film.toml", film_with("route = { degrade = [\"stability\"] }"))});
  INFO(lesser.out << lesser.err);
  CHECK(lesser.exit_code == 6);
  CHECK(has(place.run(place.newest_run()), "state", "degraded"));
}

}  // namespace
}  // namespace weft::testing
