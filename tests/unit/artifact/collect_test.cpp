// SPDX-License-Identifier: Apache-2.0
// Removing a blob while somebody puts the same bytes again: whoever comes first, it is there
// afterwards.
#include <chrono>
#include <functional>
#include <future>

#include "artifact/artifact_store.hpp"
#include "catch.hpp"
#include "print_result.hpp"
#include "temp_folder.hpp"

using namespace weft;
using namespace weft::artifact;
namespace fs = std::filesystem;

namespace {

// The real calls, with a word before some of them.
class WatchedFileOps final : public FileOps {
 public:
  std::function<void()> before_touch, before_unlink, before_shared_lock, before_exclusive_lock;

  int open(const fs::path& path, int flags, unsigned mode) override {
    return real().open(path, flags, mode);
  }
  std::ptrdiff_t read(int descriptor, std::span<std::byte> into) override {
    return real().read(descriptor, into);
  }
  std::ptrdiff_t write(int descriptor, std::span<const std::byte> bytes) override {
    return real().write(descriptor, bytes);
  }
  int fsync(int descriptor) override { return real().fsync(descriptor); }
  int close(int descriptor) override { return real().close(descriptor); }
  int rename(const fs::path& from, const fs::path& to) override { return real().rename(from, to); }
  int unlink(const fs::path& path) override {
    if (before_unlink) std::exchange(before_unlink, nullptr)();
    return real().unlink(path);
  }
  int make_folder(const fs::path& path, unsigned mode) override {
    return real().make_folder(path, mode);
  }
  int touch(const fs::path& path) override {
    if (before_touch) std::exchange(before_touch, nullptr)();
    return real().touch(path);
  }
  int lock(int descriptor, bool exclusive) override {
    auto& before = exclusive ? before_exclusive_lock : before_shared_lock;
    if (before) std::exchange(before, nullptr)();
    return real().lock(descriptor, exclusive);
  }
  int clone(int from, int to) override { return real().clone(from, to); }
};

// A store for each of the two, as two processes have it, with a blob that is two days old.
struct OldBlob {
  testing::TempFolder temp;
  WatchedFileOps writing, collecting;
  ArtifactStore writer = ArtifactStore::open(temp.path() / "artifacts", writing).value();
  ArtifactStore collector = ArtifactStore::open(temp.path() / "artifacts", collecting).value();
  Blob blob = writer.put_bytes("a frame").value();
  Timestamp yesterday =
      std::chrono::floor<Duration>(std::chrono::system_clock::now()) - std::chrono::hours{24};

  OldBlob() {
    const fs::path path = writer.find(blob.digest, blob.size_bytes).value();
    fs::last_write_time(path, fs::file_time_type::clock::now() - std::chrono::hours{48});
  }
  result<bool> remove() { return collector.remove_unless_used_since(blob.digest, yesterday); }
};

// Tells that the other one stands before the lock.
struct Arrival {
  std::promise<void> promise;
  std::future<void> arrived = promise.get_future();
  bool awaited() { return arrived.wait_for(std::chrono::seconds{30}) == std::future_status::ready; }
};

}  // namespace

TEST_CASE("an old blob is removed, one that has been put since is not") {
  OldBlob old;
  SECTION("old") {
    CHECK(old.remove().value());
    CHECK_FALSE(old.writer.contains(old.blob.digest));
    CHECK(old.remove().value());
  }
  SECTION("put again") {
    REQUIRE(old.writer.put_bytes("a frame"));
    CHECK_FALSE(old.remove().value());
    CHECK(old.writer.contains(old.blob.digest));
  }
}

TEST_CASE("a blob that is found by whoever puts it again is not removed under his hands") {
  OldBlob old;
  Arrival collector;
  std::future<result<bool>> removal;
  old.collecting.before_exclusive_lock = [&] { collector.promise.set_value(); };
  bool met = false;
  old.writing.before_touch = [&] {  // it has been found, and is not touched yet
    removal = std::async(std::launch::async, [&] { return old.remove(); });
    met = collector.awaited();
  };
  CHECK(old.writer.put_bytes("a frame").has_value());
  REQUIRE(met);
  CHECK_FALSE(removal.get().value());
  CHECK(old.writer.verify(old.blob.digest).has_value());
}

TEST_CASE("a blob that is put again while it is removed is written anew") {
  OldBlob old;
  Arrival writer;
  std::future<result<Blob>> put;
  old.writing.before_shared_lock = [&] { writer.promise.set_value(); };
  bool met = false;
  old.collecting.before_unlink = [&] {
    put = std::async(std::launch::async, [&] { return old.writer.put_bytes("a frame"); });
    met = writer.awaited();
  };
  CHECK(old.remove().value());
  REQUIRE(met);
  CHECK(put.get().has_value());
  CHECK(old.writer.verify(old.blob.digest).has_value());
}
