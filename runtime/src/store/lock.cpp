// SPDX-License-Identifier: Apache-2.0
#include "store/lock.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <string>
#include <system_error>
#include <utility>

#include "store/options.hpp"

namespace weft::store {
namespace {

std::filesystem::path lock_file(const std::filesystem::path& folder) {
  return folder / "runtime.lock";
}

// Close-on-exec keeps the lock from living on in a child.
int open_to_lock(const std::filesystem::path& file) {
  return ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
}

Error cannot(const char* what, const std::filesystem::path& file, int number) {
  return machine(std::string("cannot ") + what + " " + file.string() + ": " +
                     std::generic_category().message(number),
                 "give this user the right to write " + file.parent_path().string());
}

// A lock of the open file description: it does not belong to the process, as plain fcntl locks do,
// so a second runtime in one process is kept out as well, and closing another descriptor of the
// file frees nothing.
struct flock whole_file(short type) {
  struct flock lock {};
  lock.l_type = type;
  lock.l_whence = SEEK_SET;
  return lock;
}

std::optional<int> written_pid(int descriptor) {
  std::array<char, 16> text{};
  const auto length = ::pread(descriptor, text.data(), text.size(), 0);
  int pid = 0;
  if (length <= 0) return std::nullopt;
  if (std::from_chars(text.data(), text.data() + length, pid).ec != std::errc{})
    return std::nullopt;
  return pid;
}

void write_pid(int descriptor) {
  const std::string text = std::to_string(::getpid()) + "\n";
  // It is a courtesy to people: whether it can be written does not matter.
  if (::ftruncate(descriptor, 0) == 0) [[maybe_unused]]
    const auto written = ::pwrite(descriptor, text.data(), text.size(), 0);
}

// `held`: what it means when somebody else has it.
result<FileLock> lock(const std::filesystem::path& file, const std::string& held,
                      std::string remedy) {
  const int descriptor = open_to_lock(file);
  if (descriptor < 0) return cannot("open", file, errno);
  FileLock lock(descriptor);
  struct flock wanted = whole_file(F_WRLCK);
  if (::fcntl(descriptor, F_OFD_SETLK, &wanted) != 0) {
    if (errno != EAGAIN && errno != EACCES) return cannot("lock", file, errno);
    const auto pid = written_pid(descriptor);
    return conflict(held + (pid ? " (process " + std::to_string(*pid) + ")" : ""),
                    std::move(remedy));
  }
  write_pid(descriptor);
  return lock;
}

}  // namespace

FileLock::FileLock(FileLock&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}

FileLock& FileLock::operator=(FileLock&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  return *this;
}

FileLock::~FileLock() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

result<FileLock> lock_runtime(const std::filesystem::path& folder) {
  return lock(lock_file(folder), "another runtime executes the runs of " + folder.string(),
              "submit to it, or stop it first");
}

result<FileLock> lock_making(const std::filesystem::path& folder) {
  if (auto made = make_state_folder(folder); !made) return std::move(made).error();
  return lock(folder / "making.lock", "another 'weft make' finds out what is missing",
              "it takes no longer than planning a run; ask again then");
}

std::optional<int> lock_holder(const std::filesystem::path& folder) {
  const int descriptor = ::open(lock_file(folder).c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return std::nullopt;
  std::optional<int> pid;
  struct flock found = whole_file(F_RDLCK);
  if (::fcntl(descriptor, F_OFD_GETLK, &found) == 0 && found.l_type != F_UNLCK)
    pid = written_pid(descriptor).value_or(0);
  ::close(descriptor);
  return pid;
}

}  // namespace weft::store
