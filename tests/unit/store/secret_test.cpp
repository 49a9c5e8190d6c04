// SPDX-License-Identifier: Apache-2.0
#include <sqlite3.h>

#include "catch.hpp"
#include "store_fixture.hpp"

using namespace weft;
using namespace weft::store;

namespace {

SecretRow secret(std::string name, std::int64_t no, std::string sealed = "sealed") {
  return {std::move(name), no, std::move(sealed), "1234", at_ms(no)};
}

std::vector<std::int64_t> numbers(Queries& queries, std::string_view name) {
  std::vector<std::int64_t> found;
  for (const SecretRow& row : queries.secrets(name).value()) found.push_back(row.no);
  return found;
}

}  // namespace

TEST_CASE("a secret is kept with its bytes as they are, and seen by who reads") {
  StoreFixture fixture;
  const std::string bytes("\0\xff\n'", 4);
  REQUIRE(fixture.client()->put_secret(secret("openai", 1, bytes), false));
  const auto rows = fixture.queries()->secrets("").value();
  REQUIRE(rows.size() == 1);
  CHECK(rows[0].name == "openai");
  CHECK(rows[0].sealed == bytes);
  CHECK(rows[0].hint == "1234");
  CHECK(rows[0].created_at == at_ms(1));
}

TEST_CASE("the values of a secret come in the order of their numbers, of one name only if asked") {
  StoreFixture fixture;
  const auto client = fixture.client();
  for (const std::int64_t no : {2, 1, 3}) REQUIRE(client->put_secret(secret("openai", no), false));
  REQUIRE(client->put_secret(secret("fal", 1), false));
  const auto queries = fixture.queries();
  CHECK(numbers(*queries, "openai") == std::vector<std::int64_t>{1, 2, 3});
  CHECK(queries->secrets("").value().size() == 4);
  CHECK(numbers(*queries, "nobody").empty());
}

TEST_CASE("a value that takes the place of all others of its name leaves other names alone") {
  StoreFixture fixture;
  const auto client = fixture.client();
  REQUIRE(client->put_secret(secret("openai", 1), false));
  REQUIRE(client->put_secret(secret("openai", 2), false));
  REQUIRE(client->put_secret(secret("fal", 1), false));
  REQUIRE(client->put_secret(secret("openai", 3), true));
  const auto queries = fixture.queries();
  CHECK(numbers(*queries, "openai") == std::vector<std::int64_t>{3});
  CHECK(numbers(*queries, "fal") == std::vector<std::int64_t>{1});
}

TEST_CASE("two who add a value under one number do not overwrite each other") {
  StoreFixture fixture;
  const auto client = fixture.client();
  REQUIRE(client->put_secret(secret("openai", 1, "first"), false));
  const auto second = client->put_secret(secret("openai", 1, "second"), false);
  REQUIRE_FALSE(second);
  CHECK(second.error().kind == ErrorKind::conflict);
  CHECK(fixture.queries()->secrets("openai").value()[0].sealed == "first");
}

TEST_CASE("a secret is removed by number or whole, and one that is not there is not_found") {
  StoreFixture fixture;
  const auto client = fixture.client();
  for (const std::int64_t no : {1, 2, 3}) REQUIRE(client->put_secret(secret("openai", no), false));
  REQUIRE(client->remove_secret("openai", 2));
  const auto queries = fixture.queries();
  CHECK(numbers(*queries, "openai") == std::vector<std::int64_t>{1, 3});
  REQUIRE(client->remove_secret("openai", std::nullopt));
  CHECK(numbers(*queries, "openai").empty());
  CHECK(client->remove_secret("openai", std::nullopt).error().kind == ErrorKind::not_found);
}

TEST_CASE("a database of the first version is brought up to date with its runs in it") {
  StoreFixture fixture;
  REQUIRE(fixture.client()->submit(new_run(run_id(1), 0)));
  sqlite3* handle = nullptr;
  REQUIRE(sqlite3_open((fixture.options.folder / "weft.db").c_str(), &handle) == SQLITE_OK);
  CHECK(sqlite3_exec(handle,
                     "DROP TABLE secret; DROP TABLE service_minute; DROP TABLE service_health; "
                     "DROP TABLE product; DROP TABLE product_mark; DROP TABLE attempt_usage; "
                     "DROP TABLE expansion; DROP TABLE late_task; DROP TABLE result_cache; "
                     "DROP TABLE task_result; DROP TABLE saved_pipeline; "
                     "ALTER TABLE run DROP COLUMN fresh; "
                     "ALTER TABLE run_payload DROP COLUMN forked_from; DROP TABLE schedule; "
                     "ALTER TABLE run_payload DROP COLUMN replaced_by; "
                     "ALTER TABLE run_payload DROP COLUMN output_errors; "
                     "DROP TABLE firing; ALTER TABLE task DROP COLUMN label; "
                     "ALTER TABLE task DROP COLUMN operation; "
                     "ALTER TABLE command DROP COLUMN service; "
                     "ALTER TABLE command DROP COLUMN reason; "
                     "ALTER TABLE command DROP COLUMN choice; "
                     "ALTER TABLE command DROP COLUMN given; "
                     "PRAGMA user_version = 1",
                     nullptr, nullptr, nullptr) == SQLITE_OK);
  sqlite3_close(handle);
  REQUIRE(fixture.client()->put_secret(secret("openai", 1), false));
  CHECK(fixture.queries()->runs({}, 10).value().size() == 1);
}
