// SPDX-License-Identifier: Apache-2.0
// A small workload for a disk that fails, and what must be there afterwards.
#pragma once
#include <sqlite3.h>

#include "catch.hpp"
#include "store_fixture.hpp"

namespace weft::store {

inline constexpr std::uint64_t batches = 6;

// Each batch writes an event and the outputs of a task, so that half a batch would show.
inline Batch step(std::uint64_t n) {
  std::vector<Write> writes;
  if (n == 1) writes.push_back(new_run(run_id(1), 1));
  writes.push_back(event(run_id(1), n));
  writes.push_back(
      PutProgress{run_id(1), {2, static_cast<std::int32_t>(n), std::string(3000, 's')}});
  return batch(run_id(1), 1, std::move(writes));
}

struct Work {
  std::uint64_t acknowledged = 0;
  std::optional<Error> error;
};

// Goes on after a failure, as a caller might that has not looked at its answers yet.
inline Work do_work(const Options& options) {
  Work done;
  auto store = Store::open(options);
  if (!store) {
    done.error = store.error();
    return done;
  }
  for (std::uint64_t n = 1; n <= batches; ++n) {
    if (const auto report = commit(**store, step(n)); report)
      done.acknowledged = n;
    else
      done.error = report.error();
  }
  return done;
}

inline std::string integrity(const std::filesystem::path& file) {
  sqlite3* handle = nullptr;
  std::string answer;
  sqlite3_open(file.c_str(), &handle);
  sqlite3_exec(
      handle, "PRAGMA integrity_check",
      [](void* into, int, char** columns, char**) {
        *static_cast<std::string*>(into) += columns[0];
        return 0;
      },
      &answer, nullptr);
  sqlite3_close(handle);
  return answer;
}

inline void check_what_is_left(const StoreFixture& fixture, const Work& done) {
  const auto store = fixture.open();
  const auto queries = fixture.queries();
  const std::uint64_t events = queries->last_event().value();
  // A commit whose last call failed may be there or not; an acknowledged one is.
  CHECK(events >= done.acknowledged);
  CHECK(events <= batches);
  if (events > 0) {
    const auto progress = queries->progress(run_id(1)).value();
    REQUIRE(progress.size() == 1);
    CHECK(progress[0].permille == static_cast<std::int32_t>(events));
    CHECK(queries->tasks(run_id(1)).value().size() == 5);
    CHECK(claim(*store, run_id(1)).has_value());
  }
  CHECK(integrity(database_file(fixture.options.folder)) == "ok");
}

}  // namespace weft::store
