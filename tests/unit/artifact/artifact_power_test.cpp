// SPDX-License-Identifier: Apache-2.0
// The power goes at any file call: a blob that was acknowledged is there and whole afterwards, and
// nothing that is there is damaged.
#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <map>
#include <set>
#include <string>

#include "artifact/artifact_store.hpp"
#include "artifact/file_ops.hpp"
#include "catch.hpp"
#include "print_result.hpp"
#include "temp_folder.hpp"

using namespace weft;
using namespace weft::artifact;
namespace fs = std::filesystem;

namespace {

// The real calls, on a disk that is sure to have only what was synced: the bytes of a file when it
// was, a name when its folder was.
class PowerFileOps final : public FileOps {
 public:
  // At the nth call from now (from 1) the power goes: it fails, and so does every later one.
  void cut_at(int nth) {
    calls_ = 0;
    cut_at_ = nth;
  }
  // That call alone fails.
  void fail_at(int nth) {
    calls_ = 0;
    fail_at_ = nth;
  }
  bool is_cut() const { return cut_at_ != 0 && calls_ >= cut_at_; }

  // Takes from the disk what it is not sure to have.
  void start_again() {
    for (const fs::path& path : unsynced_names_) fs::remove_all(path);
    for (const fs::path& path : unsynced_bytes_)
      if (fs::exists(path)) fs::resize_file(path, fs::file_size(path) / 2);
    unsynced_names_.clear();
    unsynced_bytes_.clear();
    cut_at_ = fail_at_ = 0;
  }

  int open(const fs::path& path, int flags, unsigned mode) override {
    if (fails()) return -1;
    const bool is_new = (flags & O_CREAT) != 0 && !fs::exists(path);
    const int descriptor = real().open(path, flags, mode);
    if (descriptor >= 0) paths_[descriptor] = path;
    if (descriptor >= 0 && is_new) unsynced_names_.insert(path);
    return descriptor;
  }
  std::ptrdiff_t read(int descriptor, std::span<std::byte> into) override {
    return fails() ? -1 : real().read(descriptor, into);
  }
  std::ptrdiff_t write(int descriptor, std::span<const std::byte> bytes) override {
    if (fails()) return -1;
    unsynced_bytes_.insert(paths_.at(descriptor));
    return real().write(descriptor, bytes);
  }
  int fsync(int descriptor) override {
    if (fails()) return -1;
    const fs::path& path = paths_.at(descriptor);
    unsynced_bytes_.erase(path);
    if (fs::is_directory(path))
      std::erase_if(unsynced_names_,
                    [&](const fs::path& name) { return name.parent_path() == path; });
    return 0;
  }
  int close(int descriptor) override {
    paths_.erase(descriptor);
    return real().close(descriptor);
  }
  int rename(const fs::path& from, const fs::path& to) override {
    if (fails()) return -1;
    const int done = real().rename(from, to);
    if (done != 0) return done;
    for (auto& [descriptor, path] : paths_)
      if (path == from) path = to;
    if (unsynced_bytes_.erase(from) != 0) unsynced_bytes_.insert(to);
    unsynced_names_.erase(from);
    unsynced_names_.insert(to);
    return 0;
  }
  int unlink(const fs::path& path) override { return is_cut() ? -1 : real().unlink(path); }
  int make_folder(const fs::path& path, unsigned mode) override {
    if (fails()) return -1;
    const int done = real().make_folder(path, mode);
    if (done == 0) unsynced_names_.insert(path);
    return done;
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
    ++calls_;
    if (!is_cut() && calls_ != fail_at_) return false;
    errno = EIO;
    return true;
  }
  int calls_ = 0;
  int cut_at_ = 0;
  int fail_at_ = 0;
  std::map<int, fs::path> paths_;
  std::set<fs::path> unsynced_names_;
  std::set<fs::path> unsynced_bytes_;
};

const std::string content(100'000, 'p');
const std::string other(50'000, 'q');

struct Machine {
  testing::TempFolder temp;
  PowerFileOps files;

  result<ArtifactStore> store() { return ArtifactStore::open(temp.path() / "artifacts", files); }
  // Puts both, and answers what was acknowledged.
  std::vector<Blob> put() {
    std::vector<Blob> acknowledged;
    auto opened = store();
    if (!opened) return acknowledged;
    for (const std::string* bytes : {&content, &other, &content})
      if (const auto blob = opened->put_bytes(*bytes)) acknowledged.push_back(*blob);
    const fs::path reserved = opened->reserve(".mp4");
    std::ofstream(reserved) << "a film";
    if (const auto blob = opened->put_file(reserved)) acknowledged.push_back(*blob);
    return acknowledged;
  }
  void check(const std::vector<Blob>& acknowledged) {
    files.start_again();
    ArtifactStore opened = store().value();
    for (const Blob& blob : acknowledged) CHECK(opened.verify(blob.digest).has_value());
    for (const ListedBlob& listed : opened.list().value())
      CHECK(opened.verify(listed.blob.digest).has_value());
    CHECK(put().size() == 4);
  }
};

}  // namespace

TEST_CASE("a power cut at any file call loses no blob that was acknowledged, and damages none") {
  int nth = 1;
  for (bool cut = true; cut; ++nth) {
    CAPTURE(nth);
    Machine machine;
    machine.files.cut_at(nth);
    const auto acknowledged = machine.put();
    cut = machine.files.is_cut();
    if (!cut) CHECK(acknowledged.size() == 4);
    machine.check(acknowledged);
  }
  CHECK(nth > 20);
}

TEST_CASE("after a call that failed, what is acknowledged outlives a power cut all the same") {
  for (int nth = 1; nth < 50; ++nth) {
    CAPTURE(nth);
    Machine machine;
    machine.files.fail_at(nth);
    machine.put();
    machine.files.fail_at(0);
    const auto acknowledged = machine.put();
    CHECK(acknowledged.size() == 4);
    machine.check(acknowledged);
  }
}
