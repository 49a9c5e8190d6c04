// SPDX-License-Identifier: Apache-2.0
// The tables of the first version; migrations.cpp has what came to them.
#pragma once
#include "store/schema.hpp"

namespace weft::store {

// Version 1. Runs go by a small number inside the database (`run.key`), so that the rows of tasks,
// attempts and events stay narrow. Times are Unix milliseconds, money is micros of a currency,
// states are the numbers of the model's enums, JSON is text. What is large or written once stands
// apart from what changes often.
//
// An INTEGER PRIMARY KEY is the row's place in its table. AUTOINCREMENT is where a number that has
// been shown must not come again after its row is gone.
inline constexpr const char* version_1 = R"sql(
CREATE TABLE pipeline_version (
  key INTEGER PRIMARY KEY,
  hash BLOB NOT NULL UNIQUE,
  name TEXT NOT NULL,
  canonical TEXT NOT NULL,
  source TEXT NOT NULL,
  format TEXT NOT NULL,
  tasks TEXT NOT NULL,             -- [["name", "operation"], ...] by task.definition
  created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX pipeline_version_name ON pipeline_version (name);

CREATE TABLE run (
  key INTEGER PRIMARY KEY AUTOINCREMENT,
  id BLOB NOT NULL UNIQUE,
  pipeline_version INTEGER NOT NULL,
  pipeline_name TEXT NOT NULL,
  state INTEGER NOT NULL,
  pause_reason INTEGER NOT NULL,
  degraded INTEGER NOT NULL,
  cancelling INTEGER NOT NULL,
  priority INTEGER NOT NULL,
  limit_micros INTEGER,
  limit_currency TEXT,
  created_at INTEGER NOT NULL,
  ended_at INTEGER,
  deadline INTEGER,
  paused_for INTEGER NOT NULL,
  paused_at INTEGER,
  task_count INTEGER NOT NULL,
  owner TEXT NOT NULL,
  epoch INTEGER NOT NULL           -- 0: nobody has claimed it
) STRICT;
CREATE INDEX run_unfinished ON run (key) WHERE state < 2;
CREATE INDEX run_unclaimed ON run (key) WHERE epoch = 0;

CREATE TABLE run_payload (
  run INTEGER PRIMARY KEY,
  inputs TEXT NOT NULL,
  outputs TEXT
) STRICT;

CREATE TABLE task (
  run INTEGER NOT NULL,
  no INTEGER NOT NULL,
  definition INTEGER NOT NULL,
  item INTEGER NOT NULL,           -- -1: none
  is_group INTEGER NOT NULL,
  item_count INTEGER NOT NULL,
  state INTEGER NOT NULL,
  wait_reason INTEGER NOT NULL,
  degraded INTEGER NOT NULL,
  attempt INTEGER NOT NULL,
  attempts_counted INTEGER NOT NULL,
  ready_at INTEGER,
  retry_at INTEGER,
  ended_at INTEGER,
  PRIMARY KEY (run, no)
) STRICT, WITHOUT ROWID;
CREATE INDEX task_unfinished ON task (run, no) WHERE )sql" WEFT_TASK_UNFINISHED R"sql(;

-- Values over 10 KiB are artifacts before they come here.
CREATE TABLE task_payload (
  run INTEGER NOT NULL,
  no INTEGER NOT NULL,
  outputs TEXT NOT NULL,
  PRIMARY KEY (run, no)
) STRICT, WITHOUT ROWID;

CREATE TABLE task_edge (
  run INTEGER NOT NULL,
  no INTEGER NOT NULL,             -- waits for
  needs INTEGER NOT NULL,
  carries_skip INTEGER NOT NULL,
  PRIMARY KEY (run, no, needs)
) STRICT, WITHOUT ROWID;

CREATE TABLE attempt (
  run INTEGER NOT NULL,
  no INTEGER NOT NULL,
  attempt INTEGER NOT NULL,
  service TEXT NOT NULL,
  idempotency_key BLOB NOT NULL,
  token TEXT NOT NULL,
  started_at INTEGER NOT NULL,
  ended_at INTEGER,
  outcome INTEGER NOT NULL,
  message TEXT NOT NULL,
  cost_micros INTEGER,
  cost_currency TEXT,
  cost_estimated INTEGER NOT NULL,
  PRIMARY KEY (run, no, attempt)
) STRICT, WITHOUT ROWID;
CREATE INDEX attempt_open ON attempt (run, no, attempt) WHERE ended_at IS NULL;

CREATE TABLE decision (
  run INTEGER NOT NULL,
  no INTEGER NOT NULL,
  attempt INTEGER NOT NULL,
  chosen TEXT NOT NULL,
  detail TEXT NOT NULL,
  PRIMARY KEY (run, no, attempt)
) STRICT, WITHOUT ROWID;

CREATE TABLE event (
  seq INTEGER PRIMARY KEY,
  run INTEGER NOT NULL,
  run_seq INTEGER NOT NULL,
  at INTEGER NOT NULL,
  type TEXT NOT NULL,
  no INTEGER,
  data TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX event_run ON event (run, run_seq);

CREATE TABLE artifact (
  digest BLOB PRIMARY KEY,
  size_bytes INTEGER NOT NULL,
  media_type TEXT NOT NULL,
  created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- The roots of garbage collection. `run` is 0 and `no` is -1 where there is none.
CREATE TABLE artifact_ref (
  digest BLOB NOT NULL,
  kind INTEGER NOT NULL,
  run INTEGER NOT NULL,
  no INTEGER NOT NULL,
  name TEXT NOT NULL,
  PRIMARY KEY (digest, kind, run, no)
) STRICT, WITHOUT ROWID;
CREATE INDEX artifact_ref_run ON artifact_ref (run, no);

CREATE TABLE progress (
  run INTEGER NOT NULL,
  no INTEGER NOT NULL,
  permille INTEGER NOT NULL,
  stage TEXT NOT NULL,
  PRIMARY KEY (run, no)
) STRICT, WITHOUT ROWID;

CREATE TABLE ledger (
  run INTEGER NOT NULL,
  no INTEGER NOT NULL,
  attempt INTEGER NOT NULL,
  currency TEXT NOT NULL,
  spent_micros INTEGER NOT NULL,
  reserved_micros INTEGER NOT NULL,
  PRIMARY KEY (run, no, attempt, currency)
) STRICT, WITHOUT ROWID;

-- The sums of `ledger`, so that a reservation need not add up a whole run.
CREATE TABLE ledger_total (
  run INTEGER NOT NULL,
  currency TEXT NOT NULL,
  spent_micros INTEGER NOT NULL,
  reserved_micros INTEGER NOT NULL,
  PRIMARY KEY (run, currency)
) STRICT, WITHOUT ROWID;

CREATE TABLE command (
  seq INTEGER PRIMARY KEY,
  id BLOB NOT NULL UNIQUE,
  run INTEGER NOT NULL,
  kind INTEGER NOT NULL,
  no INTEGER,
  rebuy INTEGER NOT NULL,
  bought INTEGER NOT NULL,
  artifact TEXT,
  limit_micros INTEGER,
  limit_currency TEXT,
  created_at INTEGER NOT NULL,
  answered_at INTEGER,
  done INTEGER,
  answer TEXT
) STRICT;
CREATE INDEX command_open ON command (seq) WHERE answered_at IS NULL;
CREATE INDEX command_run ON command (run);

CREATE TABLE plugin_state (
  service TEXT NOT NULL,
  key TEXT NOT NULL,
  value BLOB NOT NULL,
  PRIMARY KEY (service, key)
) STRICT, WITHOUT ROWID;

CREATE TABLE late_result (
  run INTEGER NOT NULL,
  no INTEGER NOT NULL,
  attempt INTEGER NOT NULL,
  outcome INTEGER NOT NULL,
  message TEXT NOT NULL,
  outputs TEXT NOT NULL,
  PRIMARY KEY (run, no, attempt)
) STRICT, WITHOUT ROWID;
)sql";

}  // namespace weft::store
