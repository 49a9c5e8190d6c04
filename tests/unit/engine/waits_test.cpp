// SPDX-License-Identifier: Apache-2.0
// Tasks that people end: approvals, and input from outside.
#include <algorithm>

#include "catch.hpp"
#include "pipelines.hpp"
#include "world.hpp"

using namespace weft;
using namespace weft::engine::testing;
using std::chrono::hours;
using std::chrono::minutes;

namespace {

const std::string review = R"toml(
[tasks.a]
operation = "test.step"
[tasks.review]
approve = { message = "is ${tasks.a.value} right?" }
inputs = { value = "${tasks.a.value}" }
[tasks.b]
if = "tasks.review.approved"
operation = "test.step"
params = { value = "${tasks.a.value + 1}" }
)toml";

// A choice among three, and a task that takes it.
const std::string choose = R"toml(
[tasks.take]
for_each = "[10, 20, 30]"
operation = "test.step"
params = { value = "${item}" }
[tasks.review]
approve = { message = "which?", choices = "${tasks.take.map(t, t.value)}" }
[tasks.b]
operation = "test.step"
params = { value = "${tasks.review.chosen}" }
)toml";

const std::string await_number = R"toml(
[tasks.ask]
wait_for = { message = "a number, please", outputs = { number = { type = "integer", minimum = 1 }, more = { type = "integer", default = 5 } } }
[tasks.b]
operation = "test.step"
params = { value = "${tasks.ask.number + tasks.ask.more}" }
)toml";

std::string with(std::string definition, const std::string& after, const std::string& more) {
  const std::size_t at = definition.find(after);
  return definition.insert(at + after.size(), more);
}

json::object last_event(const World& world, RunId run, const std::string& type) {
  json::object data;
  for (const EventRecord& event : world.stored(run).events)
    if (event.type == type) data = event.data;
  return data;
}

std::size_t events_of(const World& world, RunId run, const std::string& type) {
  const auto types = world.event_types(run);
  return static_cast<std::size_t>(std::count(types.begin(), types.end(), type));
}

RunId submit_review(World& world, const std::string& definition = review) {
  const RunId run = world.submit(definition);
  world.succeed(run, "a", 7);
  return run;
}

RunId submit_choice(World& world, const std::string& definition = choose) {
  const RunId run = world.submit(definition);
  for (const std::int64_t item : {0, 1, 2})
    world.succeed(run, "take[" + std::to_string(item) + "]", 10 * (item + 1));
  return run;
}

CommandAnswer choose_one(World& world, RunId run, std::optional<std::uint32_t> choice,
                         const std::string& task = "review") {
  Command command = world.command_of(run, CommandKind::approve, task);
  command.choice = choice;
  return world.give(command);
}

CommandAnswer give(World& world, RunId run, json::object values) {
  Command command = world.command_of(run, CommandKind::give, "ask");
  command.given = std::move(values);
  return world.give(command);
}

}  // namespace

TEST_CASE("an approval says in one event what is to be decided, and waits without a slot") {
  World world({{.name = "a"}}, 1);
  const RunId run = submit_review(world);
  CHECK(world.state(run, "review") == TaskState::waiting);
  CHECK(world.row(run, "review").wait_reason == WaitReason::approval);
  CHECK(world.state(run) == RunState::active);
  CHECK(world.driver().core().slots().used_of_service(0) == 0);
  CHECK(events_of(world, run, "task.waiting") == 1);
  CHECK(last_event(world, run, "task.waiting") ==
        json::object{{"reason", "approval"},
                     {"message", "is 7 right?"},
                     {"inputs", json::object{{"value", 7}}}});
}

TEST_CASE("approving succeeds the task, and its outputs say so") {
  World world;
  const RunId run = submit_review(world);
  Command command = world.command_of(run, CommandKind::approve, "review");
  command.reason = "lovely";
  CHECK(world.give(command).done);
  CHECK(world.state(run, "review") == TaskState::succeeded);
  CHECK(world.stored(run).outputs.at(world.number(run, "review")) ==
        json::value{{"approved", true}, {"note", "lovely"}});
  CHECK(world.running(run, "b"));
  CHECK(last_event(world, run, "task.approved") == json::object{{"note", "lovely"}});
}

TEST_CASE("what is decided once is not decided again") {
  World world;
  const RunId run = submit_review(world);
  CHECK(world.command(run, CommandKind::approve, "review").done);
  const CommandAnswer late = world.command(run, CommandKind::reject, "review");
  CHECK_FALSE(late.done);
  CHECK(late.text.find("the task is succeeded") != std::string::npos);
  CHECK_FALSE(world.command(run, CommandKind::approve, "b").done);
}

TEST_CASE("rejecting fails the task, and a retry asks again") {
  World world;
  const RunId run = submit_review(world);
  Command command = world.command_of(run, CommandKind::reject, "review");
  command.reason = "too dark";
  CHECK(world.give(command).done);
  CHECK(world.state(run, "review") == TaskState::failed);
  CHECK(world.state(run) == RunState::failed);
  CHECK(last_event(world, run, "task.failed") ==
        json::object{{"outcome", "rejected"}, {"message", "too dark"}});
  CHECK(world.command(run, CommandKind::retry, "review").done);
  CHECK(world.state(run, "review") == TaskState::waiting);
  CHECK(world.command(run, CommandKind::approve, "review").done);
  CHECK(world.running(run, "b"));
}

TEST_CASE("a rejection may skip the task and what reads it, or go on and say no") {
  World world;
  const RunId skipped = submit_review(world, with(review, "right?\"", ", on_reject = \"skip\""));
  CHECK(world.command(skipped, CommandKind::reject, "review").done);
  CHECK(world.state(skipped, "review") == TaskState::skipped);
  CHECK(world.state(skipped, "b") == TaskState::skipped);
  CHECK(world.state(skipped) == RunState::succeeded);

  const RunId gone_on = submit_review(world, with(review, "right?\"", ", on_reject = \"go_on\""));
  CHECK(world.command(gone_on, CommandKind::reject, "review").done);
  CHECK(world.state(gone_on, "review") == TaskState::succeeded);
  CHECK(world.state(gone_on, "b") == TaskState::skipped);
  CHECK(world.state(gone_on) == RunState::succeeded);
}

TEST_CASE("one of several is chosen, and goes on") {
  World world;
  const RunId run = submit_choice(world);
  CHECK(last_event(world, run, "task.waiting").at("choices") == json::array{10, 20, 30});
  CHECK(choose_one(world, run, 2).done);
  CHECK(world.stored(run).outputs.at(world.number(run, "review")) ==
        json::value{{"approved", true}, {"note", ""}, {"choice", 2}, {"chosen", 30}});
  CHECK(world.job(run, "b").task->params.at("value") == 30);
}

TEST_CASE("a choice that is missing or does not exist is refused, and nothing is lost") {
  World world;
  const RunId run = submit_choice(world);
  CHECK(choose_one(world, run, std::nullopt).text.find("say which, from 0 to 2") !=
        std::string::npos);
  CHECK(choose_one(world, run, 3).text.find("there is no choice 3") != std::string::npos);
  CHECK(world.state(run, "review") == TaskState::waiting);
  CHECK(choose_one(world, run, 0).done);
  CHECK(world.job(run, "b").task->params.at("value") == 10);
}

TEST_CASE("a choice is made after a restart, from what the store has") {
  World world;
  const RunId run = submit_choice(world);
  world.crash();
  CHECK(world.state(run, "review") == TaskState::waiting);
  CHECK(events_of(world, run, "task.waiting") == 1);
  CHECK(choose_one(world, run, 1).done);
  CHECK(world.job(run, "b").task->params.at("value") == 20);
}

TEST_CASE("of two who choose at once, the first is heard") {
  World world;
  const RunId run = submit_choice(world);
  world.restart();
  Command first = world.command_of(run, CommandKind::approve, "review");
  Command second = world.command_of(run, CommandKind::approve, "review");
  first.choice = 1;
  second.choice = 2;
  world.driver().deliver(engine::GiveCommand{first});
  world.driver().deliver(engine::GiveCommand{second});
  world.settle();
  CHECK(world.answer(first.id)->done);
  CHECK_FALSE(world.answer(second.id)->done);
  CHECK(world.job(run, "b").task->params.at("value") == 20);
}

TEST_CASE("a cancel answers whoever was about to choose") {
  World world;
  const RunId run = submit_choice(world);
  world.restart();
  Command choice = world.command_of(run, CommandKind::approve, "review");
  choice.choice = 1;
  world.driver().deliver(engine::GiveCommand{choice});
  world.driver().deliver(engine::GiveCommand{world.command_of(run, CommandKind::cancel, {})});
  world.settle();
  REQUIRE(world.answer(choice.id));
  CHECK_FALSE(world.answer(choice.id)->done);
  CHECK(world.state(run) == RunState::cancelled);
}

TEST_CASE("an empty list of choices fails the task, and says of what") {
  World world;
  const RunId run = world.submit(R"toml(
[tasks.review]
approve = { message = "which?", choices = "${[1, 2].filter(n, n > 5)}" }
)toml");
  CHECK(world.state(run, "review") == TaskState::failed);
  const std::string message(last_event(world, run, "task.failed").at("message").as_string());
  CHECK(message.find("approve.choices") != std::string::npos);
}

TEST_CASE("each item of a for_each is approved alone, or all of them together") {
  World world;
  const RunId run = world.submit(R"toml(
[tasks.review]
for_each = "[1, 2, 3]"
approve = { message = "take ${item}?" }
[tasks.b]
needs = ["review"]
operation = "test.step"
)toml");
  CHECK(world.command(run, CommandKind::approve, "review[1]").done);
  CHECK(world.state(run, "review[1]") == TaskState::succeeded);
  CHECK(world.state(run, "review[2]") == TaskState::waiting);
  const CommandAnswer rest = world.command(run, CommandKind::approve, "review");
  CHECK(rest.text == "approved: 2 tasks");
  CHECK(world.running(run, "b"));
}

TEST_CASE("an approval that nobody answers in time fails, is rejected or approved, as is said") {
  World world;
  const auto wait_out = [&](const std::string& definition) {
    const RunId run = submit_review(world, definition);
    world.advance(minutes{59});
    CHECK(world.state(run, "review") == TaskState::waiting);
    world.advance(minutes{2});
    return run;
  };
  const std::string timed = with(review, "[tasks.review]\n", "timeout = \"1h\"\n");
  const RunId fails = wait_out(timed);
  CHECK(last_event(world, fails, "task.failed").at("outcome") == "deadline");

  const RunId rejects = wait_out(with(timed, "right?\"", ", on_timeout = \"reject\""));
  CHECK(last_event(world, rejects, "task.failed").at("outcome") == "rejected");

  const RunId approves = wait_out(with(timed, "right?\"", ", on_timeout = \"approve\""));
  CHECK(world.state(approves, "review") == TaskState::succeeded);
  CHECK(world.running(approves, "b"));
}

TEST_CASE("silence takes the first of the choices where the definition says that it approves") {
  World world;
  const RunId run =
      submit_choice(world, with(with(choose, "[tasks.review]\n", "timeout = \"1h\"\n"), "which?\"",
                                ", on_timeout = \"approve\""));
  world.crash();
  world.advance(hours{2});
  CHECK(world.job(run, "b").task->params.at("value") == 10);
}

TEST_CASE("the deadline of an approval stands over restarts, and still while the run is paused") {
  World world;
  const std::string timed = with(review, "[tasks.review]\n", "timeout = \"1h\"\n");
  const RunId run = submit_review(world, timed);
  world.advance(minutes{30});
  world.crash();
  CHECK(world.command(run, CommandKind::pause).done);
  world.advance(hours{5});
  CHECK(world.state(run, "review") == TaskState::waiting);
  CHECK(world.command(run, CommandKind::resume).done);
  world.advance(minutes{29});
  CHECK(world.state(run, "review") == TaskState::waiting);
  world.advance(minutes{2});
  CHECK(world.state(run, "review") == TaskState::failed);
}

TEST_CASE("the timeout of the run ends what waits for people") {
  World world;
  const RunId run =
      world.submit("[tasks.review]\napprove = { message = \"well?\" }\n", {}, "timeout = \"1h\"");
  world.advance(hours{2});
  CHECK(world.state(run, "review") == TaskState::failed);
  CHECK(world.state(run) == RunState::failed);
}

TEST_CASE("a decision in a paused run is kept, and what follows waits for the run") {
  World world;
  const RunId run = submit_review(world);
  CHECK(world.command(run, CommandKind::pause).done);
  CHECK(world.command(run, CommandKind::approve, "review").done);
  CHECK_FALSE(world.running(run, "b"));
  CHECK(world.command(run, CommandKind::resume).done);
  CHECK(world.running(run, "b"));
}

TEST_CASE("what waits for people is skipped by hand, and cancelled with its run") {
  World world;
  const RunId skipped = submit_review(world);
  CHECK(world.command(skipped, CommandKind::skip, "review").done);
  CHECK(world.state(skipped, "review") == TaskState::skipped);
  CHECK(world.state(skipped) == RunState::succeeded);
  const RunId cancelled = submit_review(world);
  CHECK(world.command(cancelled, CommandKind::cancel).done);
  CHECK(world.state(cancelled) == RunState::cancelled);
}

TEST_CASE("an approval whose condition is false is skipped without asking anybody") {
  World world;
  const RunId run =
      submit_review(world, with(review, "[tasks.review]\n", "if = \"tasks.a.value > 100\"\n"));
  CHECK(world.state(run, "review") == TaskState::skipped);
  CHECK(events_of(world, run, "task.waiting") == 0);
}

TEST_CASE("a task waits for input until it is given, with what the defaults add") {
  World world;
  const RunId run = world.submit(await_number);
  CHECK(world.row(run, "ask").wait_reason == WaitReason::input);
  CHECK(give(world, run, {{"number", 3}}).done);
  CHECK(world.state(run, "ask") == TaskState::succeeded);
  CHECK(world.job(run, "b").task->params.at("value") == 8);
}

TEST_CASE("input that is wrong is refused with words that help, and the task waits on") {
  World world;
  const RunId run = world.submit(await_number);
  for (const auto& [values, words] : std::vector<std::pair<json::object, std::string>>{
           {{}, "input 'number' is missing"},
           {{{"number", 0}}, "must be at least 1"},
           {{{"number", "three"}}, "input 'number' must be"},
           {{{"number", 3}, {"mor", 1}}, "did you mean 'more'"}}) {
    const CommandAnswer refused = give(world, run, values);
    CHECK_FALSE(refused.done);
    INFO(refused.text);
    CHECK(refused.text.find(words) != std::string::npos);
    CHECK(world.state(run, "ask") == TaskState::waiting);
  }
  CHECK(give(world, run, {{"number", 3}}).done);
}

TEST_CASE("an approval is not given input, and input is not approved") {
  World world;
  const RunId asks = world.submit(await_number);
  CHECK(world.command(asks, CommandKind::approve, "ask")
            .text.find("the task is waiting for input, and does not wait for an approval") !=
        std::string::npos);
  const RunId approves = submit_review(world);
  CHECK_FALSE(world.command(approves, CommandKind::give, "review").done);
  CHECK_FALSE(world.command(approves, CommandKind::settle, "review").done);
}

TEST_CASE("an approval whose condition has become false meanwhile is skipped, not decided") {
  World world;
  const RunId run = world.submit(R"toml(
[tasks.a]
operation = "test.step"
[tasks.review]
finally = true
if = "size(run.failed) > 0"
approve = { message = "which?", choices = "${[1, 2]}" }
)toml");
  world.end(run, "a", Outcome::refused);
  REQUIRE(world.state(run, "review") == TaskState::waiting);
  CHECK(world.command(run, CommandKind::skip, "a").done);  // too late for it to have another turn
  CHECK_FALSE(choose_one(world, run, 0).done);
  CHECK(world.state(run, "review") == TaskState::skipped);
  CHECK(world.state(run) == RunState::succeeded);
}
