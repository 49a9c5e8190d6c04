// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <vector>

#include "catch.hpp"
#include "store_fixture.hpp"
#include "wrapped_vfs.hpp"

using namespace weft;
using namespace weft::store;

namespace {

// Keeps the sizes of what is written to logs, and can refuse to write more.
class LogVfs final : public testing::WrappedVfs {
 public:
  LogVfs() : WrappedVfs("weft-log-test") {}
  int before_write(const char* path, std::string_view& bytes, sqlite3_int64) override {
    if (!path || !std::string_view(path).ends_with("-wal")) return SQLITE_OK;
    sizes.push_back(bytes.size());
    if (!is_full) return SQLITE_OK;
    bytes = {};
    return SQLITE_FULL;
  }
  std::vector<std::size_t> sizes;
  bool is_full = false;
};

Batch events(std::uint64_t first, std::uint64_t count) {
  std::vector<Write> writes;
  for (std::uint64_t seq = first; seq < first + count; ++seq)
    writes.emplace_back(event(run_id(1), seq));
  return batch(run_id(1), 1, std::move(writes));
}

}  // namespace

TEST_CASE("what a commit adds to the log is written in one piece") {
  LogVfs vfs;
  StoreFixture fixture;
  fixture.options.vfs = vfs.name();
  const auto store = fixture.open();
  REQUIRE(commit(*store, batch(run_id(1), 1, {new_run(run_id(1), 1)})));
  vfs.sizes.clear();
  REQUIRE(commit(*store, events(1, 5)));
  REQUIRE(vfs.sizes.size() == 1);
  CHECK(vfs.sizes.front() > 2 * 4096);  // several frames
}

TEST_CASE("a commit of more than there is room for is written in pieces, and is whole") {
  LogVfs vfs;
  StoreFixture fixture;
  fixture.options.vfs = vfs.name();
  {
    const auto store = fixture.open();
    REQUIRE(commit(*store, batch(run_id(1), 1, {new_run(run_id(1), 1)})));
    vfs.sizes.clear();
    REQUIRE(commit(*store, events(1, 5000)));
    CHECK(vfs.sizes.size() > 2);
  }
  const auto events = fixture.queries()->events({0, {}, 10'000}).value();
  CHECK(events.size() == 5000);
}

TEST_CASE("a log that cannot be written fails the commit, and nothing of it is there") {
  LogVfs vfs;
  StoreFixture fixture;
  fixture.options.vfs = vfs.name();
  {
    const auto store = fixture.open();
    REQUIRE(commit(*store, batch(run_id(1), 1, {new_run(run_id(1), 1)})));
    vfs.is_full = true;
    const auto failed = commit(*store, events(1, 1));
    REQUIRE_FALSE(failed);
    CHECK(failed.error().message.find("no space left") != std::string::npos);
    vfs.is_full = false;
  }
  CHECK(fixture.queries()->last_event().value() == 0);
}

TEST_CASE("a VFS that does not exist is named") {
  StoreFixture fixture;
  fixture.options.vfs = "no-such-vfs";
  const auto store = Store::open(fixture.options);
  REQUIRE_FALSE(store);
  CHECK(store.error().message.find("no-such-vfs") != std::string::npos);
}
