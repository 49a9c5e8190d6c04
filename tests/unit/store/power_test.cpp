// SPDX-License-Identifier: Apache-2.0
// A small workload on a machine whose power is cut at every call that changes a file, in turn: when
// the machine has started again, the database opens, every acknowledged commit is there, and no
// commit is there in part.
#include "power_vfs.hpp"
#include "small_work.hpp"

using namespace weft;
using namespace weft::store;
using weft::testing::Kept;
using weft::testing::PowerVfs;

namespace {

void cut_at_every_call(Kept kept, std::uint64_t seed) {
  PowerVfs vfs("weft-power");
  std::uint64_t nth = 1;
  for (bool cut = true; cut; ++nth) {
    CAPTURE(nth, seed);
    StoreFixture fixture;
    fixture.options.vfs = vfs.name();
    vfs.cut_at(nth, kept, seed * 1000 + nth);
    const Work done = do_work(fixture.options);
    cut = vfs.is_cut();
    if (!done.error) CHECK(done.acknowledged == batches);
    vfs.start_again();
    // Whoever comes first may be one who only reads.
    const auto reader = Queries::open(fixture.options);
    CHECK((reader || reader.error().kind == ErrorKind::not_found));
    check_what_is_left(fixture, done);
  }
  CHECK(nth > 30);
}

}  // namespace

TEST_CASE("a power cut that loses all that was not synced loses no acknowledged commit") {
  cut_at_every_call(Kept::nothing, 0);
}

TEST_CASE("a power cut that loses some of the writes that were not synced loses no commit") {
  cut_at_every_call(Kept::some, 1);
}

TEST_CASE("a power cut that tears the writes that were not synced loses no commit") {
  cut_at_every_call(Kept::torn, 2);
}

TEST_CASE("a power cut while an earlier one is being recovered from loses no commit") {
  PowerVfs vfs("weft-power");
  for (std::uint64_t nth = 20; nth <= 60; nth += 10) {
    for (std::uint64_t again = 1; again <= 12; ++again) {
      CAPTURE(nth, again);
      StoreFixture fixture;
      fixture.options.vfs = vfs.name();
      vfs.cut_at(nth, Kept::torn, nth);
      const Work done = do_work(fixture.options);
      vfs.start_again();
      vfs.cut_at(again, Kept::torn, again);
      (void)Store::open(fixture.options);
      vfs.start_again();
      check_what_is_left(fixture, done);
    }
  }
}

TEST_CASE("without the syncs of `full`, a power cut may lose commits, but leaves the rest whole") {
  PowerVfs vfs("weft-power");
  std::uint64_t lost = 0;
  for (std::uint64_t nth = 1; nth <= 160; ++nth) {
    CAPTURE(nth);
    StoreFixture fixture;
    fixture.options.vfs = vfs.name();
    fixture.options.synchronous = Synchronous::normal;
    vfs.cut_at(nth, Kept::torn, nth);
    const Work done = do_work(fixture.options);
    vfs.start_again();
    const auto store = fixture.open();
    CHECK(integrity(database_file(fixture.options.folder)) == "ok");
    lost += fixture.queries()->last_event().value() < done.acknowledged ? 1 : 0;
  }
  // Also shows that the cut really takes something away.
  CHECK(lost > 0);
}
