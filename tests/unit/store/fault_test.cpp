// SPDX-License-Identifier: Apache-2.0
// A small workload on a disk that fails at every one of its calls in turn: the database opens
// afterwards, every acknowledged commit is there, and no commit is there in part.
#include <sqlite3.h>

#include "catch.hpp"
#include "fault_vfs.hpp"
#include "store_fixture.hpp"

using namespace weft;
using namespace weft::store;
using Catch::Matchers::Contains;
using weft::testing::Fault;
using weft::testing::FaultVfs;

namespace {

constexpr std::uint64_t batches = 6;

// Each batch writes an event and the outputs of a task, so that half a batch would show.
Batch step(std::uint64_t n) {
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
Work work(const Options& options) {
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

std::string integrity(const std::filesystem::path& file) {
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

void check_what_is_left(const StoreFixture& fixture, const Work& done) {
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

void fail_at_every_call(Fault fault) {
  FaultVfs vfs("weft-fault");
  std::uint64_t nth = 1;
  for (bool failed = true; failed; ++nth) {
    CAPTURE(nth);
    StoreFixture fixture;
    fixture.options.vfs = vfs.name();
    vfs.fail_from(nth, fault);
    const Work done = work(fixture.options);
    failed = vfs.calls() >= nth;
    vfs.pass();
    if (!failed) CHECK(done.acknowledged == batches);
    if (done.error) {
      CHECK(done.error->kind == ErrorKind::machine);
      CHECK_THAT(done.error->message, Contains(fixture.options.folder.string()));
      CHECK_FALSE(done.error->remedy.empty());
    }
    check_what_is_left(fixture, done);
  }
  CHECK(nth > 30);  // the workload is large enough to mean something
}

}  // namespace

TEST_CASE("an I/O error at any call loses no acknowledged commit") {
  fail_at_every_call(Fault::io_error);
}

TEST_CASE("a full disk at any call loses no acknowledged commit") {
  fail_at_every_call(Fault::disk_full);
}

TEST_CASE("a short write at any call loses no acknowledged commit") {
  fail_at_every_call(Fault::short_write);
}

TEST_CASE("a full disk says what to do, and everything after it fails as well") {
  FaultVfs vfs("weft-fault");
  StoreFixture fixture;
  fixture.options.vfs = vfs.name();
  const auto store = fixture.open();
  REQUIRE(commit(*store, step(1)));
  vfs.fail_from(1, Fault::disk_full);
  const auto full = commit(*store, step(2));
  REQUIRE(!full);
  CHECK_THAT(full.error().to_string(),
             Contains("no space left") && Contains("free space") && Contains("weft resume"));
  // What comes later was decided on what did not happen.
  vfs.pass();
  CHECK_FALSE(commit(*store, step(3)).has_value());
  CHECK_FALSE(claim(*store, run_id(1)).has_value());
  CHECK(fixture.queries()->last_event().value() == 1);
}

TEST_CASE("a failed commit answers every batch that shared it with the same error") {
  FaultVfs vfs("weft-fault");
  StoreFixture fixture;
  fixture.options.vfs = vfs.name();
  fixture.options.commit_hook = [&](CommitPoint point, std::uint64_t) {
    if (point == CommitPoint::before) vfs.fail_from(1, Fault::io_error);
  };
  const auto store = fixture.open();
  std::vector<std::string> errors;
  for (std::uint64_t n = 1; n <= 4; ++n)
    store->commit(step(n), [&](auto report) {
      if (!report) errors.push_back(report.error().message);
    });
  REQUIRE_FALSE(commit(*store, {}).has_value());
  REQUIRE(errors.size() == 4);
  for (const std::string& error : errors) CHECK(error == errors.front());
  vfs.pass();
}
