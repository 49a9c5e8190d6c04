// SPDX-License-Identifier: Apache-2.0
// Each as it was when it was new: never change one that has gone out.
#include "store/migrations.hpp"

#include <array>

#include "model/state.hpp"
#include "store/schema.hpp"
#include "store/version_1.hpp"

namespace weft::store {
namespace {

// Version 2. Keys of services, sealed: `sealed` is read with the key of base/seal.hpp alone. Of one
// name the lowest number is asked first.
constexpr const char* version_2 = R"sql(
CREATE TABLE secret (
  name TEXT NOT NULL,
  no INTEGER NOT NULL,
  sealed BLOB NOT NULL,
  hint TEXT NOT NULL,              -- the last characters, for people
  created_at INTEGER NOT NULL,
  PRIMARY KEY (name, no)
) STRICT, WITHOUT ROWID;
)sql";

// Version 3. What became of attempts, by the minute of their end; `latency` is a sketch
// (model/service_use.hpp), `cost` an object of micros by currency.
constexpr const char* version_3 = R"sql(
CREATE TABLE service_minute (
  minute INTEGER NOT NULL,
  service TEXT NOT NULL,
  operation TEXT NOT NULL,
  book INTEGER NOT NULL,           -- a runtime that was started again counts anew
  ended INTEGER NOT NULL,
  succeeded INTEGER NOT NULL,
  faults INTEGER NOT NULL,
  waited INTEGER NOT NULL,
  latency TEXT NOT NULL,
  cost TEXT NOT NULL,
  PRIMARY KEY (minute, service, operation, book)
) STRICT, WITHOUT ROWID;
)sql";

// Version 4. How well services are, as the runtime knew last.
constexpr const char* version_4 = R"sql(
CREATE TABLE service_health (
  service TEXT NOT NULL PRIMARY KEY,
  state INTEGER NOT NULL,
  reason TEXT NOT NULL,
  changed_at INTEGER NOT NULL,
  open_until INTEGER,              -- of an open one; NULL: until the configuration is read again
  account INTEGER NOT NULL,        -- the outcome that says what is wrong with it, or 0
  times_opened INTEGER NOT NULL,
  paused_until INTEGER,
  rate_mark_us INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
)sql";

// Version 5. Which task makes, or made, which product of a project. What became of it says the
// task.
constexpr const char* version_5 = R"sql(
CREATE TABLE product (
  run INTEGER NOT NULL,
  no INTEGER NOT NULL,
  project TEXT NOT NULL,
  name TEXT NOT NULL,
  output TEXT NOT NULL,            -- of the task: the artifact that is the product
  settings TEXT NOT NULL,          -- what it depends on beside its inputs
  inputs TEXT NOT NULL,            -- by input, a list of digests and of task numbers of this run
  PRIMARY KEY (run, no)
) STRICT, WITHOUT ROWID;
CREATE INDEX product_project ON product (project);

-- What people say of one version of a product.
CREATE TABLE product_mark (
  project TEXT NOT NULL,
  name TEXT NOT NULL,
  kind INTEGER NOT NULL,
  run INTEGER NOT NULL,
  no INTEGER NOT NULL,
  settings TEXT NOT NULL,          -- of a touched one: what it counts as made with
  inputs TEXT NOT NULL,
  made_at INTEGER NOT NULL,
  PRIMARY KEY (project, name, kind, run, no)
) STRICT, WITHOUT ROWID;
)sql";

// Version 6. What attempts took of machines (model/usage.hpp): a row only where somebody knows.
constexpr const char* version_6 = R"sql(
CREATE TABLE attempt_usage (
  run INTEGER NOT NULL,
  no INTEGER NOT NULL,
  attempt INTEGER NOT NULL,
  cpu_ms INTEGER NOT NULL,
  memory_bytes INTEGER NOT NULL,
  gpu_memory_bytes INTEGER NOT NULL,
  queue_place INTEGER NOT NULL,
  PRIMARY KEY (run, no, attempt)
) STRICT, WITHOUT ROWID;

ALTER TABLE service_minute ADD COLUMN cpu_ms INTEGER NOT NULL DEFAULT 0;
ALTER TABLE service_minute ADD COLUMN memory_bytes INTEGER NOT NULL DEFAULT 0;
ALTER TABLE service_minute ADD COLUMN gpu_memory_bytes INTEGER NOT NULL DEFAULT 0;
ALTER TABLE service_minute ADD COLUMN queue_place INTEGER NOT NULL DEFAULT 0;
)sql";

// Version 7. Services that people take out of use.
constexpr const char* version_7 = R"sql(
ALTER TABLE command ADD COLUMN service TEXT;  -- its run is 0
ALTER TABLE command ADD COLUMN reason TEXT;
ALTER TABLE service_health ADD COLUMN taken_out TEXT NOT NULL DEFAULT '';
)sql";

// Version 8. What became known of a plan only in its run (model/growth.hpp).
constexpr const char* version_8 = R"sql(
CREATE TABLE expansion (
  key INTEGER PRIMARY KEY,         -- those of a run in their order
  run INTEGER NOT NULL,
  no INTEGER NOT NULL,             -- what is expanded
  first INTEGER NOT NULL,          -- the number of its first new node
  detail TEXT NOT NULL
) STRICT;
CREATE INDEX expansion_of_run ON expansion (run, no);

-- Tasks that run once nothing else moves, so that they may run again after a retry.
CREATE TABLE late_task (
  run INTEGER NOT NULL,
  no INTEGER NOT NULL,
  PRIMARY KEY (run, no)
) STRICT, WITHOUT ROWID;

-- Of a task inside a pipeline that another task uses; elsewhere the definition says it.
ALTER TABLE task ADD COLUMN label TEXT;
ALTER TABLE task ADD COLUMN operation TEXT;
)sql";

// Version 9. Results that later tasks may take. Of each task that could: by what its result is
// known, and whose it has taken.
constexpr const char* version_9 = R"sql(
CREATE TABLE result_cache (
  no INTEGER PRIMARY KEY AUTOINCREMENT,  -- artifact_ref of kind 4, with run 0
  key BLOB NOT NULL UNIQUE,
  operation TEXT NOT NULL,
  run BLOB NOT NULL,                     -- its id: the run itself may be gone
  task TEXT NOT NULL,
  service TEXT NOT NULL,
  made_at INTEGER NOT NULL,
  pipeline TEXT NOT NULL,
  definition TEXT NOT NULL,
  parts TEXT NOT NULL,
  outputs TEXT NOT NULL,
  size_bytes INTEGER NOT NULL,
  used_at INTEGER NOT NULL
) STRICT;
CREATE INDEX result_cache_used ON result_cache (used_at);
CREATE INDEX result_cache_made ON result_cache (made_at);

CREATE TABLE task_result (
  run INTEGER NOT NULL,
  no INTEGER NOT NULL,
  attempt INTEGER NOT NULL,              -- that makes it; 0: it is taken from another task
  key BLOB NOT NULL,
  parts TEXT NOT NULL,
  waits INTEGER NOT NULL,
  from_run BLOB,
  from_task TEXT,
  service TEXT,
  made_at INTEGER,
  PRIMARY KEY (run, no)
) STRICT, WITHOUT ROWID;

ALTER TABLE run ADD COLUMN fresh INTEGER NOT NULL DEFAULT 0;
)sql";

// Version 10. What people say to tasks that wait for them.
constexpr const char* version_10 = R"sql(
ALTER TABLE command ADD COLUMN choice INTEGER;
ALTER TABLE command ADD COLUMN given TEXT;
)sql";

// Version 11. What starts runs by itself, and why it did or did not.
constexpr const char* version_11 = R"sql(
CREATE TABLE schedule (
  name TEXT NOT NULL PRIMARY KEY,
  written TEXT,                    -- of one made by hand; NULL: the configuration has it
  paused INTEGER,                  -- as people said last; NULL: as written
  considered INTEGER NOT NULL,     -- times up to it are decided
  cursor INTEGER NOT NULL,         -- events up to it are
  created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE firing (
  seq INTEGER PRIMARY KEY,
  schedule TEXT NOT NULL,
  cause TEXT NOT NULL,
  at INTEGER NOT NULL,
  decided_at INTEGER NOT NULL,
  state INTEGER NOT NULL,
  run BLOB,
  depth INTEGER NOT NULL,
  reason TEXT NOT NULL,
  "values" TEXT NOT NULL,
  UNIQUE (schedule, cause)
) STRICT;
CREATE INDEX firing_open ON firing (schedule, seq) WHERE state < 2;
CREATE INDEX firing_run ON firing (run) WHERE run IS NOT NULL;
)sql";

// Version 12. Definitions that are kept under their names, and runs that took over results of
// others.
constexpr const char* version_12 = R"sql(
CREATE TABLE saved_pipeline (
  name TEXT NOT NULL,
  number INTEGER NOT NULL,
  hash BLOB NOT NULL,              -- in pipeline_version
  source TEXT NOT NULL,            -- as written
  format TEXT NOT NULL,
  author TEXT NOT NULL,
  message TEXT NOT NULL,
  saved_at INTEGER NOT NULL,
  PRIMARY KEY (name, number)
) STRICT, WITHOUT ROWID;

ALTER TABLE run_payload ADD COLUMN forked_from BLOB;  -- the id of a run, which may be gone
)sql";

// Version 13. Runs of projects that give way to another one.
constexpr const char* version_13 = R"sql(
ALTER TABLE run_payload ADD COLUMN replaced_by BLOB;  -- the id of a run, which may come later
)sql";

// Version 14. Outputs of a run that could not be evaluated.
constexpr const char* version_14 = R"sql(
ALTER TABLE run_payload ADD COLUMN output_errors TEXT;  -- by name; NULL: none
)sql";

static_assert(is_unfinished(TaskState::waiting) && !is_unfinished(TaskState::succeeded) &&
                  is_unfinished(TaskState::failed) && static_cast<int>(TaskState::succeeded) == 4 &&
                  static_cast<int>(TaskState::failed) == 5,
              "WEFT_TASK_UNFINISHED says the same in SQL");

constexpr std::array<const char*, 14> all{version_1,  version_2,  version_3,  version_4, version_5,
                                          version_6,  version_7,  version_8,  version_9, version_10,
                                          version_11, version_12, version_13, version_14};

}  // namespace

std::span<const char* const> migrations() noexcept {
  return all;
}

}  // namespace weft::store
