// SPDX-License-Identifier: Apache-2.0
#include "plugin/child_process.hpp"

#include <poll.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>

#include "plugin/child_start.hpp"
#include "plugin/child_usage.hpp"

namespace weft::plugin {
namespace {

using Clock = std::chrono::steady_clock;
constexpr auto grace = std::chrono::seconds(2);  // from SIGTERM to SIGKILL
constexpr std::size_t line_bytes_at_most = 64 << 10;

// Cuts a stream of bytes into lines.
class LineSplitter {
 public:
  template <class Take>
  void add(std::string_view bytes, Take take) {
    for (const char byte : bytes) {
      // A \r\n is one end, a bare \r (a progress display) is one too.
      if (byte == '\n' && std::exchange(after_return_, false)) continue;
      after_return_ = byte == '\r';
      if (byte == '\n' || byte == '\r') {
        take(std::exchange(line_, {}));
      } else {
        line_ += byte;
        if (line_.size() == line_bytes_at_most) take(std::exchange(line_, {}));
      }
    }
  }
  template <class Take>
  void finish(Take take) {
    if (!line_.empty()) take(std::exchange(line_, {}));
  }

 private:
  std::string line_;
  bool after_return_ = false;
};

class Run {
 public:
  Run(StartedChild child, const ChildCommand& command, const StopSignal& stop,
      const OnLine& on_line)
      : child_(std::move(child)), stop_(stop), on_line_(on_line), watch_(child_.process) {
    if (command.timeout > Duration::zero()) timeout_at_ = Clock::now() + command.timeout;
  }

  ChildExit to_end(int guardian) {
    while (!wait_for_something()) {
    }
    // What it left behind in its group goes with it; only then may its id be used again.
    ::kill(-child_.process, SIGKILL);
    Guardian::take_back(guardian, child_.process);
    int status = 0;
    rusage used{};
    while (::wait4(child_.process, &status, 0, &used) < 0 && errno == EINTR) {
    }
    read_all(child_.out, false);
    read_all(child_.error, true);
    for (const bool is_error : {false, true})
      lines_[is_error].finish([&](const std::string& line) { tell(is_error, line); });
    ChildExit exit;
    exit.end = end_;
    exit.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    exit.signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    exit.usage = watch_.total(used);
    return exit;
  }

 private:
  // True once the child has exited.
  bool wait_for_something() {
    std::array<pollfd, 4> watched{
        {{child_.exited.get(), POLLIN, 0},
         {child_.out.get(), POLLIN, 0},
         {child_.error.get(), POLLIN, 0},
         {end_ == ChildEnd::exited ? stop_.descriptor() : -1, POLLIN, 0}}};
    if (::poll(watched.data(), watched.size(), milliseconds_to_wait()) < 0) return false;
    if (watched[1].revents != 0) read_all(child_.out, false);
    if (watched[2].revents != 0) read_all(child_.error, true);
    if (watched[3].revents != 0) end_it(ChildEnd::stopped);
    const auto now = Clock::now();
    watch_.look(now);
    if (timeout_at_ && now >= *timeout_at_) end_it(ChildEnd::timed_out);
    if (kill_at_ && now >= *kill_at_) {
      ::kill(-child_.process, SIGKILL);
      kill_at_.reset();
    }
    return watched[0].revents != 0;
  }

  int milliseconds_to_wait() const {
    auto next = watch_.next_look();
    if (timeout_at_ && *timeout_at_ < next) next = *timeout_at_;
    if (kill_at_ && *kill_at_ < next) next = *kill_at_;
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(next - Clock::now()).count();
    return static_cast<int>(std::clamp<std::int64_t>(left, 0, 3'600'000));
  }

  void end_it(ChildEnd why) {
    timeout_at_.reset();
    if (end_ != ChildEnd::exited) return;
    end_ = why;
    ::kill(-child_.process, SIGTERM);
    kill_at_ = Clock::now() + grace;
  }

  void read_all(Descriptor& from, bool is_error) {
    std::array<char, 16 << 10> buffer;
    // As much as a pipe holds by far, so that one that never rests cannot keep us from the clock.
    for (int pieces = 64; from && pieces > 0; --pieces) {
      const ssize_t size = ::read(from.get(), buffer.data(), buffer.size());
      if (size < 0 && errno == EINTR) continue;
      if (size < 0) return;  // no more for now
      if (size == 0) return from.reset();
      lines_[is_error].add({buffer.data(), static_cast<std::size_t>(size)},
                           [&](const std::string& line) { tell(is_error, line); });
    }
  }

  void tell(bool is_error, const std::string& line) {
    if (deaf_ || on_line_(is_error, line)) return;
    deaf_ = true;
    end_it(ChildEnd::stopped);
  }

  StartedChild child_;
  const StopSignal& stop_;
  const OnLine& on_line_;
  ChildUsage watch_;
  std::array<LineSplitter, 2> lines_;
  bool deaf_ = false;                // on_line wants no more
  ChildEnd end_ = ChildEnd::exited;  // or why it is being ended
  std::optional<Clock::time_point> timeout_at_;
  std::optional<Clock::time_point> kill_at_;
};

}  // namespace

ChildExit run_child(const ChildCommand& command, Guardian& guardian, const StopSignal& stop,
                    const OnLine& on_line) {
  const auto watcher = guardian.descriptor();
  if (!watcher) return {ChildEnd::not_started, -1, 0, watcher.error().to_string()};
  ChildStart started = start_child(command, *watcher);
  if (!started.child) return started.failure;
  return Run(std::move(*started.child), command, stop, on_line).to_end(*watcher);
}

}  // namespace weft::plugin
