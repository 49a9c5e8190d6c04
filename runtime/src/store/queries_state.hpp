// SPDX-License-Identifier: Apache-2.0
// What the parts of Queries share.
#pragma once
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "store/queries.hpp"
#include "store/sqlite.hpp"

namespace weft::store {

struct Queries::State {
  explicit State(std::unique_ptr<Connection> connection) : db(std::move(connection)) {}

  // Runs `work` on one snapshot of the database; its failure, if there is one, is the answer.
  template <class Work>
  auto read(Work work) -> result<decltype(work(std::declval<Connection&>()))> {
    const std::lock_guard guard(mutex);
    begin();
    auto answer = work(*db);
    end();
    if (db->ok()) return answer;
    return db->take_error();
  }

  // The outermost of what is begun makes the snapshot. `mutex` is held from begin() to end().
  void begin() {
    if (depth++ == 0) db->run("BEGIN");
  }
  void end() {
    if (--depth > 0) return;
    db->run("COMMIT");
    db->roll_back();  // what has failed is still open
  }

  // The run's number inside the database. Without such a run it fails the connection.
  std::int64_t key_of(RunId run);
  json::value task_names(std::int64_t run);
  static std::vector<TaskView> read_tasks(Rows& rows, const json::value& names);
  std::vector<json::value> outputs_of(std::int64_t run, TaskNo first, std::uint32_t count);
  json::value node_outputs(std::int64_t run, TaskNo no);

  std::recursive_mutex mutex;
  int depth = 0;
  const std::unique_ptr<Connection> db;
};

// All rows of a query of one column.
template <class T>
std::vector<T> read_all(Rows rows) {
  std::vector<T> values;
  while (rows.next()) rows.read(values.emplace_back());
  return values;
}

}  // namespace weft::store
