// SPDX-License-Identifier: Apache-2.0
#include <sqlite3.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <thread>

#include "catch.hpp"
#include "store/lock.hpp"
#include "store_fixture.hpp"

using namespace weft;
using namespace weft::store;
using Catch::Matchers::Contains;

namespace {

void run_sql(const std::filesystem::path& file, const char* sql) {
  sqlite3* handle = nullptr;
  REQUIRE(sqlite3_open(file.c_str(), &handle) == SQLITE_OK);
  CHECK(sqlite3_exec(handle, sql, nullptr, nullptr, nullptr) == SQLITE_OK);
  sqlite3_close(handle);
}

// Rights mean nothing to root: acts as nobody while it lives.
class Unprivileged {
 public:
  Unprivileged() {
    if (was_root_) REQUIRE(::seteuid(65534) == 0);
  }
  ~Unprivileged() {
    if (was_root_) [[maybe_unused]]
      const int back = ::seteuid(0);
  }

 private:
  const bool was_root_ = ::geteuid() == 0;
};

// All of the state folder may be read by anybody and written by nobody but root.
void make_read_only(const std::filesystem::path& folder) {
  using std::filesystem::perms;
  std::filesystem::permissions(folder.parent_path(), perms{0755});
  for (const auto& entry : std::filesystem::directory_iterator(folder))
    std::filesystem::permissions(entry.path(), perms{0444});
  std::filesystem::permissions(folder, perms{0555});
}
void make_writable(const std::filesystem::path& folder) {
  std::filesystem::permissions(folder, std::filesystem::perms{0755});
}

}  // namespace

TEST_CASE("a folder that is not there is made") {
  StoreFixture fixture;
  REQUIRE_FALSE(std::filesystem::exists(fixture.options.folder));
  REQUIRE(Store::open(fixture.options).has_value());
  CHECK(std::filesystem::exists(database_file(fixture.options.folder)));
}

TEST_CASE("one folder has one executing runtime, and others learn which process it is") {
  StoreFixture fixture;
  {
    const auto store = fixture.open();
    const auto second = Store::open(fixture.options);
    REQUIRE(!second);
    CHECK(second.error().kind == ErrorKind::conflict);
    CHECK_THAT(second.error().message, Contains(std::to_string(::getpid())));
    CHECK(lock_holder(fixture.options.folder) == ::getpid());
    CHECK(fixture.client()->submit(new_run(run_id(1), 0)).has_value());
  }
  CHECK_FALSE(lock_holder(fixture.options.folder));
  CHECK(Store::open(fixture.options).has_value());
}

TEST_CASE("the lock goes with the process that holds it") {
  StoreFixture fixture;
  std::filesystem::create_directories(fixture.options.folder);
  int ready[2] = {};
  REQUIRE(::pipe(ready) == 0);
  const pid_t child = ::fork();
  if (child == 0) {
    const auto lock = lock_runtime(fixture.options.folder);
    const char answer = lock ? 'y' : 'n';
    if (::write(ready[1], &answer, 1) != 1) ::_exit(1);
    for (;;) ::pause();
  }
  char taken = 0;
  REQUIRE(::read(ready[0], &taken, 1) == 1);
  REQUIRE(taken == 'y');
  const auto refused = lock_runtime(fixture.options.folder);
  REQUIRE(!refused);
  CHECK_THAT(refused.error().message, Contains(std::to_string(child)));
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  CHECK(lock_runtime(fixture.options.folder).has_value());
  ::close(ready[0]);
  ::close(ready[1]);
}

TEST_CASE("a database of a newer weft is refused by everybody, unchanged") {
  StoreFixture fixture;
  fixture.open();
  run_sql(database_file(fixture.options.folder), "PRAGMA user_version = 99");
  for (const Error& error :
       {Store::open(fixture.options).error(), Client::open(fixture.options).error(),
        Queries::open(fixture.options).error()}) {
    CHECK(error.kind == ErrorKind::conflict);
    CHECK_THAT(error.message, Contains("newer weft") && Contains("99"));
  }
}

TEST_CASE("a file that is no database is refused with its name") {
  StoreFixture fixture;
  std::filesystem::create_directories(fixture.options.folder);
  const auto file = database_file(fixture.options.folder);
  std::ofstream(file) << std::string(5000, 'x');
  for (const Error& error :
       {Store::open(fixture.options).error(), Queries::open(fixture.options).error()}) {
    CHECK(error.kind == ErrorKind::machine);
    CHECK_THAT(error.message, Contains(file.string()));
    CHECK_FALSE(error.remedy.empty());
  }
}

TEST_CASE("another program's database is refused and left alone") {
  StoreFixture fixture;
  std::filesystem::create_directories(fixture.options.folder);
  run_sql(database_file(fixture.options.folder),
          "CREATE TABLE song (title TEXT); PRAGMA user_version = 1");
  for (const Error& error :
       {Store::open(fixture.options).error(), Queries::open(fixture.options).error()})
    CHECK_THAT(error.message, Contains("another program"));
  run_sql(database_file(fixture.options.folder), "INSERT INTO song VALUES ('still here')");
}

TEST_CASE("reading a folder in which nothing has run is not_found and makes nothing") {
  StoreFixture fixture;
  const auto queries = Queries::open(fixture.options);
  REQUIRE(!queries);
  CHECK(queries.error().kind == ErrorKind::not_found);
  CHECK_FALSE(std::filesystem::exists(fixture.options.folder));
}

TEST_CASE("a database without a table, left by a death while it was made, is one with no runs") {
  StoreFixture fixture;
  std::filesystem::create_directories(fixture.options.folder);
  std::ofstream{database_file(fixture.options.folder)};
  CHECK(Queries::open(fixture.options).error().kind == ErrorKind::not_found);
  fixture.open();
  CHECK(fixture.queries()->last_event().value() == 0);
}

TEST_CASE("a user who may only read reads, while weft runs and after it has ended") {
  StoreFixture fixture;
  auto store = fixture.open();
  REQUIRE(commit(*store, batch(run_id(1), 1, {new_run(run_id(1), 1)})));
  make_read_only(fixture.options.folder);
  {
    const Unprivileged nobody;
    const auto queries = Queries::open(fixture.options);
    REQUIRE(queries.has_value());
    CHECK((*queries)->run(run_id(1)).has_value());
  }
  store.reset();
  {
    const Unprivileged nobody;
    const auto queries = Queries::open(fixture.options);
    REQUIRE(queries.has_value());
    CHECK((*queries)->run(run_id(1)).has_value());
    const auto writer = Client::open(fixture.options);
    REQUIRE(!writer);
    CHECK(writer.error().kind == ErrorKind::machine);
    CHECK_THAT(writer.error().to_string(), Contains(fixture.options.folder.string()));
  }
  make_writable(fixture.options.folder);
}

TEST_CASE("a read-only folder without the files beside the database says what is needed") {
  StoreFixture fixture;
  fixture.open();
  for (const char* suffix : {"-wal", "-shm"})
    std::filesystem::remove(database_file(fixture.options.folder).string() + suffix);
  make_read_only(fixture.options.folder);
  {
    const Unprivileged nobody;
    const auto queries = Queries::open(fixture.options);
    REQUIRE(!queries);
    CHECK(queries.error().kind == ErrorKind::machine);
    CHECK_THAT(queries.error().remedy,
               Contains("weft.db-shm") && Contains(fixture.options.folder.string()));
  }
  make_writable(fixture.options.folder);
}

TEST_CASE("processes that open a new folder at the same time agree on one database") {
  constexpr int rounds = 20;  // one in ten had gone wrong while they did not wait for each other
  for (int round = 0; round < rounds; ++round) {
    StoreFixture fixture;
    std::vector<std::future<bool>> opened;
    for (std::uint8_t i = 1; i <= 8; ++i)
      opened.push_back(std::async(std::launch::async, [&fixture, i] {
        const auto client = Client::open(fixture.options);
        return client && (*client)->submit(new_run(run_id(i), 0));
      }));
    for (auto& done : opened) CHECK(done.get());
    CHECK(fixture.queries()->unclaimed_runs().value().size() == 8);
  }
}

TEST_CASE("a transaction that another process will not end is reported, not waited for forever") {
  StoreFixture fixture;
  fixture.options.busy_timeout = Duration{20};
  const auto client = fixture.client();
  sqlite3* other = nullptr;
  REQUIRE(sqlite3_open(database_file(fixture.options.folder).c_str(), &other) == SQLITE_OK);
  REQUIRE(sqlite3_exec(other, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr) == SQLITE_OK);
  const auto waited = client->submit(new_run(run_id(1), 0));
  REQUIRE(!waited);
  CHECK(waited.error().kind == ErrorKind::machine);
  CHECK_THAT(waited.error().message, Contains("locked by another process"));
  sqlite3_close(other);
  CHECK(client->submit(new_run(run_id(1), 0)).has_value());
}
