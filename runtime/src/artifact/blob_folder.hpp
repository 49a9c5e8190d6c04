// SPDX-License-Identifier: Apache-2.0
// Where blobs lie, and how a finished file becomes one. Shared by a store and its writers.
#pragma once
#include <atomic>
#include <cstdint>
#include <filesystem>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "artifact/artifact_store.hpp"
#include "artifact/file_ops.hpp"

namespace weft::artifact {

// What errno means to an operator: "cannot write <path>: ...", and the remedy.
Error cannot(std::string_view verb, const std::filesystem::path& path, int number);

// Closes a descriptor when it goes.
class File {
 public:
  File(FileOps& files, int descriptor) noexcept : files_(&files), descriptor_(descriptor) {}
  File(File&& other) noexcept
      : files_(other.files_), descriptor_(std::exchange(other.descriptor_, -1)) {}
  File& operator=(File&&) = delete;
  ~File() {
    if (descriptor_ >= 0) files_->close(descriptor_);
  }
  int get() const noexcept { return descriptor_; }

 private:
  FileOps* files_;
  int descriptor_;
};

class BlobFolder {
 public:
  BlobFolder(std::filesystem::path folder, FileOps& operations);

  std::filesystem::path tmp() const { return path / "tmp"; }
  std::filesystem::path path_of(const Digest& digest) const;
  // A name in tmp that nobody else uses. It begins with the process id, which tells clean_tmp()
  // whose it is.
  std::filesystem::path new_tmp_path(std::string_view extension);

  // Makes a folder durably; no error when it is there.
  result<> make_folder(const std::filesystem::path& made);
  result<File> open(const std::filesystem::path& file, int flags);
  result<> sync_folder(const std::filesystem::path& synced);
  // Opens the folder of a blob and takes its lock: shared to put one, exclusive to remove one. So
  // whoever finds a blob there can rely on it until it is touched.
  result<File> lock_folder_of(const Digest& digest, bool exclusive);
  // Gives a file in tmp, whose bytes are on the disk, the name of its digest. A whole blob of that
  // name stays, and is touched; a damaged one is replaced. The file in tmp is gone afterwards,
  // unless it fails.
  result<Blob> place(const std::filesystem::path& tmp_file, const Blob& blob);

  const std::filesystem::path path;
  FileOps& files;

 private:
  const std::string prefix_;
  std::atomic<std::uint64_t> next_ = 1;
  std::mutex mutex_;
  std::set<std::filesystem::path> durable_;  // folders whose names are: a few hundred at most
};

}  // namespace weft::artifact
