// SPDX-License-Identifier: Apache-2.0
#include "live_view.hpp"

#include "catch.hpp"
#include "fake_runtime.hpp"
#include "text.hpp"

using namespace weft;
using namespace weft::cli;
using namespace weft::cli::test;
using namespace std::chrono_literals;

namespace {

using Lines = std::vector<std::string>;

// Two of thirty tasks run, one waits for a person.
LiveState busy() {
  LiveState state;
  state.run = a_run("active");
  state.run.tasks = {{"succeeded", 11}, {"skipped", 1}, {"running", 2},
                     {"waiting", 1},    {"failed", 1},  {"pending", 14}};
  state.run.spent = "1.20 USD";
  state.run.limit = "5.00 USD";
  TaskView first = a_task(3, "video[3]", "running");
  first.permille = 620;
  first.stage = "denoise";
  first.cost = "0.04 USD";
  TaskView second = a_task(4, "video[12]", "running");
  second.service = "kling";
  second.stage = "queued";
  second.started_at = moment(84s);
  state.running = {first, second};
  TaskView third = a_task(5, "approve", "waiting");
  third.why = "waits for an approval";
  state.waiting = {third};
  state.now = moment(125s);
  return state;
}

}  // namespace

TEST_CASE("a running run shows its progress, its tasks and what waits") {
  CHECK(render(busy(), 100, 20) ==
        Lines{"film 0192f0c1-abcd  2m 5s  1.20 USD of 5.00 USD",
              "━━━━━━━━━━━━━━────────────────────── 12/30  2 running  1 waiting  1 failed  14 "
              "pending",
              "  video[3]   comfy-a  ━━━━━━━─────   62%  denoise  2m 5s  0.04 USD",
              "  video[12]  kling    ────────────        queued     41s",
              "  approve  waits for an approval"});
}

TEST_CASE("a terminal of usual width has room for everything") {
  CHECK(render(busy(), 80, 20) ==
        Lines{"film 0192f0c1-abcd  2m 5s  1.20 USD of 5.00 USD",
              "━━━━━━━━━━━───────────────── 12/30  2 running  1 waiting  1 failed  14 pending",
              "  video[3]   comfy-a  ━━━━━━━─────   62%  denoise  2m 5s  0.04 USD",
              "  video[12]  kling    ────────────        queued     41s",
              "  approve  waits for an approval"});
}

TEST_CASE("a narrow terminal gives up bars, stages, costs and services, in this order") {
  CHECK(render(busy(), 60, 20)[2] == "  video[3]   comfy-a   62%  2m 5s  0.04 USD");
  CHECK(render(busy(), 45, 20)[2] == "  video[3]   comfy-a   62%  2m 5s");
  CHECK(render(busy(), 30, 20)[2] == "  video[3]    62%  2m 5s");
}

TEST_CASE("no line is wider than the terminal, however narrow and whatever the names") {
  LiveState state = busy();
  state.run.pipeline = "三つの映画のパイプライン";
  state.running[0].name = "シーン[3]/ショット[5]";
  state.running[0].stage = "a stage\nof two lines \x1b[2J";
  state.color = true;
  for (int width = 1; width <= 130; ++width)
    for (const std::string& line : render(state, width, 10)) {
      CAPTURE(width, line);
      CHECK(display_width(line) <= width);
      CHECK(line.find('\n') == std::string::npos);
      CHECK(line.find("\x1b[2J") == std::string::npos);
    }
}

TEST_CASE("no more lines are drawn than there is room for, and the rest is counted") {
  LiveState state = busy();
  state.running.clear();
  for (std::uint32_t i = 0; i < 40; ++i)
    state.running.push_back(a_task(i, "video[" + std::to_string(i) + "]", "running"));
  state.run.tasks["running"] = 500;
  const Lines lines = render(state, 80, 8);
  REQUIRE(lines.size() == 8);
  CHECK(lines[2].starts_with("  video[0] "));
  CHECK(lines[6] == "  approve  waits for an approval");
  CHECK(lines[7] == "  … 496 more");
  for (int height = 0; height < 8; ++height)
    CHECK(render(state, 80, height).size() <= static_cast<std::size_t>(height));
}

TEST_CASE("a paused or cancelling run says so") {
  LiveState state = busy();
  state.run.state = "paused";
  state.run.reason = "budget";
  CHECK(render(state, 100, 2)[0].ends_with("  paused (budget)"));
  state.run.state = "active";
  state.run.cancelling = true;
  CHECK(render(state, 100, 2)[0].ends_with("  cancelling"));
}

TEST_CASE("a run without any task yet can be shown") {
  LiveState state;
  state.run = a_run("active");
  state.run.tasks.clear();
  state.now = moment();
  CHECK(render(state, 40, 5) == Lines{"film 0192f0c1-abcd  0s", "──────────── 0/0"});
}

TEST_CASE("colours change nothing but colour") {
  LiveState state = busy();
  const Lines plain = render(state, 100, 20);
  state.color = true;
  const Lines colored = render(state, 100, 20);
  REQUIRE(colored.size() == plain.size());
  for (std::size_t i = 0; i < plain.size(); ++i)
    CHECK(display_width(colored[i]) == display_width(plain[i]));
  CHECK(colored[0].find("\x1b[1mfilm\x1b[0m") == 0);
}
