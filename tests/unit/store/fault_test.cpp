// SPDX-License-Identifier: Apache-2.0
// A small workload on a disk that fails at every one of its calls in turn: the database opens
// afterwards, every acknowledged commit is there, and no commit is there in part.
#include "catch.hpp"
#include "fault_vfs.hpp"
#include "small_work.hpp"

using namespace weft;
using namespace weft::store;
using Catch::Matchers::Contains;
using weft::testing::Fault;
using weft::testing::FaultVfs;

namespace {

// The nth call fails, and every later one or not, for every n until the work gets through.
void fail_at_every_call(Fault fault, bool once = false) {
  FaultVfs vfs("weft-fault");
  std::uint64_t nth = 1;
  for (bool failed = true; failed; ++nth) {
    CAPTURE(nth);
    StoreFixture fixture;
    fixture.options.vfs = vfs.name();
    once ? vfs.fail_once(nth, fault) : vfs.fail_from(nth, fault);
    const Work done = do_work(fixture.options);
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
  CHECK(nth > (fault == Fault::sync_fails || fault == Fault::unreadable ? 7U : 30U));
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

TEST_CASE("an fsync that fails loses no acknowledged commit, nor does one that fails once") {
  fail_at_every_call(Fault::sync_fails);
  fail_at_every_call(Fault::sync_fails, true);
}

TEST_CASE("a read that fails loses no acknowledged commit, nor does one that fails once") {
  fail_at_every_call(Fault::unreadable);
  fail_at_every_call(Fault::unreadable, true);
}

TEST_CASE("a call that fails once, whatever it is, loses no acknowledged commit") {
  fail_at_every_call(Fault::io_error, true);
  fail_at_every_call(Fault::disk_full, true);
  fail_at_every_call(Fault::short_write, true);
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
