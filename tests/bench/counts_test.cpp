// SPDX-License-Identifier: Apache-2.0
// Counts that are the same on a busy machine. The bounds stand within a tenth of what is measured:
// whoever makes a count smaller writes the smaller one.
#include <sqlite3.h>

#include <algorithm>
#include <atomic>

#include "catch.hpp"
#include "core_load.hpp"
#include "counting_new.hpp"
#include "counting_vfs.hpp"
#include "engine_load.hpp"
#include "plan_load.hpp"
#include "raw_store.hpp"
#include "synthetic.hpp"
#include "temp_folder.hpp"

using namespace weft;
using namespace weft::bench;

namespace {

// Counts the SQL statements of every connection that is opened while it lives.
class StatementCount {
 public:
  StatementCount() { sqlite3_auto_extension(reinterpret_cast<void (*)()>(&watch)); }
  ~StatementCount() { sqlite3_reset_auto_extension(); }
  StatementCount(const StatementCount&) = delete;
  StatementCount& operator=(const StatementCount&) = delete;
  std::uint64_t value() const noexcept { return statements_; }

 private:
  static int watch(sqlite3* db, const char**, const void*) {
    sqlite3_trace_v2(
        db, SQLITE_TRACE_STMT,
        [](unsigned, void*, void*, void*) {
          ++statements_;
          return 0;
        },
        nullptr);
    return SQLITE_OK;
  }
  static inline std::atomic<std::uint64_t> statements_ = 0;
};

// What `count()` goes up by for each of the last hundred steps of a lone chain.
template <class Count>
double per_step(const Count& count) {
  const auto of_chain = [&](std::uint32_t steps) {
    const testing::TempFolder folder;
    store::Options options;
    options.folder = folder.path();
    EngineLoad load(options, chain_plan(steps), 1);
    const auto before = count();
    load.finish();
    return static_cast<double>(count() - before);
  };
  // A machine that is busy with other things may split a turn in two, which is one commit more.
  const auto least = [&](std::uint32_t steps) {
    return std::min({of_chain(steps), of_chain(steps), of_chain(steps)});
  };
  return (least(103) - least(3)) / 100;
}

}  // namespace

TEST_CASE("a step of a lone chain costs one fsync, and a run one more") {
  const testing::TempFolder folder;
  CountingVfs vfs("weft-counts-test");
  store::Options options;
  options.folder = folder.path();
  options.vfs = vfs.name();
  EngineLoad load(options, chain_plan(3), 1);
  load.finish();
  for (int i = 0; i < 3; ++i) {
    const auto before = vfs.syncs();
    load.run_one();
    CHECK(vfs.syncs() - before == 3 + 1);
  }
}

TEST_CASE("a step of a lone chain costs the statements that the raw loop has, and a transaction") {
  const StatementCount statements;
  constexpr int begin_and_commit = 2;
  CHECK(per_step([&] { return statements.value(); }) ==
        RawStore::statements_per_step() + begin_and_commit);
}

TEST_CASE("a task costs the core few allocations") {
  constexpr double allocations_at_most = 1.3;
  const auto allocations_of = [](std::uint32_t tasks) {
    const auto plan = random_plan(tasks);
    CoreLoad load(64);
    const auto before = allocations();
    load.submit(plan);
    load.run();
    return static_cast<double>(allocations() - before);
  };
  const double each = (allocations_of(11'000) - allocations_of(1000)) / 10'000;
  CHECK(each <= allocations_at_most);
  CHECK(each >= allocations_at_most * 0.9);
}

TEST_CASE("a task that is written out costs its definition and its plan few allocations") {
  const PlanLoad load;
  const auto each = [&](DefinitionText (*written)(std::uint32_t)) {
    const auto allocations_of = [&](std::uint32_t tasks) {
      const DefinitionText definition = written(tasks);
      const auto before = allocations();
      load.make(definition);
      return static_cast<double>(allocations() - before);
    };
    allocations_of(10);  // what is made once
    return (allocations_of(2200) - allocations_of(200)) / 2000;
  };
  constexpr double plain_at_most = 72;
  constexpr double with_references_at_most = 104;
  CHECK(each(written_tasks) <= plain_at_most);
  CHECK(each(written_tasks) >= plain_at_most * 0.9);
  CHECK(each(written_references) <= with_references_at_most);
  CHECK(each(written_references) >= with_references_at_most * 0.9);
}
