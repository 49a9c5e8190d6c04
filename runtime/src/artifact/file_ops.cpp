// SPDX-License-Identifier: Apache-2.0
#include "artifact/file_ops.hpp"

#include <fcntl.h>
#include <linux/fs.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>

namespace weft::artifact {
namespace {

class RealFileOps final : public FileOps {
 public:
  int open(const std::filesystem::path& path, int flags, unsigned mode) override {
    return ::open(path.c_str(), flags | O_CLOEXEC, mode);
  }
  std::ptrdiff_t read(int descriptor, std::span<std::byte> into) override {
    return ::read(descriptor, into.data(), into.size());
  }
  std::ptrdiff_t write(int descriptor, std::span<const std::byte> bytes) override {
    return ::write(descriptor, bytes.data(), bytes.size());
  }
  int fsync(int descriptor) override { return ::fsync(descriptor); }
  int close(int descriptor) override { return ::close(descriptor); }
  int rename(const std::filesystem::path& from, const std::filesystem::path& to) override {
    return std::rename(from.c_str(), to.c_str());
  }
  int unlink(const std::filesystem::path& path) override { return ::unlink(path.c_str()); }
  int make_folder(const std::filesystem::path& path, unsigned mode) override {
    return ::mkdir(path.c_str(), mode);
  }
  int touch(const std::filesystem::path& path) override {
    return ::utimensat(AT_FDCWD, path.c_str(), nullptr, 0);
  }
  int lock(int descriptor, bool exclusive) override {
    return ::flock(descriptor, exclusive ? LOCK_EX : LOCK_SH);
  }
  int clone(int from, int to) override { return ::ioctl(to, FICLONE, from); }
};

}  // namespace

FileOps& FileOps::real() {
  static RealFileOps files;  // has no state
  return files;
}

}  // namespace weft::artifact
