// SPDX-License-Identifier: Apache-2.0
// weft/testing/child.hpp - real child processes for the fake host, by plain POSIX calls.
#pragma once

#include <weft/draft/process.h>
#include <weft/plugin/values.hpp>

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weft::testing::detail {

struct child_request {
  std::vector<std::string> argv;
  std::string cwd;
  std::vector<std::string> environment;  // "NAME=value", all there is
  std::uint32_t timeout_ms = 0;
};

struct child_end {
  weft_status status = WEFT_OK;
  int code = 0;
  int signal = 0;
  std::string message = {};
};

class descriptor {
 public:
  descriptor() = default;
  explicit descriptor(int fd) : fd_(fd) {}
  descriptor(descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  descriptor& operator=(descriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~descriptor() { close(); }
  void close() noexcept {
    if (fd_ >= 0) ::close(std::exchange(fd_, -1));
  }
  int get() const noexcept { return fd_; }

 private:
  int fd_ = -1;
};

struct pipe_ends {
  descriptor read, write;
  pipe_ends() {
    int fds[2];
    if (::pipe2(fds, O_CLOEXEC) != 0) throw error(WEFT_NOT_SENT, "no pipe for a child process");
    read = descriptor(fds[0]);
    write = descriptor(fds[1]);
  }
};

// A child in a process group of its own, which is killed and reaped with this object.
class child {
 public:
  explicit child(const child_request& request) {
    pipe_ends out, err, trouble;
    std::vector<char*> argv, environment;
    for (const auto& text : request.argv) argv.push_back(const_cast<char*>(text.c_str()));
    for (const auto& text : request.environment)
      environment.push_back(const_cast<char*>(text.c_str()));
    argv.push_back(nullptr);
    environment.push_back(nullptr);
    pid_ = ::fork();
    if (pid_ < 0) throw error(WEFT_NOT_SENT, "no child process: " + reason(errno));
    if (pid_ == 0) become(request.cwd.c_str(), argv, environment, out, err, trouble);
    ::setpgid(pid_, pid_);  // also done by the child: whoever comes first
    out.write.close();
    err.write.close();
    trouble.write.close();
    int problem = 0;
    if (::read(trouble.read.get(), &problem, sizeof problem) == sizeof problem) {
      ::waitpid(std::exchange(pid_, -1), nullptr, 0);
      throw error(problem == ENOENT || problem == EACCES ? WEFT_UNSUPPORTED : WEFT_NOT_SENT,
                  "cannot run '" + request.argv.front() + "': " + reason(problem));
    }
    streams_[0].from = std::move(out.read);
    streams_[1].from = std::move(err.read);
  }
  child(const child&) = delete;
  child& operator=(const child&) = delete;
  ~child() {
    if (pid_ < 0) return;
    signal_group(SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }

  using line_function = std::function<void(std::uint32_t stream, std::string_view line)>;

  // Reads what is there within 20 ms. False: nothing will come any more.
  bool read_some(const line_function& on_line) {
    std::array<pollfd, 2> watched{};
    for (std::size_t i = 0; i < 2; ++i) watched[i] = {streams_[i].from.get(), POLLIN, 0};
    ::poll(watched.data(), 2, 20);
    for (std::size_t i = 0; i < 2; ++i)
      if ((watched[i].revents & (POLLIN | POLLHUP | POLLERR)) != 0)
        streams_[i].read(static_cast<std::uint32_t>(i + 1), on_line);
    return streams_[0].from.get() >= 0 || streams_[1].from.get() >= 0;
  }
  void signal_group(int number) const noexcept { ::kill(-pid_, number); }

  // Has the child itself ended, not yet reaped? Others of its group may hold its pipes open.
  bool has_ended() const noexcept {
    siginfo_t info{};
    return ::waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
           info.si_pid == pid_;
  }

  // Has it ended? Then how is in `end`.
  bool reap(child_end& end) {
    int state = 0;
    if (::waitpid(pid_, &state, WNOHANG) != pid_) return false;
    pid_ = -1;
    end.code = WIFEXITED(state) ? WEXITSTATUS(state) : -1;
    end.signal = WIFSIGNALED(state) ? WTERMSIG(state) : 0;
    return true;
  }

 private:
  struct stream {
    descriptor from = {};
    std::string rest = {};

    void read(std::uint32_t number, const line_function& on_line) {
      std::array<char, 65536> buffer;
      const ssize_t got = ::read(from.get(), buffer.data(), buffer.size());
      if (got < 0 && errno == EINTR) return;
      if (got > 0) rest.append(buffer.data(), static_cast<std::size_t>(got));
      for (std::size_t end; (end = rest.find_first_of("\r\n")) != std::string::npos;) {
        const std::string line = rest.substr(0, end);
        rest.erase(0, end + (rest.compare(end, 2, "\r\n") == 0 ? 2 : 1));
        on_line(number, line);
      }
      if (got > 0) return;
      from.close();
      if (!rest.empty()) on_line(number, std::exchange(rest, {}));
    }
  };

  static std::string reason(int number) { return std::strerror(number); }

  // In the child: only async-signal-safe calls from here to exec.
  [[noreturn]] static void become(const char* cwd, std::vector<char*>& argv,
                                  std::vector<char*>& environment, const pipe_ends& out,
                                  const pipe_ends& err, const pipe_ends& trouble) {
    ::setpgid(0, 0);
    const int nothing = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
    ::dup2(nothing, STDIN_FILENO);
    ::dup2(out.write.get(), STDOUT_FILENO);
    ::dup2(err.write.get(), STDERR_FILENO);
    if (::chdir(cwd) == 0) ::execvpe(argv[0], argv.data(), environment.data());
    const int problem = errno;
    (void)!::write(trouble.write.get(), &problem, sizeof problem);
    ::_exit(127);
  }

  pid_t pid_ = -1;
  std::array<stream, 2> streams_;
};

// Runs a child to its end. `stop` is asked often; true: SIGTERM to the group, 2 s later SIGKILL.
inline child_end run_child(const child_request& request, const std::function<bool()>& stop,
                           const child::line_function& on_line) {
  using clock = std::chrono::steady_clock;
  child_end end;
  const auto begun = clock::now();
  auto stopped = clock::time_point::max();
  try {
    child process(request);
    for (bool talks = true, lives = true; lives;) {
      if (talks) {
        if (process.has_ended()) process.signal_group(SIGKILL);  // what it left behind
        talks = process.read_some(on_line);
      } else {
        ::poll(nullptr, 0, 20);
      }
      const auto now = clock::now();
      const bool late =
          request.timeout_ms != 0 && now - begun > std::chrono::milliseconds(request.timeout_ms);
      if (stopped == clock::time_point::max() && (late || stop())) {
        end.status = late ? WEFT_TRANSIENT : WEFT_CANCELLED;
        end.message = late ? "its time was up" : "cancelled";
        stopped = now;
        process.signal_group(SIGTERM);
      }
      if (stopped != clock::time_point::max() && now - stopped > std::chrono::seconds(2))
        process.signal_group(SIGKILL);
      if (!talks) lives = !process.reap(end);
    }
  } catch (const error& e) {
    end = {e.status(), -1, 0, e.what()};
  }
  return end;
}

}  // namespace weft::testing::detail
