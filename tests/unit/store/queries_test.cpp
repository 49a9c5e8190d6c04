// SPDX-License-Identifier: Apache-2.0
#include "base/json_text.hpp"
#include "catch.hpp"
#include "store_fixture.hpp"

using namespace weft;
using namespace weft::store;
using Catch::Matchers::Contains;

namespace {

struct OneRun : StoreFixture {
  OneRun() : store(open()) {
    write({new_run(run_id(1), 1)});
    reader = queries();
  }
  void write(std::vector<Write> writes) {
    REQUIRE(commit(*store, batch(run_id(1), 1, std::move(writes))));
  }
  std::unique_ptr<Store> store;
  std::unique_ptr<Queries> reader;
};

std::vector<std::string> labels(const std::vector<TaskView>& tasks) {
  std::vector<std::string> all;
  for (const TaskView& task : tasks) all.push_back(task.label);
  return all;
}

}  // namespace

TEST_CASE_METHOD(OneRun, "tasks are shown with their names, labels and operations") {
  const auto tasks = reader->tasks(run_id(1)).value();
  CHECK(labels(tasks) == std::vector<std::string>{"a", "b", "b[0]", "b[1]", "c"});
  CHECK(tasks[2].name == "b");
  CHECK(tasks[2].operation == "video.generate");
  CHECK(tasks[4].operation == "video.concat");
}

TEST_CASE_METHOD(OneRun, "tasks are filtered by state and read page by page") {
  write({update(run_id(1), 2, TaskState::running), update(run_id(1), 4, TaskState::running)});
  TaskFilter running{TaskState::running, 0, 1};
  CHECK(labels(reader->tasks(run_id(1), running).value()) == std::vector<std::string>{"b[0]"});
  running.from = 3;
  CHECK(labels(reader->tasks(run_id(1), running).value()) == std::vector<std::string>{"c"});
  CHECK(reader->task_counts(run_id(1)).value() == TaskCounts{2, 0, 2, 0, 0, 0, 0, 0});
}

TEST_CASE_METHOD(OneRun,
                 "progress is the last word about a running task, and ends with its attempt") {
  write({dispatch(run_id(1), attempt_of(2, 1)), update(run_id(1), 2, TaskState::running, 1),
         PutProgress{run_id(1), {2, 100, "loading"}},
         PutProgress{run_id(1), {2, 400, "sampling"}}});
  const auto progress = reader->task({run_id(1), 2}).value().task.progress;
  REQUIRE(progress);
  CHECK(progress->permille == 400);
  CHECK(progress->stage == "sampling");
  CHECK(reader->progress(run_id(1)).value().size() == 1);
  AttemptRecord ended = attempt_of(2, 1);
  ended.ended_at = at_ms(70);
  write({EndAttempt{run_id(1), ended}});
  CHECK(reader->progress(run_id(1)).value().empty());
}

TEST_CASE_METHOD(OneRun, "a task is shown with its attempts, decisions and outputs") {
  AttemptRecord failed = attempt_of(0, 1);
  failed.ended_at = at_ms(30);
  failed.outcome = Outcome::rate_limited;
  failed.message = "429";
  const json::object outputs{{"image", to_json(picture("frame"))}, {"seed", 42}};
  write({dispatch(run_id(1), attempt_of(0, 1)), EndAttempt{run_id(1), failed},
         dispatch(run_id(1), attempt_of(0, 2)), PutOutputs{run_id(1), 0, outputs},
         update(run_id(1), 0, TaskState::succeeded, 2)});
  const TaskDetail detail = reader->task({run_id(1), 0}).value();
  REQUIRE(detail.attempts.size() == 2);
  CHECK(detail.attempts[0].outcome == Outcome::rate_limited);
  CHECK(detail.attempts[0].message == "429");
  CHECK(detail.attempts[1].attempt == 2);
  REQUIRE(detail.decisions.size() == 2);
  CHECK(detail.decisions[1].chosen == "painter");
  CHECK(detail.decisions[1].detail == json::object{{"candidates", json::array{"painter"}}});
  CHECK(detail.outputs == outputs);
  CHECK(detail.task.task.state == TaskState::succeeded);
}

TEST_CASE_METHOD(OneRun,
                 "outputs come in the order asked for, a group's as the list of its items") {
  write({PutOutputs{run_id(1), 0, {{"n", 0}}}, PutOutputs{run_id(1), 3, {{"n", 3}}}});
  const auto outputs = reader->outputs(run_id(1), std::vector<TaskNo>{3, 1, 0, 4}).value();
  REQUIRE(outputs.size() == 4);
  CHECK(outputs[0] == json::object{{"n", 3}});
  CHECK(outputs[1] == json::array{nullptr, json::object{{"n", 3}}});  // b[0] has none
  CHECK(outputs[2] == json::object{{"n", 0}});
  CHECK(outputs[3].is_null());
}

TEST_CASE_METHOD(OneRun, "what a task waits for comes before what it has waited for") {
  write({update(run_id(1), 2, TaskState::succeeded)});
  CHECK(labels(reader->dependencies({run_id(1), 1}, 10).value()) ==
        std::vector<std::string>{"b[1]", "b[0]"});
  CHECK(labels(reader->dependencies({run_id(1), 1}, 1).value()) ==
        std::vector<std::string>{"b[1]"});
  CHECK(reader->dependencies({run_id(1), 0}, 10).value().empty());
}

TEST_CASE_METHOD(OneRun, "a run is found by the beginning of its id") {
  REQUIRE(commit(*store, batch(run_id(0x12), 1, {new_run(run_id(0x12), 1)})));
  const std::string id = run_id(0x12).to_string();
  CHECK(reader->find_run(id).value().run.id == run_id(0x12));
  CHECK(reader->find_run(id.substr(0, 35)).value().run.id == run_id(0x12));
  const auto both = reader->find_run("aa0000");
  REQUIRE(!both);
  CHECK(both.error().kind == ErrorKind::invalid);
  CHECK_THAT(both.error().message, Contains(id));
  for (const char* nothing : {"ab", "", "not hex", "aa000000-0000-0000-0000-0000000000120"}) {
    CAPTURE(nothing);
    const auto missing = reader->find_run(nothing);
    REQUIRE(!missing);
    CHECK(missing.error().kind == ErrorKind::not_found);
  }
}

TEST_CASE_METHOD(OneRun, "runs are listed newest first, by state and by pipeline") {
  InsertRun other = new_run(run_id(2), 1, small_plan(1, "poster"));
  other.run.state = RunState::failed;
  REQUIRE(commit(*store, batch(run_id(2), 1, {other})));
  const auto ids = [&](const RunFilter& filter, std::uint32_t limit) {
    std::vector<RunId> all;
    for (const RunView& view : reader->runs(filter, limit).value()) all.push_back(view.run.id);
    return all;
  };
  CHECK(ids({}, 10) == std::vector<RunId>{run_id(2), run_id(1)});
  CHECK(ids({}, 1) == std::vector<RunId>{run_id(2)});
  CHECK(ids({RunState::failed, {}}, 10) == std::vector<RunId>{run_id(2)});
  CHECK(ids({{}, "film"}, 10) == std::vector<RunId>{run_id(1)});
  CHECK(ids({RunState::failed, "film"}, 10).empty());
}

TEST_CASE_METHOD(OneRun, "a pipeline is kept once per version, the newest of its name first") {
  const auto second = small_plan(3);
  REQUIRE(commit(*store, batch(run_id(2), 1, {new_run(run_id(2), 1, second)})));
  REQUIRE(commit(*store, batch(run_id(3), 1, {new_run(run_id(3), 1)})));
  const auto versions = reader->pipelines("film", 10).value();
  REQUIRE(versions.size() == 2);
  CHECK(versions[0].hash == second->root().pipeline->hash);
  CHECK(versions[1].hash == small_plan()->root().pipeline->hash);
  const PipelineVersion first = reader->pipeline(small_plan()->root().pipeline->hash).value();
  CHECK(first.source == "name = \"film\"\n");
  CHECK(first.format == "toml");
  CHECK(first.canonical == canonical(small_plan()->root().pipeline->canonical));
  CHECK_FALSE(reader->pipeline(picture("other").digest).has_value());
}

TEST_CASE_METHOD(OneRun, "artifacts are found in outputs at any depth, with what refers to them") {
  const json::array shots{json::object{{"video", to_json(picture("one"))}},
                          json::object{{"video", to_json(picture("two"))}}};
  write({PutOutputs{run_id(1), 2, {{"shots", shots}}},
         PutRunOutputs{run_id(1), {{"film", to_json(picture("two"))}}, {}}});
  const auto of_run = reader->artifacts(run_id(1), 10).value();
  REQUIRE(of_run.size() == 4);
  CHECK(of_run[0].artifact == picture("first"));
  CHECK(of_run[0].kind == RefKind::run_input);
  CHECK(of_run[0].run == run_id(1));
  CHECK_FALSE(of_run[0].task);
  CHECK(of_run[2].task == 2u);
  CHECK(reader->artifact(picture("two").digest).value() == picture("two"));
  const auto references = reader->references(picture("two").digest).value();
  REQUIRE(references.size() == 2);
  CHECK(references[0].kind == RefKind::run_output);
  CHECK(references[1].kind == RefKind::task_output);
  CHECK(reader->artifacts(std::nullopt, 3).value().size() == 3);
}

TEST_CASE_METHOD(OneRun, "inputs and outputs of a run are kept") {
  CHECK(reader->run_inputs(run_id(1)).value() == small_plan()->root().inputs);
  CHECK(reader->run_outputs(run_id(1)).value().is_null());
  write({PutRunOutputs{run_id(1), {{"title", "night"}}, {}}});
  CHECK(reader->run_outputs(run_id(1)).value() == json::object{{"title", "night"}});
}

TEST_CASE_METHOD(OneRun, "an event comes back as it was written") {
  AppendEvent record = event(run_id(1), 1, "task.succeeded");
  record.task = 3;
  record.data = R"({"service":"painter","cost_micros":1200})";
  write({record});
  const auto events = reader->events({}).value();
  REQUIRE(events.size() == 1);
  CHECK(events[0].run == run_id(1));
  CHECK(events[0].at == record.at);
  CHECK(events[0].type == "task.succeeded");
  CHECK(events[0].task == 3u);
  CHECK(events[0].data == json::object{{"service", "painter"}, {"cost_micros", 1200}});
}

TEST_CASE_METHOD(OneRun,
                 "an event about an attempt has a member for each thing that is known of it") {
  AppendEvent started = event(run_id(1), 1, "task.started");
  started.data = AttemptFacts{2, "painter", {}, {}};
  AppendEvent succeeded = event(run_id(1), 2, "task.succeeded");
  succeeded.data = AttemptFacts{2, "painter", Duration{1200}, usd(400'000)};
  write({started, succeeded});
  const auto events = reader->events({}).value();
  REQUIRE(events.size() == 2);
  CHECK(events[0].data == json::object{{"attempt", 2}, {"service", "painter"}});
  CHECK(events[1].data ==
        json::object{
            {"attempt", 2}, {"service", "painter"}, {"duration_ms", 1200}, {"cost", "0.40 USD"}});
}

TEST_CASE_METHOD(OneRun, "the newest event of a type tells what it said about a task") {
  CHECK(reader->last_event_of({run_id(1), 3}, "task.failed").value().empty());
  for (std::uint64_t seq = 1; seq <= 3; ++seq) {
    AppendEvent record = event(run_id(1), seq, "task.failed");
    record.task = seq == 3 ? 4 : 3;
    record.data = json_text({{"nth", static_cast<std::int64_t>(seq)}});
    write({record});
  }
  CHECK(reader->last_event_of({run_id(1), 3}, "task.failed").value().at("nth") == 2);
  CHECK(reader->last_event_of({run_id(1), 3}, "task.skipped").value().empty());
}

TEST_CASE_METHOD(OneRun, "a service's small values are kept until they are emptied") {
  const auto put = [&](std::string value) {
    return wait_for<void>([&](Store::Done<> done) {
      store->put_state("painter", "cursor", std::move(value), std::move(done));
    });
  };
  CHECK_FALSE(reader->state("painter", "cursor").value());
  REQUIRE(put(std::string("a\0b", 3)));
  CHECK(reader->state("painter", "cursor").value() == std::string("a\0b", 3));
  CHECK_FALSE(reader->state("other", "cursor").value());
  REQUIRE(put(""));
  CHECK_FALSE(reader->state("painter", "cursor").value());
}

TEST_CASE_METHOD(OneRun,
                 "asking for what is not there is not_found, and the next question is answered") {
  for (const auto& error :
       {reader->run(run_id(9)).error(), reader->tasks(run_id(9)).error(),
        reader->task({run_id(1), 99}).error(), reader->task({run_id(9), 0}).error(),
        reader->answer(command_id(9)).error(), reader->artifact(picture("?").digest).error(),
        reader->run_outputs(run_id(9)).error(),
        reader->outputs(run_id(9), std::vector<TaskNo>{0}).error()})
    CHECK(error.kind == ErrorKind::not_found);
  CHECK(reader->run(run_id(1)).has_value());
}

TEST_CASE_METHOD(OneRun, "several threads may ask one reader") {
  std::vector<std::future<bool>> answers;
  for (int i = 0; i < 4; ++i)
    answers.push_back(std::async(std::launch::async, [&] {
      for (int n = 0; n < 50; ++n)
        if (reader->tasks(run_id(1)).value().size() != 5) return false;
      return true;
    }));
  for (auto& answer : answers) CHECK(answer.get());
}

TEST_CASE("what is read in a snapshot is of one moment, also after a read that failed") {
  StoreFixture fixture;
  const auto store = fixture.open();
  REQUIRE(commit(*store, batch(run_id(1), 1, {new_run(run_id(1), 1), event(run_id(1), 1)})));
  const auto queries = fixture.queries();
  {
    const Queries::Snapshot snapshot(*queries);
    CHECK(queries->last_event().value() == 1);
    REQUIRE(commit(*store, batch(run_id(1), 1, {event(run_id(1), 2)})));
    CHECK_FALSE(queries->run(run_id(2)));
    CHECK(queries->last_event().value() == 1);
  }
  CHECK(queries->last_event().value() == 2);
}

TEST_CASE_METHOD(OneRun, "what an attempt took is kept where it is known, and goes with its run") {
  AttemptRecord failed = attempt_of(0, 1);
  failed.ended_at = at_ms(30);
  failed.outcome = Outcome::transient;
  AttemptRecord ended = attempt_of(0, 2);
  ended.ended_at = at_ms(40);
  EndAttempt end{run_id(1), ended};
  end.usage = std::make_shared<const Usage>(Usage{Duration{1500}, 60'000'000, 8'000'000'000, 2});
  write({dispatch(run_id(1), attempt_of(0, 1)), EndAttempt{run_id(1), failed},
         dispatch(run_id(1), attempt_of(0, 2)), end});
  const TaskDetail detail = reader->task({run_id(1), 0}).value();
  CHECK(detail.usage.size() == 1);
  CHECK(detail.usage.at(2) == *end.usage);
}
