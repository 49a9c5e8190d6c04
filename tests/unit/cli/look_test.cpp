// SPDX-License-Identifier: Apache-2.0
// What the commands show that only look.
#include "catch.hpp"
#include "fake_runtime.hpp"
#include "scratch_folder.hpp"

using namespace weft;
using namespace weft::cli::test;
using namespace std::chrono_literals;

namespace {

bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("runs are listed with ids that commands take") {
  ::setenv("TZ", "UTC", 1);
  World world;
  RunView other = a_run("failed", "0192f0c1-abce-7000-8000-000000000000");
  other.spent = "1.20 USD";
  other.tasks = {{"succeeded", 3}, {"failed", 1}};
  world.runs = {other, a_run("succeeded")};
  CHECK(run_weft(world, {"runs"}).out ==
        "RUN            PIPELINE  STATE      DONE  CREATED            TOOK     SPENT\n"
        "0192f0c1-abce  film      failed      3/4  2026-11-21 03:27         1.20 USD\n"
        "0192f0c1-abcd  film      succeeded   1/1  2026-11-21 03:27  2m 5s\n");
  CHECK(run_weft(world, {"runs", "--only", "odd"}).code == 2);
}

TEST_CASE("runs that began in one millisecond are listed with their whole ids") {
  World world;
  const std::string twin = "0192f0c1-abcd-7fff-8000-000000000000";
  world.runs = {a_run("succeeded"), a_run("succeeded", twin)};
  const Outcome outcome = run_weft(world, {"runs"});
  CHECK(contains(outcome.out, twin));
  CHECK(contains(outcome.out, run_id));
}

TEST_CASE("show counts the items of a group and names those that need somebody") {
  World world;
  world.runs = {a_run("active")};
  TaskView group = a_task(0, "video", "pending");
  group.group = true;
  TaskView broken = a_task(3, "video[2]", "failed");
  broken.why = "refused by comfy-a";
  TaskView film = a_task(4, "film", "pending");
  film.why = "waits for video";
  world.tasks = {group, a_task(1, "video[0]", "succeeded"), a_task(2, "video[1]", "succeeded"),
                 broken, film};
  const std::string text = run_weft(world, {"show"}).out;
  CHECK(contains(text, "2 succeeded, 1 failed"));
  CHECK(contains(text, "· video[2]  failed   refused by comfy-a"));
  CHECK(contains(text, "waits for video"));
  CHECK_FALSE(contains(text, "video[0]"));
  CHECK(contains(run_weft(world, {"show", "--all"}).out, "· video[0]  succeeded"));
}

TEST_CASE("show counts what is inside a pipeline in one row, however deep") {
  World world;
  world.runs = {a_run("active")};
  TaskView scene = a_task(0, "scene", "pending");
  scene.group = true;
  TaskView shots = a_task(2, "scene[0]/shot", "succeeded");
  shots.group = true;
  TaskView broken = a_task(5, "scene[0]/sum", "failed");
  broken.why = "refused by comfy-a";
  world.tasks = {scene,
                 a_task(1, "scene[0]", "pending"),
                 shots,
                 a_task(3, "scene[0]/shot[0]", "succeeded"),
                 a_task(4, "scene[0]/shot[1]", "succeeded"),
                 broken};
  const std::string text = run_weft(world, {"show"}).out;
  CHECK(contains(text, "2 succeeded, 1 failed"));
  CHECK(contains(text, "· scene[0]/sum  failed   refused by comfy-a"));
  CHECK_FALSE(contains(text, "shot[0]"));
}

TEST_CASE("show says why the items of a group wait, those of one state together") {
  World world;
  world.runs = {a_run("active")};
  TaskView group = a_task(0, "video", "pending");
  group.group = true;
  world.tasks = {group};
  for (std::uint32_t i = 1; i <= 4; ++i) {
    world.tasks.push_back(
        a_task(i, "video[" + std::to_string(i - 1) + "]", i <= 2 ? "ready" : "pending"));
    world.tasks.back().why =
        i <= 2 ? "waits for a slot" : "waits for still[" + std::to_string(i - 1) + "]";
  }
  const std::string text = run_weft(world, {"show"}).out;
  CHECK(contains(text, "· 2 more  ready    waits for a slot\n"));
  CHECK(contains(text, "· 2 more  pending  waits for still[2], …\n"));
}

TEST_CASE("show without a run means the newest, and says so when there is none") {
  World world;
  const Outcome none = run_weft(world, {"show"});
  CHECK(none.code == 3);
  CHECK(contains(none.err, "there are no runs yet"));
  world.runs = {a_run("succeeded"), a_run("failed", "0191")};
  CHECK(contains(run_weft(world, {"show"}).out, std::string("run ") + run_id));
}

TEST_CASE("why tells the decision and the attempts of a task on one page") {
  World world;
  world.detail.task = a_task(3, "video[3]", "failed");
  world.detail.task.service = "kling";
  world.detail.task.why = "every service failed";
  AttemptView attempt;
  attempt.number = 1;
  attempt.service = "kling";
  attempt.outcome = "refused";
  attempt.message = "content policy";
  attempt.started_at = moment();
  attempt.ended_at = moment(9s);
  attempt.cost = "0.04 USD";
  world.detail.attempts = {attempt};
  world.detail.decision_json =
      R"({"candidates":[{"service":"comfy-a","excluded":"breaker open"},{"service":"kling"}]})";
  const Outcome outcome = run_weft(world, {"why", "0192", "video[3]"});
  CHECK(outcome.code == 0);
  CHECK(contains(outcome.out, "every service failed"));
  CHECK(contains(outcome.out, "comfy-a    excluded  breaker open"));
  CHECK(contains(outcome.out, "kling      chosen"));
  CHECK(contains(outcome.out, "refused"));
  CHECK(contains(outcome.out, "0.04 USD  content policy"));
  CHECK(run_weft(world, {"why", "0192", "other"}).code == 3);
}

TEST_CASE("events are printed one per line in a form that does not change") {
  World world;
  world.runs = {a_run("succeeded")};
  world.events = {an_event(1, "run.submitted", "", R"({"pipeline":"film","tasks":3})"),
                  an_event(2, "task.failed", "video[3]",
                           R"({"outcome":"refused","message":"content \"policy\""})")};
  const Outcome outcome = run_weft(world, {"events"});
  CHECK(outcome.out ==
        "2026-11-21T03:27:38.120Z run.submitted - pipeline=film tasks=3\n"
        "2026-11-21T03:27:39.120Z task.failed video[3] outcome=refused "
        "message=\"content \\\"policy\\\"\"\n");
  CHECK(contains(run_weft(world, {"events", "--all"}).out, std::string(run_id) + " 2026"));
  CHECK_FALSE(contains(run_weft(world, {"events", "--after", "1"}).out, "run.submitted"));
}

TEST_CASE("followed events end with the run") {
  World world;
  world.runs = {a_run("active")};
  world.events = {an_event(1, "run.submitted", "", "{}")};
  world.while_waiting = [&world] {
    world.events.push_back(an_event(2, "run.succeeded", "", "{}"));
    world.runs = {a_run("succeeded")};
  };
  const Outcome outcome = run_weft(world, {"events", "-f"});
  CHECK(outcome.code == 0);
  CHECK(contains(outcome.out, "run.succeeded"));
}

TEST_CASE("gc tells what it would do, and what it keeps because it cost money") {
  World world;
  world.report = {{"0192"}, {"0193", "0194"}, 0, 3, 1 << 20};
  const Outcome told = run_weft(world, {"gc", "--older-than", "30d"});
  CHECK(told.out ==
        "would remove 1 run and 3 artifacts (1 MiB)\n  0192\n"
        "kept 2 runs that cost money; --paid removes them as well\n"
        "nothing is removed without --yes\n");
  REQUIRE(world.cleaning);
  CHECK(world.cleaning->runs_older_than == std::chrono::hours(30 * 24));
  CHECK_FALSE(world.cleaning->yes);
  const Outcome done = run_weft(world, {"gc", "--yes"});
  CHECK(contains(done.out, "removed 1 run"));
  CHECK_FALSE(world.cleaning->runs_older_than);
  CHECK(run_weft(world, {"gc", "--older-than", "soon"}).code == 2);
}

TEST_CASE("gc tells of results of the cache before it forgets them") {
  World world;
  world.report.results = 2;
  CHECK(run_weft(world, {"gc"}).out ==
        "would remove 0 runs and 0 artifacts (0 B)\nwould forget 2 results of the cache\n"
        "nothing is removed without --yes\n");
  CHECK(contains(run_weft(world, {"gc", "--yes"}).out, "forgot 2 results of the cache\n"));
}

TEST_CASE("damaged artifacts are listed and end with 5") {
  World world;
  CHECK(run_weft(world, {"artifact", "verify"}).out == "every artifact is whole\n");
  world.damaged = {{"3f2a9c1b0d4e5f601122", 12, "video/mp4", "film.mp4", "0192", "film"}};
  const Outcome outcome = run_weft(world, {"artifact", "verify"});
  CHECK(outcome.code == 5);
  CHECK(contains(outcome.out, "3f2a9c1b0d4e5f60  12 B  video/mp4  film.mp4  0192  film"));
}

TEST_CASE("artifact get copies to a file or prints the place in the store") {
  const ScratchFolder folder;
  World world;
  CHECK(run_weft(world, {"artifact", "get", "3f2a"}).out == "/state/artifacts/3f2a\n");
  CHECK(run_weft(world, {"artifact", "get", "3f2a", "-o", folder.path("f.mp4")}).code == 0);
  CHECK(folder.read("f.mp4") == "bytes of 3f2a");
}

TEST_CASE("config check ends with 2 when anything it names cannot be used") {
  World world;
  world.plugins = {{"/p/echo.so", "weft.echo", "1.0.0", {"echo"}, ""}};
  world.services = {ServiceView{}};
  world.services[0].name = "echo";
  const Outcome well = run_weft(world, {"config", "check"});
  CHECK(well.code == 0);
  CHECK(well.out == "read     /etc/weft.toml\nstate    /state\nfound    1 plugin, 1 service\n");
  world.services[0].unavailable = "secret COMFY_TOKEN is not set";
  const Outcome ill = run_weft(world, {"config", "check"});
  CHECK(ill.code == 2);
  CHECK(contains(ill.out, "problem  service echo: secret COMFY_TOKEN is not set"));
}

TEST_CASE("plugin check tells each finding and ends with 1 when one failed") {
  World world;
  world.checks = {{"manifest", true, ""}, {"law 4", false, "job 7 ended twice"}};
  const Outcome outcome = run_weft(world, {"plugin", "check", "echo.so"});
  CHECK(outcome.code == 1);
  CHECK(outcome.out == "ok     manifest\nFAILED law 4: job 7 ended twice\n");
  CHECK(contains(outcome.err, "echo.so failed 1 check"));
}

TEST_CASE("a plan shows who would be asked and what waits for what") {
  const ScratchFolder folder;
  World world;
  world.plan.pipeline = "film";
  world.plan.tasks = {
      {"keyframe", "image.generate", true, {"comfy-a"}, "0.04 USD", {}},
      {"keyframe[0]", "image.generate", false, {"comfy-a", "kling"}, "0.04 USD", {}},
      {"film", "video.concat", false, {"ffmpeg"}, "", {"keyframe[0]"}}};
  world.plan.warnings = {{{"a.toml", 3, 1}, "task 'x' leads to no output", "", true}};
  const Outcome outcome = run_weft(world, {"plan", folder.write("a.toml", "")});
  CHECK(outcome.out ==
        "film: 2 tasks\n"
        "TASK         OPERATION       SERVICES         ESTIMATE  WAITS FOR\n"
        "keyframe     image.generate\n"
        "keyframe[0]  image.generate  comfy-a → kling  0.04 USD\n"
        "film         video.concat    ffmpeg                     keyframe[0]\n");
  CHECK(outcome.err == "a.toml:3:1: warning: task 'x' leads to no output\n");
}

TEST_CASE("a plan says what it costs and how long it takes, and of what nobody knows") {
  const ScratchFolder folder;
  World world;
  world.plan.pipeline = "film";
  world.plan.tasks = {{"keyframe", "image.generate", true, {}, "", {}},
                      {"keyframe[0]", "image.generate", false, {"kling"}, "0.04 USD", {}},
                      {"film", "video.concat", false, {"ffmpeg"}, "", {"keyframe[0]"}}};
  world.plan.tasks[1].forecast = {"declared", "measured", 20'000, 65'000};
  ProjectionView& sums = world.plan.projection;
  sums = {2,
          0,
          {"0.04 USD"},
          1,
          1,
          1,
          0,
          {20'000, 65'000},
          {"keyframe[0]"},
          {20'000, 65'000},
          {40'000, 130'000},
          "class io"};
  const Outcome outcome = run_weft(world, {"plan", folder.write("a.toml", ""), "--cost", "--time"});
  CHECK(outcome.out ==
        "film: 2 tasks\n"
        "TASK         OPERATION       SERVICES  ESTIMATE      P50      P95  WAITS FOR\n"
        "keyframe     image.generate\n"
        "keyframe[0]  image.generate  kling     0.04 USD      20s    1m 5s\n"
        "film         video.concat    ffmpeg     unknown  unknown  unknown  keyframe[0]\n"
        "cost: 0.04 USD; unknown for 1 task: film\n"
        "time: at least 40s (p95 2m 10s), bound by the slots of class io; unknown for 1 task: "
        "film\n"
        "  critical path 20s (p95 1m 5s): keyframe[0]\n"
        "  one after the other 20s (p95 1m 5s)\n");
}

TEST_CASE("services say why one of them is left alone, and until when") {
  World world;
  world.services.resize(7);
  const TimePoint until{std::chrono::milliseconds{1'700'000'000'000}};
  for (std::size_t i = 0; i < 7; ++i) world.services[i].name = "s" + std::to_string(i);
  world.services[0].health = "open";
  world.services[0].health_reason = "3 failures in a row";
  world.services[0].open_until = until;
  world.services[1].health = "open";
  world.services[1].health_reason = "auth: wrong key";
  world.services[2].health = "half_open";
  world.services[2].health_reason = "a task tries it out";
  world.services[3].paused_until = until;
  world.services[4].health = "degraded";
  world.services[4].health_reason = "it is slow";
  world.services[5].health = "draining";
  world.services[5].health_reason = "by hand: new graphics card";
  world.services[6].health = "disabled";
  world.services[6].health_reason = "the configuration says 'enabled = false'";
  const Outcome outcome = run_weft(world, {"services"});
  for (const char* text : {"open until ", ": 3 failures in a row",
                           "open until the configuration is read again: auth: wrong key",
                           "half open: a task tries it out", "paused until ", "as it asked",
                           "degraded: it is slow", "draining: by hand: new graphics card",
                           "disabled: the configuration says 'enabled = false'"})
    CHECK(outcome.out.find(text) != std::string::npos);
  const Outcome machine = run_weft(world, {"--json", "services"});
  CHECK(machine.out.find(R"("open_until":"2023-11-14T22:13:20.000Z")") != std::string::npos);
}

TEST_CASE("services show how they have done in the span that is asked for") {
  World world;
  world.services.resize(2);
  world.services[0].name = "flux";
  world.services[0].in_flight = 3;
  world.services[0].use = {{"", 12, 9, 1, 41'000, 65'000, 2'000, "0.36 USD", {}},
                           {"image.generate", 12, 9, 1, 41'000, 65'000, 2'000, "0.36 USD", {}}};
  world.services[1].name = "idle";
  const Outcome outcome = run_weft(world, {"services", "--since", "24h"});
  CHECK(outcome.out ==
        "SERVICE  NOW  ENDED    OK  P50    P95  WAITED      COST\n"
        "flux       3     12  90 %  41s  1m 5s      2s  0.36 USD\n"
        "idle\n");
  CHECK(world.asked == std::vector<std::string>{"services of 86400000 ms"});
  CHECK(contains(run_weft(world, {"services", "--json"}).out,
                 R"("in_flight":3,"use":[{"operation":null,"ended":12,"succeeded":9,"faults":1)"));
  CHECK(run_weft(world, {"services", "--since", "soon"}).code == 2);
  CHECK(run_weft(world, {"services", "--watch"}).code == 2);
}

TEST_CASE("servers that run on this machine and are not configured are offered") {
  World world;
  world.servers = {{"ComfyUI", "http://127.0.0.1:8188"}};
  CHECK(run_weft(world, {"services"}).out ==
        "no services are configured\n"
        "found ComfyUI at http://127.0.0.1:8188, which no service speaks of\n");
  CHECK(contains(run_weft(world, {"services", "--json"}).out,
                 R"("found":[{"kind":"ComfyUI","url":"http://127.0.0.1:8188"}])"));
}

TEST_CASE("services that cannot be used say why") {
  World world;
  world.services.resize(1);
  world.services[0].name = "kling";
  world.services[0].component = "kling";
  world.services[0].operations = {"video.generate"};
  world.services[0].price = "unknown";
  world.services[0].unavailable = "no key";
  CHECK(contains(run_weft(world, {"services"}).out, "video.generate  unavailable: no key"));
}

TEST_CASE("a run that no process executes any more is shown as such, and how it goes on") {
  World world;
  world.runs = {a_run("active")};
  world.runs[0].unattended = true;
  world.tasks = {a_task(0, "film", "running")};
  world.tasks[0].unattended = true;
  world.tasks[0].permille = 620;
  world.tasks[0].why = "no runtime executes this folder any more";
  const std::string shown = run_weft(world, {"show"}).out;
  CHECK(contains(shown, "active (unattended)"));
  CHECK(contains(shown, "no process executes it now"));
  CHECK(contains(shown, std::string("weft resume ") + run_id));
  CHECK(contains(shown, "no runtime executes this folder any more"));
  CHECK_FALSE(contains(shown, "running"));
  CHECK_FALSE(contains(shown, "62%"));
  CHECK(contains(run_weft(world, {"runs"}).out, "active (unattended)"));
}
