// SPDX-License-Identifier: Apache-2.0
// Putting artifacts on a disk that fails at every call in turn: each failure is told with path and
// remedy, tmp is empty afterwards, and what can be found is whole.
#include <cerrno>
#include <fstream>

#include "artifact/artifact_store.hpp"
#include "catch.hpp"
#include "print_result.hpp"
#include "temp_folder.hpp"

using namespace weft;
using namespace weft::artifact;
using Catch::Matchers::Contains;
namespace fs = std::filesystem;

namespace {

// The real calls, of which the nth (from 1) of those that may fail does, once. Cleaning up
// (closing, removing) always works, and so does deciding that a file system cannot clone.
class FailingFileOps final : public FileOps {
 public:
  void fail_at(int nth, int number) {
    calls_ = 0;
    fail_at_ = nth;
    number_ = number;
  }
  bool has_failed() const { return fail_at_ != 0 && calls_ >= fail_at_; }
  // Every write takes at most this many bytes.
  std::size_t write_at_most = SIZE_MAX;

  int open(const fs::path& path, int flags, unsigned mode) override {
    return fails() ? -1 : real().open(path, flags, mode);
  }
  std::ptrdiff_t read(int descriptor, std::span<std::byte> into) override {
    return fails() ? -1 : real().read(descriptor, into);
  }
  std::ptrdiff_t write(int descriptor, std::span<const std::byte> bytes) override {
    if (fails()) return -1;
    return real().write(descriptor, bytes.first(std::min(bytes.size(), write_at_most)));
  }
  int fsync(int descriptor) override { return fails() ? -1 : real().fsync(descriptor); }
  int close(int descriptor) override { return real().close(descriptor); }
  int rename(const fs::path& from, const fs::path& to) override {
    return fails() ? -1 : real().rename(from, to);
  }
  int unlink(const fs::path& path) override { return real().unlink(path); }
  int make_folder(const fs::path& path, unsigned mode) override {
    return fails() ? -1 : real().make_folder(path, mode);
  }
  int touch(const fs::path& path) override { return fails() ? -1 : real().touch(path); }
  int lock(int descriptor, bool exclusive) override {
    return fails() ? -1 : real().lock(descriptor, exclusive);
  }
  int clone(int, int) override {
    errno = EOPNOTSUPP;
    return -1;
  }

 private:
  bool fails() {
    if (++calls_ != fail_at_) return false;
    errno = number_;
    return true;
  }
  int calls_ = 0;
  int fail_at_ = 0;
  int number_ = 0;
};

struct Disk {
  testing::TempFolder temp;
  FailingFileOps files;
  ArtifactStore store = ArtifactStore::open(temp.path() / "artifacts", files).value();

  std::size_t files_in_tmp() const {
    const fs::directory_iterator all(store.folder() / "tmp");
    return static_cast<std::size_t>(std::distance(begin(all), end(all)));
  }
};

const std::string content(100'000, 'p');

// Runs `put` with its nth call failing, for every n, each time on a new disk that `prepare` has
// put in order.
template <class Prepare, class Put>
void fail_at_every_call(int number, std::string_view remedy, Prepare prepare, Put put) {
  int nth = 1;
  for (bool failed = true; failed; ++nth) {
    CAPTURE(nth, number);
    Disk disk;
    prepare(disk);
    disk.files.fail_at(nth, number);
    const result<Blob> blob = put(disk);
    failed = disk.files.has_failed();
    disk.files.fail_at(0, 0);
    CHECK(blob.has_value() == !failed);
    if (!blob) {
      CHECK(blob.error().kind == ErrorKind::machine);
      CHECK_THAT(blob.error().message, Contains(disk.temp.path().string()));
      CHECK_THAT(blob.error().remedy, Contains(std::string(remedy)));
    }
    for (const ListedBlob& listed : disk.store.list().value())
      CHECK(disk.store.verify(listed.blob.digest).has_value());
    // The same again works.
    CHECK(put(disk).has_value());
    CHECK(disk.files_in_tmp() == 0);
  }
  CHECK(nth > 4);
}

struct ErrorCase {
  int number;
  std::string_view remedy;
};

}  // namespace

TEST_CASE("bytes: a failure at any call is told and leaves nothing half-done") {
  const auto error = GENERATE(ErrorCase{ENOSPC, "free space"}, ErrorCase{EIO, "check the disk"},
                              ErrorCase{EACCES, "give this user the right"});
  const auto put = [](Disk& disk) { return disk.store.put_bytes(content); };
  fail_at_every_call(
      error.number, error.remedy, [](Disk&) {}, put);
}

TEST_CASE("bytes that are there already: a failure at any call is told") {
  const auto put = [](Disk& disk) { return disk.store.put_bytes(content); };
  fail_at_every_call(
      ENOSPC, "free space", [](Disk& disk) { disk.store.put_bytes(content).value(); }, put);
}

TEST_CASE("a copied file: a failure at any call is told and leaves nothing half-done") {
  const auto error = GENERATE(ErrorCase{ENOSPC, "free space"}, ErrorCase{EIO, "check the disk"},
                              ErrorCase{EACCES, "give this user the right"});
  const auto prepare = [](Disk& disk) { std::ofstream(disk.temp.path() / "film.mp4") << content; };
  const auto put = [](Disk& disk) { return disk.store.put_file(disk.temp.path() / "film.mp4"); };
  fail_at_every_call(error.number, error.remedy, prepare, put);
}

TEST_CASE("a moved file: a failure at any call is told, and the file can be handed in again") {
  const auto error = GENERATE(ErrorCase{ENOSPC, "free space"}, ErrorCase{EIO, "check the disk"});
  fs::path reserved;
  const auto prepare = [&](Disk& disk) { reserved = disk.store.reserve(".mp4"); };
  const auto put = [&](Disk& disk) {
    if (!fs::exists(reserved)) std::ofstream(reserved) << content;
    return disk.store.put_file(reserved);
  };
  fail_at_every_call(error.number, error.remedy, prepare, put);
}

TEST_CASE("opening: a failure at any call is told") {
  int nth = 1;
  for (bool failed = true; failed; ++nth) {
    CAPTURE(nth);
    testing::TempFolder temp;
    FailingFileOps files;
    files.fail_at(nth, EACCES);
    const auto store = ArtifactStore::open(temp.path() / "artifacts", files);
    failed = files.has_failed();
    CHECK(store.has_value() == !failed);
    if (!store) CHECK_THAT(store.error().to_string(), Contains(temp.path().string()));
  }
  CHECK(nth > 3);
}

TEST_CASE("a disk that takes a few bytes at a time gets all of them") {
  Disk disk;
  disk.files.write_at_most = 777;
  const Blob blob = disk.store.put_bytes(content).value();
  CHECK(disk.store.read(blob.digest, content.size()).value() == content);
}

TEST_CASE("a writer that has failed stays failed") {
  Disk disk;
  Writer writer = disk.store.begin().value();
  disk.files.fail_at(1, ENOSPC);
  const auto bytes = std::as_bytes(std::span(content));
  const auto first = writer.add(bytes);
  REQUIRE(!first);
  disk.files.fail_at(0, 0);
  CHECK(writer.add(bytes).error().message == first.error().message);
  CHECK(writer.finish().error().message == first.error().message);
}
