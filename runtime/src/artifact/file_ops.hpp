// SPDX-License-Identifier: Apache-2.0
// The thin layer of file calls under the artifact store, so that tests can make each one fail.
#pragma once
#include <cstddef>
#include <filesystem>
#include <span>

#include "base/result.hpp"

namespace weft::artifact {

// Each function is one system call and returns what it returns: -1 and errno on failure. Usable by
// any thread. real() is what everybody uses but tests.
class FileOps {
 public:
  virtual ~FileOps() = default;
  virtual int open(const std::filesystem::path& path, int flags, unsigned mode) = 0;
  virtual std::ptrdiff_t read(int descriptor, std::span<std::byte> into) = 0;
  virtual std::ptrdiff_t write(int descriptor, std::span<const std::byte> bytes) = 0;
  virtual int fsync(int descriptor) = 0;
  virtual int close(int descriptor) = 0;
  virtual int rename(const std::filesystem::path& from, const std::filesystem::path& to) = 0;
  virtual int unlink(const std::filesystem::path& path) = 0;
  virtual int make_folder(const std::filesystem::path& path, unsigned mode) = 0;
  // Sets the time of last change to now.
  virtual int touch(const std::filesystem::path& path) = 0;
  // Waits for the lock of an open file (flock), exclusive or shared; closing it gives it back.
  virtual int lock(int descriptor, bool exclusive) = 0;
  // Makes `to` share the bytes of `from` (FICLONE); fails on file systems that cannot.
  virtual int clone(int from, int to) = 0;

  static FileOps& real();
};

}  // namespace weft::artifact
