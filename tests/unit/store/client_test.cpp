// SPDX-License-Identifier: Apache-2.0
#include "catch.hpp"
#include "store_fixture.hpp"

using namespace weft;
using namespace weft::store;

namespace {

Command pause(std::uint8_t number, RunId run) {
  Command command;
  command.id = command_id(number);
  command.run = run;
  return command;
}

Batch answer(RunId run, std::uint64_t epoch, CommandId id, bool done, std::string text) {
  return batch(run, epoch, {AnswerCommand{run, {id, done, std::move(text)}}});
}

}  // namespace

TEST_CASE("a client's run belongs to nobody until it is claimed") {
  StoreFixture fixture;
  REQUIRE(fixture.client()->submit(new_run(run_id(1), 0)));
  const auto queries = fixture.queries();
  CHECK(queries->unclaimed_runs().value() == std::vector<RunId>{run_id(1)});
  CHECK(queries->run(run_id(1)).value().owner.empty());
  const auto store = fixture.open();
  CHECK(claim(*store, run_id(1)).value().run.epoch == 1);
  CHECK(queries->unclaimed_runs().value().empty());
  CHECK(queries->unfinished_runs().value() == std::vector<RunId>{run_id(1)});
}

TEST_CASE("submitting a run twice is submitting it once") {
  StoreFixture fixture;
  const auto client = fixture.client();
  REQUIRE(client->submit(new_run(run_id(1), 0)));
  REQUIRE(client->submit(new_run(run_id(1), 0)));
  const auto queries = fixture.queries();
  CHECK(queries->runs({}, 10).value().size() == 1);
  CHECK(queries->tasks(run_id(1)).value().size() == 5);
}

TEST_CASE("the executing runtime notices what others commit, not what it commits itself") {
  StoreFixture fixture;
  const auto store = fixture.open();
  poll(*store);  // the first answer is always yes
  CHECK_FALSE(poll(*store));
  REQUIRE(commit(*store, batch(run_id(1), 1, {new_run(run_id(1), 1)})));
  CHECK_FALSE(poll(*store));
  REQUIRE(fixture.client()->submit(new_run(run_id(2), 0)));
  CHECK(poll(*store));
  CHECK_FALSE(poll(*store));
}

TEST_CASE("a command is carried with all it says, once, and answered once") {
  StoreFixture fixture;
  const auto store = fixture.open();
  REQUIRE(commit(*store, batch(run_id(1), 1, {new_run(run_id(1), 1)})));
  Command settle = pause(1, run_id(1));
  settle.kind = CommandKind::settle;
  settle.task = 2;
  settle.rebuy = true;
  settle.bought = true;
  settle.artifact = picture("brought");
  settle.limit = usd(9);
  settle.reason = "so be it";
  settle.choice = 2;
  settle.given = {{"mask", to_json(picture("mask"))}, {"feather", 4}};
  const auto client = fixture.client();
  REQUIRE(client->submit(settle));
  REQUIRE(client->submit(settle));
  REQUIRE(client->submit(pause(2, run_id(1))));

  const auto queries = fixture.queries();
  const auto open = queries->open_commands().value();
  REQUIRE(open.size() == 2);
  CHECK(open[0].id == settle.id);
  CHECK(open[0].run == run_id(1));
  CHECK(open[0].kind == CommandKind::settle);
  CHECK(open[0].task == 2u);
  CHECK(open[0].rebuy);
  CHECK(open[0].bought);
  CHECK(open[0].artifact == settle.artifact);
  CHECK(open[0].reason == settle.reason);
  CHECK(open[0].choice == settle.choice);
  CHECK(open[0].given == settle.given);
  CHECK(open[0].limit == usd(9));
  CHECK(open[1].id == command_id(2));
  CHECK_FALSE(open[1].task);
  CHECK_FALSE(open[1].artifact);
  CHECK(queries->unreferenced(std::vector{picture("brought").digest}).value().empty());

  CHECK_FALSE(queries->answer(settle.id).value());
  REQUIRE(commit(*store, answer(run_id(1), 1, settle.id, true, "settled b[0]")));
  REQUIRE(commit(*store, answer(run_id(1), 1, settle.id, false, "no such attempt")));
  const auto answered = queries->answer(settle.id).value();
  REQUIRE(answered);
  CHECK(answered->done);
  CHECK(answered->text == "settled b[0]");
  CHECK(queries->open_commands().value().size() == 1);
}

TEST_CASE("a command about a service is of no run, and is answered by whoever executes") {
  StoreFixture fixture;
  const auto store = fixture.open();
  Command drain;
  drain.id = command_id(1);
  drain.kind = CommandKind::drain;
  drain.service = "comfy-a";
  drain.reason = "new graphics card";
  REQUIRE(fixture.client()->submit(drain));
  const auto queries = fixture.queries();
  const auto open = queries->open_commands().value();
  REQUIRE(open.size() == 1);
  CHECK(open[0].run == RunId{});
  CHECK(open[0].kind == CommandKind::drain);
  CHECK(open[0].service == "comfy-a");
  CHECK(open[0].reason == "new graphics card");
  Batch answered;
  answered.writes = {AnswerCommand{{}, {drain.id, true, "done"}}};
  const auto report = commit(*store, answered);
  REQUIRE(report);
  CHECK(report->fenced.empty());
  CHECK(queries->answer(drain.id).value()->text == "done");
  CHECK(queries->open_commands().value().empty());
}

TEST_CASE("the executing runtime takes commands of its own process in the same way") {
  StoreFixture fixture;
  const auto store = fixture.open();
  REQUIRE(commit(*store, batch(run_id(1), 1, {new_run(run_id(1), 1)})));
  REQUIRE(submit(*store, pause(1, run_id(1))));
  REQUIRE(submit(*store, pause(1, run_id(1))));
  CHECK(fixture.queries()->open_commands().value().size() == 1);
}

TEST_CASE("a command to a run or task that is not there is refused and harms nothing") {
  StoreFixture fixture;
  const auto store = fixture.open();
  REQUIRE(commit(*store, batch(run_id(1), 1, {new_run(run_id(1), 1)})));
  Command no_task = pause(2, run_id(1));
  no_task.task = 99;
  const auto client = fixture.client();
  for (const Command& command : {pause(1, run_id(7)), no_task}) {
    const auto by_client = client->submit(command);
    REQUIRE(!by_client);
    CHECK(by_client.error().kind == ErrorKind::not_found);
    const auto by_store = submit(*store, command);
    REQUIRE(!by_store);
    CHECK(by_store.error().kind == ErrorKind::not_found);
  }
  CHECK(client->submit(pause(3, run_id(1))).has_value());
  CHECK(submit(*store, pause(4, run_id(1))).has_value());
  CHECK(fixture.queries()->open_commands().value().size() == 2);
}

TEST_CASE("clients and the executing runtime write at the same time without losing anything") {
  StoreFixture fixture;
  const auto store = fixture.open();
  REQUIRE(commit(*store, batch(run_id(1), 1, {new_run(run_id(1), 1)})));
  auto by_client = std::async(std::launch::async, [&] {
    const auto client = fixture.client();
    for (std::uint8_t i = 10; i < 60; ++i)
      if (!client->submit(new_run(run_id(i), 0))) return false;
    return true;
  });
  for (std::uint64_t i = 1; i <= 50; ++i)
    REQUIRE(commit(*store, batch(run_id(1), 1, {event(run_id(1), i)})));
  CHECK(by_client.get());
  const auto queries = fixture.queries();
  CHECK(queries->last_event().value() == 50);
  CHECK(queries->unclaimed_runs().value().size() == 50);
}
