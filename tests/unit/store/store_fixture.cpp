// SPDX-License-Identifier: Apache-2.0
#include "store_fixture.hpp"

#include "base/json_text.hpp"

namespace weft::store {
namespace {

Uuid uuid(std::uint8_t kind, std::uint8_t number) {
  std::array<std::uint8_t, 16> bytes{};
  bytes.front() = kind;
  bytes.back() = number;
  return Uuid::from_bytes(bytes);
}

TaskDefinition definition(std::string name, std::string operation) {
  Operation asked;
  asked.name = std::move(operation);
  TaskDefinition task;
  task.name = std::move(name);
  task.operation = std::make_shared<const Operation>(std::move(asked));
  return task;
}

}  // namespace

RunId run_id(std::uint8_t number) {
  return {uuid(0xaa, number)};
}
CommandId command_id(std::uint8_t number) {
  return {uuid(0xcc, number)};
}
Money usd(std::int64_t micros) {
  return {micros, "USD"};
}

ArtifactInfo picture(std::string_view bytes) {
  return {digest_of(bytes), bytes.size(), "image/png", "picture.png"};
}

std::shared_ptr<const Plan> small_plan(std::uint32_t items, std::string name) {
  auto pipeline = std::make_shared<Pipeline>();
  pipeline->name = std::move(name);
  pipeline->tasks = {definition("a", "image.generate"), definition("b", "video.generate"),
                     definition("c", "video.concat")};
  pipeline->canonical = json::object{{"name", pipeline->name}, {"items", items}};
  pipeline->hash = digest_of(pipeline->canonical);
  pipeline->source = "name = \"" + pipeline->name + "\"\n";
  pipeline->format = "toml";

  auto plan = std::make_shared<Plan>();
  plan->root().pipeline = pipeline;
  plan->root().inputs = {{"style", "noir"}, {"first", to_json(picture("first"))}};
  const TaskNo group = 1;
  const TaskNo last = group + items + 1;
  plan->nodes.push_back({0, PlanNode::no_item, false, 0});
  plan->nodes.push_back({1, PlanNode::no_item, true, items});
  for (std::uint32_t i = 0; i < items; ++i) plan->nodes.push_back({1, i, false, 0});
  plan->nodes.push_back({2, PlanNode::no_item, false, 0});
  for (TaskNo item = group + 1; item < last; ++item) plan->edges.push_back({0, item, true});
  plan->edges.push_back({group, last, true});
  for (TaskNo item = group + 1; item < last; ++item) plan->edges.push_back({item, group, false});
  return plan;
}

InsertRun new_run(RunId id, std::uint64_t epoch, std::shared_ptr<const Plan> plan) {
  RunRecord run;
  run.id = id;
  run.pipeline_name = plan->root().pipeline->name;
  run.pipeline = plan->root().pipeline->hash;
  run.created_at = at_ms(0);
  run.task_count = static_cast<std::uint32_t>(plan->nodes.size());
  run.epoch = epoch;
  return {run, std::move(plan)};
}

AttemptRecord attempt_of(TaskNo task, AttemptNo attempt, MaybeMoney reserved) {
  AttemptRecord record;
  record.task = task;
  record.attempt = attempt;
  record.service = "painter";
  record.idempotency_key =
      uuid(static_cast<std::uint8_t>(task), static_cast<std::uint8_t>(attempt));
  record.started_at = at_ms(10);
  record.reserved = std::move(reserved);
  return record;
}

InsertAttempt dispatch(RunId run, AttemptRecord attempt) {
  return {run, std::move(attempt),
          std::make_shared<const std::string>(R"({"candidates":["painter"]})")};
}

UpdateTask update(RunId run, TaskNo task, TaskState state, AttemptNo attempt) {
  TaskRecord record;
  record.no = task;
  record.state = state;
  record.attempt = attempt;
  return {run, record};
}

AppendEvent event(RunId run, std::uint64_t run_seq, std::string_view type) {
  AppendEvent record;
  record.run = run;
  record.run_seq = run_seq;
  record.at = at_ms(static_cast<std::int64_t>(run_seq));
  record.type = type;
  record.data = json_text({{"n", static_cast<std::int64_t>(run_seq)}});
  return record;
}

Batch batch(RunId run, std::uint64_t epoch, std::vector<Write> writes) {
  return {std::move(writes), {{run, epoch}}};
}

StoreFixture::StoreFixture() {
  options.folder = folder_.path() / "state";
  options.now = [] { return at_ms(1000); };
}

std::unique_ptr<Store> StoreFixture::open() const {
  return Store::open(options).value();
}
std::unique_ptr<Client> StoreFixture::client() const {
  return Client::open(options).value();
}
std::unique_ptr<Queries> StoreFixture::queries() const {
  return Queries::open(options).value();
}

result<CommitReport> commit(Store& store, Batch batch) {
  return wait_for<CommitReport>(
      [&](Store::Done<CommitReport> done) { store.commit(std::move(batch), std::move(done)); });
}

result<StoredRun> claim(Store& store, RunId run) {
  return wait_for<StoredRun>(
      [&](Store::Done<StoredRun> done) { store.claim_run(run, std::move(done)); });
}

result<> submit(Store& store, Command command) {
  return wait_for<void>(
      [&](Store::Done<> done) { store.submit(std::move(command), std::move(done)); });
}

bool poll(Store& store) {
  return wait_for<bool>([&](Store::Done<bool> done) { store.poll(std::move(done)); }).value();
}

}  // namespace weft::store
