// SPDX-License-Identifier: Apache-2.0
// Text columns of the database, as damage might leave them, read by all who read them.
#include <sqlite3.h>

#include <array>
#include <optional>
#include <stdexcept>
#include <string>

#include "base/json.hpp"
#include "model_support.hpp"
#include "store_fixture.hpp"
#include "target.hpp"

namespace weft::fuzz {
namespace {

using namespace store;

constexpr std::array columns{
    "UPDATE event SET data = ?1",
    "UPDATE run_payload SET inputs = ?1",
    "UPDATE run_payload SET outputs = ?1",
    "UPDATE task_payload SET outputs = ?1",
    "UPDATE decision SET detail = ?1",
    "UPDATE pipeline_version SET canonical = ?1",
    "UPDATE pipeline_version SET tasks = ?1",
    "UPDATE command SET artifact = ?1",
    "UPDATE late_result SET outputs = ?1",
};

// A store with one row of everything that holds text.
class Damaged {
 public:
  Damaged() {
    {
      const auto store = fixture_.open();
      if (!commit(*store, batch(run_id(1), 1,
                                {new_run(run_id(1), 1), event(run_id(1), 1),
                                 dispatch(run_id(1), attempt_of(0, 1, usd(10)))})))
        throw std::runtime_error("no store");
    }
    sqlite3_open(database_file(fixture_.options.folder).c_str(), &handle_);
    run("PRAGMA synchronous = OFF");
    run("INSERT INTO task_payload VALUES (1, 0, '{}')");
    run("INSERT INTO late_result VALUES (1, 0, 1, 0, '', '{}')");
    run("INSERT INTO command VALUES (1, x'00112233445566778899aabbccddeeff', 1, 0, 0, 0, 0, '{}', "
        "NULL, NULL, 0, NULL, NULL, NULL, '', '', NULL, NULL)");
    queries_ = fixture_.queries();
  }
  ~Damaged() { sqlite3_close(handle_); }
  Damaged(const Damaged&) = delete;
  Damaged& operator=(const Damaged&) = delete;

  Queries& queries() { return *queries_; }
  void write(const char* update, std::string_view text) {
    sqlite3_stmt* statement = nullptr;
    sqlite3_prepare_v2(handle_, update, -1, &statement, nullptr);
    sqlite3_bind_text64(statement, 1, text.data(), text.size(), SQLITE_STATIC, SQLITE_UTF8);
    const int code = sqlite3_step(statement);
    sqlite3_finalize(statement);
    if (code != SQLITE_DONE) throw std::runtime_error(sqlite3_errmsg(handle_));
  }

 private:
  void run(const char* sql) {
    if (sqlite3_exec(handle_, sql, nullptr, nullptr, nullptr) != SQLITE_OK)
      throw std::runtime_error(sqlite3_errmsg(handle_));
  }
  StoreFixture fixture_;
  sqlite3* handle_ = nullptr;
  std::unique_ptr<Queries> queries_;
};

// What is damaged may be told or read as null; nothing may come of it but an answer.
void read_everything(Queries& queries) {
  (void)queries.runs({}, 10);
  (void)queries.run_inputs(run_id(1));
  (void)queries.run_outputs(run_id(1));
  (void)queries.tasks(run_id(1));
  (void)queries.task({run_id(1), 0});
  (void)queries.dependencies({run_id(1), 4}, 10);
  const std::array<TaskNo, 3> numbers{0, 1, 4};
  (void)queries.outputs(run_id(1), numbers);
  (void)queries.open_commands();
  (void)queries.artifacts(run_id(1), 10);
  if (const auto versions = queries.pipelines("", 10); versions && !versions->empty())
    if (const auto canonical = parse_json(versions->front().canonical))
      (void)read_canonical(*canonical, testing::context());
}

}  // namespace

void stored_row(std::string_view input) {
  if (input.empty()) return;
  static Damaged damaged;
  const std::size_t column = static_cast<unsigned char>(input.front()) % columns.size();
  input.remove_prefix(1);
  damaged.write(columns[column], input);
  read_everything(damaged.queries());
  if (column == 0) {
    const auto events = damaged.queries().events({});
    expect(events && events->size() == 1, "an event is there whatever its data");
    const auto written = parse_json(input.substr(0, input.find('\0')));
    if (written && written->is_object())
      expect(events->front().data == written->get_object(), "an event reads as it was written");
  }
  damaged.write(columns[column], "{}");
}

}  // namespace weft::fuzz
