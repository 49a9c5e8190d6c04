// SPDX-License-Identifier: Apache-2.0
// What the WebSocket adds to polling, and that nothing depends on it.
#include "fixture.hpp"
#include "progress.hpp"

using namespace comfyui_test;

namespace {

comfyui::Frame frame(const char* type, json data) {
  return {type, "p", std::move(data)};
}
json state(const char* word, double value, double max) {
  return {{"state", word}, {"value", value}, {"max", max}};
}
const json three_nodes = {{"1", {{"class_type", "Load"}}},
                          {"2", {{"class_type", "KSampler"}}},
                          {"3", {{"class_type", "Save"}}}};

bool says(const weft::testing::job& job, const std::string& stage) {
  return std::ranges::any_of(job.progress(), [&](const auto& told) { return told.stage == stage; });
}

}  // namespace

TEST_CASE("progress is the share of the nodes that are to run, and never goes back") {
  comfyui::Progress progress(three_nodes);
  CHECK_FALSE(progress.has_begun());
  progress.hear(frame("execution_cached", {{"nodes", {"1"}}}));
  progress.hear(frame("progress_state", {{"nodes", {{"2", state("running", 5, 20)}}}}));
  CHECK(progress.fraction() == Approx(0.125));
  CHECK(progress.stage() == "KSampler 5/20");
  progress.hear(frame("progress_state", {{"nodes", {{"2", state("running", 2, 20)}}}}));
  CHECK(progress.fraction() == Approx(0.125));
  progress.hear(frame("progress_state", {{"nodes",
                                          {{"2", state("finished", 20, 20)},
                                           {"3", state("running", 0, 1)},
                                           {"2.0.1", state("finished", 1, 1)}}}}));
  CHECK(progress.fraction() == Approx(0.5));
  CHECK(progress.stage() == "Save");
  CHECK_FALSE(progress.has_ended());
  progress.hear(frame("execution_success", json::object()));
  CHECK(progress.has_ended());
}

TEST_CASE("numbers of steps that nobody can count are cut to some that can be shown") {
  comfyui::Progress progress(three_nodes);
  progress.hear(frame("progress_state", {{"nodes", {{"2", state("running", -1e300, 1e300)}}}}));
  CHECK(progress.stage() == "KSampler 0/1000000000000");
  CHECK(progress.fraction() == 0);
}

TEST_CASE("frames that are about no prompt are nobody's") {
  CHECK_FALSE(comfyui::read_frame(R"({"type": "status", "data": {"sid": "x"}})"));
  CHECK_FALSE(comfyui::read_frame(R"({"type": "executing", "data": {"node": "2"}})"));
  CHECK_FALSE(comfyui::read_frame("not json"));
  CHECK_FALSE(comfyui::read_frame("[1]"));
  const auto about = comfyui::read_frame(R"({"type": "progress", "data": {"prompt_id": "p"}})");
  REQUIRE(about);
  CHECK(about->prompt_id == "p");
}

TEST_CASE("steps are told while a node runs, at most twice a second") {
  Studio s;
  s.order(R"({"classes": {"KSampler": {"ms": 10000, "steps": 100}}})");
  auto job = s.service.submit(picture());
  s.host.run_until_idle();
  REQUIRE(job.status() == WEFT_OK);
  CHECK(job.progress().size() <= 25);
  CHECK(job.progress().size() >= 15);
  int last = -1;
  for (const auto& told : job.progress()) {
    if (told.permille < 0) continue;  // not known yet
    CHECK(told.permille >= last);
    last = told.permille;
  }
  CHECK(last > 500);
  CHECK(std::ranges::any_of(job.progress(), [](const auto& told) {
    return told.stage.starts_with("KSampler ") && told.stage.ends_with("/100");
  }));
  CHECK(s.host.violations().empty());
}

TEST_CASE("all jobs of an instance share one socket, whose client ordered them") {
  Studio s;
  std::vector<weft::testing::job> jobs;
  for (int i = 1; i <= 3; ++i) {
    auto task = picture("a fox " + std::to_string(i));
    task.key.back() = static_cast<char>('0' + i);
    jobs.push_back(s.service.submit(task));
  }
  s.host.run_until_idle();
  for (const auto& job : jobs) CHECK(job.status() == WEFT_OK);
  REQUIRE(s.socket_urls.size() == 1);
  for (const http_call& call : s.host.http_calls())
    if (call.url.ends_with("/prompt"))
      CHECK(s.socket_urls.front().ends_with(
          "/ws?clientId=" + json::parse(call.body)["client_id"].get<std::string>()));
}

TEST_CASE("the told end is looked for at once, also before it is in the history") {
  Studio s;
  s.order(R"({"classes": {"KSampler": {"ms": 100300}}, "history_delay_ms": 400})");
  const auto begun = s.host.now_ms();
  auto job = s.service.submit(picture());
  s.host.run_until_idle();
  REQUIRE(job.status() == WEFT_OK);
  CHECK(s.host.now_ms() - begun < 101'200);  // a poll every two seconds would find it later
}

TEST_CASE("where a proxy refuses WebSockets jobs are polled as ever") {
  Studio s;
  s.order(R"({"faults": [{"path": "/ws", "status": 403, "times": 1000}],
              "classes": {"KSampler": {"ms": 120000, "steps": 10}}})");
  auto job = s.service.submit(picture());
  s.host.run_until_idle();
  REQUIRE(job.status() == WEFT_OK);
  CHECK(says(job, "running"));
  CHECK(s.socket_urls.size() >= 3);  // asked again,
  CHECK(s.socket_urls.size() < 10);  // ever more rarely
}

TEST_CASE("a host without WebSockets does for everything but steps") {
  Studio s;
  s.host.hide(WEFT_WEBSOCKET);
  auto service = s.make(json::object());
  auto job = service.submit(picture());
  s.host.run_until_idle();
  CHECK(job.status() == WEFT_OK);
  CHECK(s.socket_urls.empty());
}

TEST_CASE("a socket that breaks is opened again, and the job goes on meanwhile") {
  Studio s;
  s.order(R"({"classes": {"KSampler": {"ms": 20000, "steps": 40}}})");
  auto job = s.service.submit(picture());
  s.host.advance(3000);
  REQUIRE(s.sockets.size() == 1);
  const auto id = s.sockets.begin()->first;
  s.sockets.begin()->second.lose();
  s.sockets.clear();
  s.comfyui.close_socket(id);
  const auto told = job.progress().size();
  s.host.run_until_idle();
  REQUIRE(job.status() == WEFT_OK);
  CHECK(s.socket_urls.size() == 2);
  CHECK(s.socket_urls[0] == s.socket_urls[1]);
  CHECK(job.progress().size() > told + 10);
}

TEST_CASE("a socket that fell silent while a job runs is doubted, and the job ends all the same") {
  Studio s;
  s.order(R"({"stalls": 1, "classes": {"KSampler": {"ms": 200000, "steps": 400}}})");
  auto job = s.service.submit(picture());
  s.host.run_until_idle();
  REQUIRE(job.status() == WEFT_OK);
  CHECK(s.socket_urls.size() == 3);  // after one minute, and after two more
  CHECK(s.host.violations().empty());
}

TEST_CASE("previews are shown to who looks, and dropped where nobody does") {
  for (const bool wanted : {true, false}) {
    Studio s;
    s.host.want_previews(wanted);
    s.order(R"({"previews": 1, "classes": {"KSampler": {"ms": 2000, "steps": 4}}})");
    auto job = s.service.submit(picture());
    s.host.run_until_idle();
    CHECK(job.status() == WEFT_OK);
    CHECK(job.outputs().size() == 1);
    CHECK(job.record().previews.size() == (wanted ? 4 : 0));
    for (const auto& [media_type, bytes] : job.record().previews) {
      CHECK(media_type == "image/png");
      CHECK(bytes.starts_with("\x89PNG"));
    }
    CHECK(s.host.violations().empty());
  }
}

TEST_CASE("a preview that does not say of which prompt it is, or breaks off, is nobody's") {
  const std::string meta = R"({"prompt_id": "p", "image_type": "image/png"})";
  const auto frame = [&](char type, char length, const std::string& rest) {
    return std::string(3, '\0') + type + std::string(3, '\0') + length + rest;
  };
  const auto length = static_cast<char>(meta.size());
  const std::string whole = frame(4, length, meta + "PNG");
  const auto read = comfyui::read_preview(whole);
  REQUIRE(read);
  CHECK(read->prompt_id == "p");
  CHECK(read->media_type == "image/png");
  CHECK(read->bytes == "PNG");
  for (const std::string& other : {frame(1, 2, "PNG"), frame(4, 120, meta), frame(4, 2, "{}PNG"),
                                   frame(4, 3, "notPNG"), std::string("\0\0", 2), std::string()})
    CHECK_FALSE(comfyui::read_preview(other));
}

TEST_CASE("after a restart of the runtime steps go on under the name of who ordered") {
  Studio s;
  s.order(R"({"classes": {"KSampler": {"ms": 20000, "steps": 40}}})");
  auto job = s.service.submit(picture());
  s.host.advance(3000);
  s.service.crash();
  auto again = s.service.attach(job);
  s.host.advance(5000);
  CHECK(again.progress().size() > 5);
  CHECK(again.progress().back().stage.starts_with("KSampler "));
  REQUIRE(s.socket_urls.size() == 2);
  CHECK(s.socket_urls[0] == s.socket_urls[1]);
  auto other = picture("a hare");
  other.key = "00000000-0000-7000-8000-000000000002";
  auto own = s.service.submit(other);
  s.host.run_until_idle();
  CHECK(again.status() == WEFT_OK);
  CHECK(own.status() == WEFT_OK);
  CHECK(s.stats()["accepted"] == 2);
  REQUIRE(s.socket_urls.size() == 3);
  CHECK(s.socket_urls[2] != s.socket_urls[0]);
  CHECK(s.sockets.size() == 1);  // nobody listens under the old name any more
  CHECK(s.host.violations().empty());
}

TEST_CASE("a prompt of which only the key is known is listened to under who ordered it") {
  Studio s;
  s.order(R"({"classes": {"KSampler": {"ms": 20000, "steps": 40}}})");
  s.host.set_commit_ms(1000);
  auto job = s.service.submit(picture());
  s.host.advance(10);
  s.service.crash();
  s.host.set_commit_ms(0);
  auto again = s.service.attach(job);
  s.host.advance(5000);
  CHECK(again.progress().back().stage.starts_with("KSampler "));
  REQUIRE(s.socket_urls.size() == 2);
  CHECK(s.socket_urls[0] == s.socket_urls[1]);
  s.service.crash();  // and the token names the client from then on
  auto once_more = s.service.attach(again);
  s.host.run_until_idle();
  CHECK(once_more.status() == WEFT_OK);
  REQUIRE(s.socket_urls.size() == 3);
  CHECK(s.socket_urls[0] == s.socket_urls[2]);
  CHECK(s.stats()["accepted"] == 1);
  CHECK(s.host.violations().empty());
}

TEST_CASE("a prompt that nobody knows the client of is polled, and no other's socket is doubted") {
  Studio s;
  s.order(R"({"classes": {"KSampler": {"ms": 200000, "steps": 400}}})");
  s.host.set_commit_ms(1000);
  auto job = s.service.submit(picture());
  s.host.advance(10);
  s.service.crash();
  s.host.set_commit_ms(0);
  s.order(R"({"faults": [{"method": "GET", "path": "/queue", "status": 502}]})");
  auto again = s.service.attach(job);  // with an empty token
  auto other = picture("a hare");
  other.key = "00000000-0000-7000-8000-000000000002";
  auto own = s.service.submit(other);
  s.host.run_until_idle();
  CHECK(again.status() == WEFT_OK);
  CHECK(own.status() == WEFT_OK);
  CHECK(says(again, "running"));
  CHECK(s.socket_urls.size() == 2);
}
