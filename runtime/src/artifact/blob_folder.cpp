// SPDX-License-Identifier: Apache-2.0
#include "artifact/blob_folder.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <random>
#include <system_error>

namespace weft::artifact {
namespace {

std::string remedy_for(int number, const std::filesystem::path& path) {
  const std::string folder = path.parent_path().string();
  switch (number) {
    case ENOSPC:
    case EDQUOT:
      return "free space on the disk of " + folder + ", then try again";
    case EACCES:
    case EPERM:
    case EROFS:
      return "give this user the right to read and write " + folder;
    case EIO:
      return "check the disk of " + folder + " and the kernel's log for its errors";
    case EMFILE:
    case ENFILE:
      return "raise the number of open files ('ulimit -n')";
    default:
      return "check " + folder;
  }
}

// Two runtimes may share a process id across containers that share a folder.
std::string random_suffix() {
  std::random_device random;
  return std::to_string(random()) + std::to_string(random());
}

}  // namespace

Error cannot(std::string_view verb, const std::filesystem::path& path, int number) {
  return machine("cannot " + std::string(verb) + " " + path.string() + ": " +
                     std::generic_category().message(number),
                 remedy_for(number, path));
}

BlobFolder::BlobFolder(std::filesystem::path folder, FileOps& operations)
    : path(std::move(folder)),
      files(operations),
      prefix_(std::to_string(::getpid()) + "-" + random_suffix() + "-") {}

std::filesystem::path BlobFolder::path_of(const Digest& digest) const {
  const std::string name = digest.to_string();
  return path / name.substr(0, 2) / name;
}

std::filesystem::path BlobFolder::new_tmp_path(std::string_view extension) {
  return tmp() / (prefix_ + std::to_string(next_++) + std::string(extension));
}

result<File> BlobFolder::open(const std::filesystem::path& file, int flags) {
  const int descriptor = files.open(file, flags, 0644);
  if (descriptor < 0) return cannot("open", file, errno);
  return File(files, descriptor);
}

result<> BlobFolder::sync_folder(const std::filesystem::path& synced) {
  auto folder = open(synced, O_RDONLY | O_DIRECTORY);
  if (!folder) return folder.error();
  if (files.fsync(folder->get()) != 0) return cannot("write", synced, errno);
  return {};
}

result<> BlobFolder::make_folder(const std::filesystem::path& made) {
  if (files.make_folder(made, 0755) != 0 && errno != EEXIST)
    return cannot("make the folder", made, errno);
  // Also when it was there: whoever made it may have died, or failed, before its name was durable.
  const std::lock_guard lock(mutex_);
  if (durable_.contains(made)) return {};
  if (auto synced = sync_folder(made.parent_path()); !synced) return synced;
  durable_.insert(made);
  return {};
}

result<File> BlobFolder::lock_folder_of(const Digest& digest, bool exclusive) {
  const std::filesystem::path shard = path_of(digest).parent_path();
  auto folder = open(shard, O_RDONLY | O_DIRECTORY);
  if (!folder) return folder;
  while (files.lock(folder->get(), exclusive) != 0)
    if (errno != EINTR) return cannot("lock", shard, errno);
  return folder;
}

result<Blob> BlobFolder::place(const std::filesystem::path& tmp_file, const Blob& blob) {
  const std::filesystem::path target = path_of(blob.digest);
  if (auto made = make_folder(target.parent_path()); !made) return made.error();
  const auto folder = lock_folder_of(blob.digest, false);
  if (!folder) return folder.error();
  std::error_code error;
  const bool is_there = std::filesystem::file_size(target, error) == blob.size_bytes && !error;
  // Touched first: garbage collection leaves alone what has been used of late.
  if (is_there && files.touch(target) != 0) return cannot("touch", target, errno);
  if (!is_there && files.rename(tmp_file, target) != 0) return cannot("write", target, errno);
  // Also when it was there: whoever put it may not have come so far yet.
  if (files.fsync(folder->get()) != 0) return cannot("write", target.parent_path(), errno);
  if (is_there) files.unlink(tmp_file);
  return blob;
}

}  // namespace weft::artifact
