// SPDX-License-Identifier: Apache-2.0
#include "plugin/guardian.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace weft::plugin {
namespace {

constexpr std::size_t groups_at_most = 1024;

// Everything from here to the next comment runs in a fork of a process with many threads: nothing
// but async-signal-safe calls, no allocation.
void note(std::array<pid_t, groups_at_most>& groups, pid_t message) noexcept {
  const pid_t wanted = message > 0 ? 0 : -message;
  for (pid_t& group : groups)
    if (group == wanted) {
      group = message > 0 ? message : 0;
      return;
    }
}

[[noreturn]] void watch(int pipe_end) noexcept {
  ::setsid();  // Ctrl-C at the terminal is for the runtime
  struct sigaction ignore {};
  ignore.sa_handler = SIG_IGN;
  for (const int signal : {SIGHUP, SIGINT, SIGTERM, SIGPIPE}) ::sigaction(signal, &ignore, nullptr);
  ::dup2(pipe_end, 0);
  ::close_range(1, ~0U, 0);  // what the runtime had open (its lock, above all) shall end with it
  std::array<pid_t, groups_at_most> groups{};
  pid_t message = 0;
  for (;;) {
    const ssize_t size = ::read(0, &message, sizeof message);
    if (size == sizeof message) note(groups, message);
    if (size == 0) break;
    if (size < 0 && errno != EINTR) break;
  }
  for (const pid_t group : groups)
    if (group > 0) ::kill(-group, SIGKILL);
  ::_exit(0);
}

// Messages are smaller than PIPE_BUF, so those of several writers do not mix.
void tell(int descriptor, pid_t message) noexcept {
  while (::write(descriptor, &message, sizeof message) < 0 && errno == EINTR) {
  }
}

}  // namespace

result<int> Guardian::descriptor() {
  const std::lock_guard lock(mutex_);
  if (descriptor_ >= 0) return descriptor_;
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0)
    return machine(std::string("pipe: ") + std::strerror(errno));
  const pid_t process = ::fork();
  if (process == 0) watch(ends[0]);
  const int error = errno;
  ::close(ends[0]);
  if (process < 0) {
    ::close(ends[1]);
    return machine(std::string("fork: ") + std::strerror(error));
  }
  process_ = process;
  descriptor_ = ends[1];
  return descriptor_;
}

Guardian::~Guardian() {
  if (descriptor_ < 0) return;
  ::close(descriptor_);
  while (::waitpid(process_, nullptr, 0) < 0 && errno == EINTR) {
  }
}

void Guardian::announce(int descriptor, pid_t group) noexcept {
  tell(descriptor, group);
}
void Guardian::take_back(int descriptor, pid_t group) noexcept {
  tell(descriptor, -group);
}

}  // namespace weft::plugin
