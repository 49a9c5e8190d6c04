// SPDX-License-Identifier: Apache-2.0
// ComfyUI servers, and what becomes of their prompts when somebody dies.
#include <csignal>
#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>

#include "catch.hpp"
#include "comfy_server.hpp"
#include "place.hpp"

namespace weft::testing {
namespace {

std::string comfy_service(const std::string& name, const std::string& url,
                          const std::string& more) {
  return "[services." + name + "]\ncomponent = \"comfyui\"\nlimits = { concurrency = 2 }\n" + more +
         "config = { url = \"" + url +
         "\", workflows = \"" WEFT_CONFIGS "/comfyui\", patience_seconds = 1 }\n";
}

constexpr std::string_view one_picture = R"(
[pipeline]
name = "one_picture"
[tasks.a]
operation = "image.generate"
params    = { prompt = "a fox" }
[outputs]
image = "${tasks.a.image}"
)";

constexpr std::string_view six_pictures = R"(
[pipeline]
name = "six_pictures"
[tasks.a]
for_each  = "[1, 2, 3, 4, 5, 6]"
operation = "image.generate"
params    = { prompt = "a fox, ${string(item)}" }
)";

TEST_CASE("A runtime that is killed while a prompt runs goes on with it, and buys it once") {
  const TempFolder folder;
  const ComfyServer comfyui(folder.path() / "comfyui");
  comfyui.order(R"({"cost_micros": 10000, "classes": {"KSampler": {"ms": 4000, "steps": 20}}})");
  const Place place(comfy_service("comfy", comfyui.url(), "price = \"0.01\"\n"));
  const std::string file = place.write("one.toml", one_picture);
  Program first = place.start({"--json", "run", file});
  REQUIRE(eventually([&] { return comfyui.accepted() == 1; }));
  first.signal(SIGKILL);
  REQUIRE(first.finish().signal == SIGKILL);

  const Finished done = place.weft({"resume", place.newest_run()});
  INFO(done.out << done.err);
  CHECK(done.exit_code == 0);
  CHECK(comfyui.accepted() == 1);
  CHECK(comfyui.each_accepted_once());
  CHECK(comfyui.stats().at("billed_micros") == 10000);
  CHECK(tasks_done_again(place.events()).empty());
}

TEST_CASE("A picture whose download breaks off again and again comes in pieces") {
  const TempFolder folder;
  const ComfyServer comfyui(folder.path() / "comfyui");
  comfyui.order(R"({"faults": [{"path": "/view", "breaks_after": 10, "times": 1000}]})");
  const Place place(comfy_service("comfy", comfyui.url(), "price = 0\n"));
  const Finished done =
      place.weft({"run", place.write("one.toml", one_picture), "-o", "image=a.png"});
  INFO(done.out << done.err);
  CHECK(done.exit_code == 0);
  const auto bytes =
      static_cast<std::int64_t>(std::filesystem::file_size(place.folder() / "a.png"));
  CHECK(bytes > 10);
  CHECK(comfyui.stats().at("requests").at("GET /view") == (bytes + 9) / 10);
  CHECK(comfyui.accepted() == 1);
}

TEST_CASE("Whoever runs a pipeline can look at what ComfyUI is making, and sees what it took") {
  const TempFolder folder;
  const ComfyServer comfyui(folder.path() / "comfyui");
  comfyui.order(R"({"previews": 1, "classes": {"KSampler": {"ms": 1500, "steps": 5}}})");
  const Place place(comfy_service("comfy", comfyui.url(), "price = 0\n"));
  const auto previews = place.folder() / "previews";
  const Finished done =
      place.weft({"run", place.write("one.toml", one_picture), "--previews", previews.string()});
  INFO(done.out << done.err);
  REQUIRE(done.exit_code == 0);
  std::string magic(4, '\0');
  std::ifstream(previews / "a.png", std::ios::binary).read(magic.data(), 4);
  CHECK(magic == "\x89PNG");
  const Finished shown = place.weft({"show", place.newest_run(), "a"});
  CHECK_THAT(shown.out, Catch::Matchers::Contains("VRAM"));
  CHECK_THAT(shown.out, Catch::Matchers::Contains("3.7 GiB"));
}

TEST_CASE("Of three servers one dies in the middle, and the others do its work") {
  const TempFolder folder;
  std::vector<std::unique_ptr<ComfyServer>> servers;
  std::string services;
  for (int i = 0; i < 3; ++i) {
    servers.push_back(std::make_unique<ComfyServer>(folder.path() / std::to_string(i)));
    servers.back()->order(R"({"classes": {"KSampler": {"ms": 1500}}})");
    services += comfy_service("comfy-" + std::to_string(i), servers.back()->url(), "price = 0\n");
  }
  const Place place(services);
  Program run = place.start({"--json", "run", place.write("six.toml", six_pictures)});
  REQUIRE(eventually([&] { return servers[0]->accepted() > 0; }));
  servers[0]->kill();
  const Finished done = run.finish();
  INFO(done.out << done.err);
  CHECK(done.exit_code == 0);
  CHECK(has(place.run(place.newest_run()), "state", "succeeded"));
  CHECK(servers[1]->accepted() + servers[2]->accepted() >= 5);
  CHECK(servers[1]->each_accepted_once());
  CHECK(servers[2]->each_accepted_once());
}

TEST_CASE("A server that starts late does what is asked for from then on") {
  const TempFolder folder;
  ComfyServer early(folder.path() / "early");
  early.kill();
  const Place place(comfy_service("comfy", early.url(), "price = 0\n") + R"(
[services.storyboard]
component = "storyboard"
[services.slow]
component  = "testing"
operations = ["text.generate"]
price      = 0
config     = { behaviour = { delay_ms = 6000 } }
)");
  Program run = place.start({"--json", "run", place.write("late.toml", R"(
[pipeline]
name = "late"
[tasks.now]
operation = "image.generate"
params    = { prompt = "a fox" }
[tasks.words]
operation = "text.generate"
params    = { prompt = "a fox" }
[tasks.later]
needs     = ["words"]
operation = "image.generate"
params    = { prompt = "a fox" }
)")});
  REQUIRE(eventually([&] { return !place.runs().empty(); }));
  const ComfyServer late(folder.path() / "late", early.port());
  const Finished done = run.finish();
  INFO(done.out << done.err);
  CHECK(done.exit_code == 0);
  CHECK(late.accepted() == 1);
}

// The services of configs/services/comfyui.toml as somebody uses them: without the marks before
// their lines, and with the addresses of these servers.
std::string unmarked(const ComfyServer& first, const ComfyServer& second) {
  std::ifstream file(WEFT_CONFIGS "/services/comfyui.toml");
  std::ostringstream text;
  for (std::string line; std::getline(file, line);)
    text << (line.starts_with("#| ") ? line.substr(3) : line) << '\n';
  std::string services = text.str();
  const auto put = [&](const std::string& shown, const std::string& used) {
    const auto at = services.find(shown);
    REQUIRE(at != std::string::npos);
    services.replace(at, shown.size(), used);
  };
  put("http://127.0.0.1:8188", first.url());
  put("http://gpu-b.example:8188", second.url());
  return services;
}

TEST_CASE("The shipped services of ComfyUI work once their marks are taken off") {
  const TempFolder folder;
  const ComfyServer first(folder.path() / "a"), second(folder.path() / "b");
  const Place place;
  const auto here = place.folder();
  place.write("weft.toml", "include = [\"services/*.toml\"]\n[state]\npath = \"state\"\n");
  std::filesystem::create_directories(here / "services");
  std::filesystem::copy(WEFT_CONFIGS "/comfyui", here / "comfyui");
  std::ofstream(here / "services" / "comfyui.toml") << unmarked(first, second);
  const Finished done = place.weft({"--json", "run", place.write("one.toml", one_picture)});
  INFO(done.out << done.err);
  CHECK(done.exit_code == 0);
  CHECK(first.accepted() + second.accepted() == 1);
}

}  // namespace
}  // namespace weft::testing
