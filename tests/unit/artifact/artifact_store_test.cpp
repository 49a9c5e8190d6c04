// SPDX-License-Identifier: Apache-2.0
#include "artifact/artifact_store.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <fstream>
#include <thread>

#include "catch.hpp"
#include "print_result.hpp"
#include "temp_folder.hpp"

using namespace weft;
using namespace weft::artifact;
using Catch::Matchers::Contains;
namespace fs = std::filesystem;

namespace {

struct Fixture {
  testing::TempFolder temp;
  fs::path folder = temp.path() / "state" / "artifacts";
  ArtifactStore store = ArtifactStore::open(folder).value();

  fs::path file(const std::string& name, std::string_view content) const {
    const fs::path path = temp.path() / name;
    std::ofstream(path, std::ios::binary) << content;
    return path;
  }
  std::size_t files_in_tmp() const {
    const fs::directory_iterator all(folder / "tmp");
    return static_cast<std::size_t>(std::distance(begin(all), end(all)));
  }
};

void write_to(const fs::path& path, std::string_view content) {
  std::ofstream(path, std::ios::binary | std::ios::trunc) << content;
}

void make_old(const fs::path& path) {
  const timespec long_ago[2] = {{1'000'000'000, 0}, {1'000'000'000, 0}};
  REQUIRE(::utimensat(AT_FDCWD, path.c_str(), long_ago, 0) == 0);
}

}  // namespace

TEST_CASE_METHOD(Fixture, "bytes are found again by their SHA-256") {
  const Blob blob = store.put_bytes("hello").value();
  CHECK(blob.size_bytes == 5);
  CHECK(blob.digest.to_string() ==
        "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824");
  CHECK(store.contains(blob.digest));
  CHECK(store.find(blob.digest, 5).value() == folder / "2c" / blob.digest.to_string());
  CHECK(store.read(blob.digest, 5).value() == "hello");
  CHECK(store.verify(blob.digest).has_value());
  CHECK(files_in_tmp() == 0);
}

TEST_CASE_METHOD(Fixture, "an artifact may be empty") {
  const Blob blob = store.put_bytes("").value();
  CHECK(blob.size_bytes == 0);
  CHECK(store.read(blob.digest, 0).value().empty());
}

TEST_CASE_METHOD(Fixture, "a writer takes bytes piece by piece and shows how they begin") {
  Writer writer = store.begin().value();
  const std::string piece(3000, 'x');
  for (int i = 0; i < 3; ++i) REQUIRE(writer.add(std::as_bytes(std::span(piece))));
  CHECK(writer.size_bytes() == 9000);
  CHECK(writer.head().size() == 4096);
  const Blob blob = writer.finish().value();
  CHECK(blob.digest == digest_of(std::string_view(std::string(9000, 'x'))));
  CHECK(store.read(blob.digest, 9000).value() == std::string(9000, 'x'));
}

TEST_CASE_METHOD(Fixture, "a writer that is dropped leaves nothing") {
  {
    Writer writer = store.begin().value();
    REQUIRE(writer.add(std::as_bytes(std::span("half", 4))));
    CHECK(files_in_tmp() == 1);
  }
  CHECK(files_in_tmp() == 0);
  CHECK(store.list().value().empty());
}

TEST_CASE_METHOD(Fixture, "a file is copied and stays where it is") {
  const fs::path source = file("frame.png", "pixels");
  const Blob blob = store.put_file(source).value();
  CHECK(fs::exists(source));
  write_to(source, "changed");
  CHECK(store.read(blob.digest, 6).value() == "pixels");
}

TEST_CASE_METHOD(Fixture, "a reserved file is moved") {
  const fs::path path = store.reserve(".mp4");
  CHECK(path.extension() == ".mp4");
  CHECK(store.reserve(".mp4") != path);
  write_to(path, "frames");
  const Blob blob = store.put_file(path).value();
  CHECK_FALSE(fs::exists(path));
  CHECK(store.read(blob.digest, 6).value() == "frames");
}

TEST_CASE_METHOD(Fixture, "a link to a file is followed, and never becomes a blob itself") {
  const fs::path path = store.reserve("");
  fs::create_symlink(file("real.png", "pixels"), path);
  const Blob blob = store.put_file(path).value();
  CHECK(fs::is_regular_file(
      fs::symlink_status(folder / blob.digest.to_string().substr(0, 2) / blob.digest.to_string())));
}

TEST_CASE_METHOD(Fixture, "what is no file is refused") {
  const auto missing = store.put_file(temp.path() / "none.png");
  REQUIRE(!missing);
  CHECK(missing.error().kind == ErrorKind::not_found);
  const auto a_folder = store.put_file(temp.path());
  REQUIRE(!a_folder);
  CHECK(a_folder.error().kind == ErrorKind::invalid);
}

TEST_CASE_METHOD(Fixture, "putting the same bytes again keeps one blob and counts as using it") {
  const Blob blob = store.put_bytes("hello").value();
  make_old(store.find(blob.digest, 5).value());
  const auto before = store.list().value().at(0).used_at;
  REQUIRE(store.put_bytes("hello"));
  const auto blobs = store.list().value();
  REQUIRE(blobs.size() == 1);
  CHECK(blobs[0].blob.digest == blob.digest);
  CHECK(blobs[0].blob.size_bytes == 5);
  CHECK(blobs[0].used_at > before);
  CHECK(files_in_tmp() == 0);
}

TEST_CASE_METHOD(Fixture, "a missing blob is not_found, a truncated one is damaged") {
  const Blob blob = store.put_bytes("hello").value();
  const fs::path path = store.find(blob.digest, 5).value();
  fs::resize_file(path, 3);
  for (const Error& error : {store.find(blob.digest, 5).error(), store.read(blob.digest, 5).error(),
                             store.verify(blob.digest).error()}) {
    CHECK(error.kind == ErrorKind::machine);
    CHECK_THAT(error.message, Contains("damaged") && Contains(path.string()));
    CHECK_FALSE(error.remedy.empty());
  }
  // Making it again heals it.
  REQUIRE(store.put_bytes("hello"));
  CHECK(store.read(blob.digest, 5).value() == "hello");

  REQUIRE(fs::remove(path));
  CHECK_FALSE(store.contains(blob.digest));
  for (const Error& error : {store.find(blob.digest, 5).error(), store.verify(blob.digest).error()})
    CHECK(error.kind == ErrorKind::not_found);
}

TEST_CASE_METHOD(Fixture, "verify sees bytes that have changed without a change of size") {
  const Blob blob = store.put_bytes("hello").value();
  write_to(store.find(blob.digest, 5).value(), "jello");
  CHECK(store.find(blob.digest, 5).has_value());
  const auto verified = store.verify(blob.digest);
  REQUIRE(!verified);
  CHECK_THAT(verified.error().message, Contains("damaged"));
}

TEST_CASE_METHOD(Fixture,
                 "what a dead process left in tmp is removed, what a live one writes is not") {
  int name[2] = {};
  REQUIRE(::pipe(name) == 0);
  const pid_t child = ::fork();
  if (child == 0) {
    auto theirs = ArtifactStore::open(folder);
    const std::string path = theirs->reserve(".mp4").string();
    write_to(path, "half");
    ::_exit(::write(name[1], path.data(), path.size()) == static_cast<ssize_t>(path.size()) ? 0
                                                                                            : 1);
  }
  int status = 1;
  ::waitpid(child, &status, 0);
  REQUIRE(status == 0);
  const fs::path mine = store.reserve(".mp4");
  write_to(mine, "half");
  CHECK(files_in_tmp() == 2);
  CHECK(store.clean_tmp().value() == 1);
  CHECK(fs::exists(mine));
  ::close(name[0]);
  ::close(name[1]);
}

TEST_CASE_METHOD(Fixture, "several threads may put the same and different bytes") {
  std::vector<std::thread> threads;
  std::atomic<int> put = 0;
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([&, i] {
      for (int n = 0; n < 20; ++n) {
        const std::string own = std::to_string(i) + ":" + std::to_string(n);
        if (store.put_bytes("same") && store.put_bytes(own)) ++put;
      }
    });
  for (std::thread& thread : threads) thread.join();
  CHECK(put == 80);
  CHECK(store.list().value().size() == 81);
  CHECK(files_in_tmp() == 0);
}
