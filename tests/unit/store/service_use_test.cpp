// SPDX-License-Identifier: Apache-2.0
#include "catch.hpp"
#include "store_fixture.hpp"

using namespace weft;
using namespace weft::store;

namespace {

constexpr Timestamp moment = from_unix_ms(1'700'000'040'000);  // the beginning of a minute

ServiceMinute minute(std::int64_t number, std::string service, std::uint64_t book,
                     std::uint64_t count) {
  ServiceMinute row{
      moment + std::chrono::minutes{number}, std::move(service), "image.generate", book, {}};
  for (std::uint64_t i = 0; i < count; ++i)
    row.use.add(Outcome::ok, Duration{2}, Duration{1000}, Money{5, "USD"});
  row.use.usage = {Duration{static_cast<std::int64_t>(count)}, 1000 * count, 7, 0};
  return row;
}

result<> put(Store& store, std::vector<ServiceMinute> minutes) {
  return wait_for<void>([&](Store::Done<> done) { store.put_use(std::move(minutes), done); });
}

std::uint64_t ended(Queries& queries, Timestamp since) {
  std::uint64_t ended = 0;
  for (const ServiceMinute& row : queries.service_use(since).value()) ended += row.use.ended;
  return ended;
}

}  // namespace

TEST_CASE("the minutes of a service are put together, and those before the span left out") {
  StoreFixture fixture;
  fixture.options.now = [] { return moment; };
  const auto store = fixture.open();
  REQUIRE(put(*store, {minute(0, "a", 1, 2), minute(1, "a", 1, 3), minute(1, "b", 1, 4)}));
  const auto queries = fixture.queries();
  const auto rows = queries->service_use(moment).value();
  REQUIRE(rows.size() == 2);
  CHECK(rows[0].service == "a");
  CHECK(rows[0].use.ended == 5);
  CHECK(rows[0].use.waited == Duration{10});
  CHECK(rows[0].use.latency.count() == 5);
  CHECK(rows[0].use.cost_micros.at("USD") == 25);
  CHECK(rows[0].use.usage == Usage{Duration{5}, 3000, 7, 0});
  CHECK(ended(*queries, moment + Duration{1}) == 7);
}

TEST_CASE("a minute that is put again takes the place of what was put, but not of another book's") {
  StoreFixture fixture;
  fixture.options.now = [] { return moment; };
  const auto store = fixture.open();
  REQUIRE(put(*store, {minute(0, "a", 1, 2)}));
  REQUIRE(put(*store, {minute(0, "a", 1, 3)}));
  REQUIRE(put(*store, {minute(0, "a", 2, 10)}));
  CHECK(ended(*fixture.queries(), moment) == 13);
}

TEST_CASE("what is older than thirty days is forgotten") {
  StoreFixture fixture;
  Timestamp now = moment;
  fixture.options.now = [&] { return now; };
  const auto store = fixture.open();
  REQUIRE(put(*store, {minute(0, "a", 1, 2)}));
  now += std::chrono::days{30};
  REQUIRE(put(*store, {}));
  CHECK(ended(*fixture.queries(), moment) == 2);
  now += Duration{1};
  REQUIRE(put(*store, {}));
  CHECK(ended(*fixture.queries(), moment) == 0);
}

TEST_CASE("attempts under way are counted by service") {
  StoreFixture fixture;
  const auto store = fixture.open();
  REQUIRE(commit(
      *store, batch(run_id(1), 1, {new_run(run_id(1), 1), dispatch(run_id(1), attempt_of(0, 1))})));
  const auto counts = fixture.queries()->attempts_under_way().value();
  REQUIRE(counts.size() == 1);
  CHECK(counts[0].second == 1);
}
