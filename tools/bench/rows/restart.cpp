// SPDX-License-Identifier: Apache-2.0
// A restart: a run of a million tasks back in the engine, with its graph, against a plain read of
// the same rows.
#include <sqlite3.h>

#include <future>

#include "core_load.hpp"
#include "model/definition.hpp"
#include "plan/expand.hpp"
#include "rows/rows.hpp"
#include "shell/environment.hpp"
#include "shell/submission.hpp"
#include "store/schema.hpp"
#include "store/store.hpp"
#include "synthetic.hpp"
#include "workloads/place.hpp"

namespace weft::bench {
namespace {

constexpr int definitions = 100;

std::string definition_text() {
  std::string text =
      "[pipeline]\nname = \"rows\"\n[inputs]\ncolumns = { type = \"array\", items = { type = "
      "\"integer\" } }\n";
  for (int i = 0; i < definitions; ++i) {
    const std::string before = "tasks.l" + std::to_string(i - 1) + "[index].value";
    text += "[tasks.l" + std::to_string(i) +
            "]\nfor_each = \"inputs.columns\"\noperation = \"bench.add\"\nparams = { value = \"${" +
            (i == 0 ? "item" : before) + "}\" }\n";
  }
  return text;
}

// The configured services, as if all of them took bench.add.
shell::Services services_of(const shell::Environment& environment) {
  auto table = std::make_shared<route::ServiceTable>();
  table->classes = environment.config.classes;
  for (const ServiceConfig& config : environment.config.services) {
    route::Service& service = table->services.emplace_back();
    service.name = config.name;
    service.operations.emplace_back().name = "bench.add";
  }
  return table;
}

// A folder with one run of `tasks` tasks of which the last `unfinished` have not ended.
class StoredTasks {
 public:
  StoredTasks(const std::filesystem::path& folder, std::uint32_t tasks, std::uint32_t unfinished)
      : place_(folder) {
    RuntimeOptions options;
    options.config = place_.config();
    options.state = place_.state();
    environment_ = must(shell::read_environment(std::move(options)));
    services_ = services_of(*environment_);
    std::string columns = "[0";
    for (std::uint32_t i = 1; i < tasks / definitions; ++i) columns += "," + std::to_string(i);
    Submission asked;
    asked.definition = definition_text();
    asked.file = "bench.toml";
    asked.inputs["columns"] = given_json(columns + "]");
    shell::DefinitionMemory memory;
    const auto planned =
        must(shell::make_plan(asked, *environment_, services_, shell::describe_file, memory));
    RunRecord run = must(shell::make_run(asked, *planned.plan, *environment_));
    run_ = run.id;
    run.epoch = 1;
    fill(run, planned.plan, unfinished);
  }

  std::filesystem::path file() const { return place_.state() / "weft.db"; }

  // What a restart does: claims the run, plans it again, puts it into the core.
  std::size_t restart() const {
    store::Options options;
    options.folder = place_.state();
    const auto store = must(store::Store::open(options));
    std::promise<result<StoredRun>> promise;
    store->claim_run(run_, [&](result<StoredRun> stored) { promise.set_value(std::move(stored)); });
    StoredRun stored = must(promise.get_future().get());
    shell::DefinitionMemory memory;
    auto plan = must(shell::plan_again(stored, *environment_, services_, memory));
    engine::Core core(services_);
    core.step(engine::LoadRun{std::move(stored), std::move(plan)}, {});
    const engine::Run* run = core.find(run_);
    return run ? run->in_state(TaskState::pending) + run->in_state(TaskState::ready) : 0;
  }

 private:
  void fill(const RunRecord& run, const std::shared_ptr<const Plan>& plan,
            std::uint32_t unfinished) const {
    store::Options options;
    options.folder = place_.state();
    const auto store = must(store::Store::open(options));
    Batch batch;
    batch.epochs.emplace_back(run.id, run.epoch);
    batch.writes.push_back(InsertRun{run, plan});
    const auto nodes = static_cast<TaskNo>(plan->nodes.size());
    for (TaskNo no = 0; no + unfinished < nodes; ++no) {
      TaskRecord task;
      task.no = no;
      task.state = TaskState::succeeded;
      task.attempt = 1;
      batch.writes.push_back(UpdateTask{run.id, task});
    }
    batch.writes.push_back(AppendEvent{run.id, 1, run.created_at, "run.submitted", {}, "{}"});
    std::promise<result<store::CommitReport>> promise;
    store->commit(std::move(batch), [&](result<store::CommitReport> report) {
      promise.set_value(std::move(report));
    });
    must(promise.get_future().get());
  }

  Place place_;
  std::shared_ptr<const shell::Environment> environment_;
  shell::Services services_;
  RunId run_;
};

struct RawTask {
  std::int64_t columns[13];
};
struct RawEdge {
  std::int64_t needs, no, carries_skip;
};

// All columns of a query into structures.
template <class Row, int count>
std::vector<Row> read_rows(sqlite3* db, const char* sql) {
  static_assert(sizeof(Row) == count * sizeof(std::int64_t));
  std::vector<Row> rows;
  sqlite3_stmt* statement = nullptr;
  const int code = sqlite3_prepare_v2(db, sql, -1, &statement, nullptr);
  expect(code == SQLITE_OK, sqlite3_errmsg(db));
  while (sqlite3_step(statement) == SQLITE_ROW) {
    auto* values = reinterpret_cast<std::int64_t*>(&rows.emplace_back());
    for (int i = 0; i < count; ++i) values[i] = sqlite3_column_int64(statement, i);
  }
  sqlite3_finalize(statement);
  return rows;
}

// The same rows into vectors; how many tasks.
std::size_t raw_load(const std::filesystem::path& file) {
  sqlite3* db = nullptr;
  expect(sqlite3_open_v2(file.c_str(), &db, SQLITE_OPEN_READONLY, nullptr) == SQLITE_OK, "open");
  const auto tasks = read_rows<RawTask, 13>(
      db,
      "SELECT no, definition, item, is_group, item_count, state, wait_reason, degraded, attempt, "
      "attempts_counted, ready_at, retry_at, ended_at FROM task INDEXED BY task_unfinished WHERE "
      "run = 1 AND " WEFT_TASK_UNFINISHED);
  const auto edges = read_rows<RawEdge, 3>(
      db,
      "SELECT e.needs, e.no, e.carries_skip FROM task t INDEXED BY task_unfinished CROSS JOIN "
      "task_edge e ON e.run = t.run AND e.no = t.no WHERE t.run = 1 AND " WEFT_TASK_UNFINISHED);
  sqlite3_close(db);
  return edges.empty() ? 0 : tasks.size();
}

Figure restart_figure(Bench& bench, const std::string& row, std::uint32_t tasks,
                      std::uint32_t unfinished) {
  const StoredTasks stored(bench.new_folder(), tasks, unfinished);
  const std::size_t expected = raw_load(stored.file());
  expect(expected >= unfinished, row + ": the rows are not there");
  const Work raw = [&](Clock::time_point) {
    expect(raw_load(stored.file()) == expected, "the raw load misses rows");
    return std::uint64_t{unfinished};
  };
  const Work ours = [&](Clock::time_point) {
    expect(stored.restart() == expected, "the restart misses tasks");
    return std::uint64_t{unfinished};
  };
  Budget once = bench.budget();
  once.rounds = bench.repetitions();
  return time_ratio(row, at_most(2), compare(once, raw, ours));
}

}  // namespace

std::vector<Figure> run_restart(Bench& bench) {
  const std::uint32_t all = bench.size(1'000'000u, 2000u);
  return {restart_figure(bench, "restart/1m", all, all),
          restart_figure(bench, "restart/100k-of-1m", all, all / 10)};
}

}  // namespace weft::bench
