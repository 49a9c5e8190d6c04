// SPDX-License-Identifier: Apache-2.0
#include "process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <filesystem>
#include <stdexcept>

namespace weft::bench {
namespace {

void check(bool good, const char* what) {
  if (!good) throw std::runtime_error(std::string(what) + " failed");
}

}  // namespace

Process::Process(const std::vector<std::string>& arguments) {
  std::vector<std::string> all{"--child"};
  all.insert(all.end(), arguments.begin(), arguments.end());
  start(WEFT_BENCH_PROGRAM, std::move(all));
}

Process::Process(const std::string& program, const std::vector<std::string>& arguments) {
  start(program, arguments);
}

Process::~Process() {
  kill();
  ::close(in_);
  ::close(out_);
}

void Process::start(const std::string& program, std::vector<std::string> arguments) {
  std::array<int, 2> in{}, out{};
  check(::pipe2(in.data(), O_CLOEXEC) == 0 && ::pipe2(out.data(), O_CLOEXEC) == 0, "pipe");
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, in[0], STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, out[1], STDOUT_FILENO);
  std::string name = program;
  std::vector<char*> argv{name.data()};
  for (std::string& argument : arguments) argv.push_back(argument.data());
  argv.push_back(nullptr);
  const int failed =
      ::posix_spawn(&process_, program.c_str(), &actions, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  ::close(in[0]);
  ::close(out[1]);
  in_ = in[1];
  out_ = out[0];
  check(failed == 0, "starting a process");
}

std::string Process::read_line() {
  std::string line;
  for (char c = 0; ::read(out_, &c, 1) == 1;) {
    if (c == '\n') return line;
    line += c;
  }
  throw std::runtime_error("a child process ended without its answer");
}

void Process::write_line(const std::string& line) {
  const std::string text = line + "\n";
  check(::write(in_, text.data(), text.size()) == static_cast<ssize_t>(text.size()), "write");
}

std::size_t Process::counted() {
  std::array<char, 4096> buffer{};
  for (pollfd ready{out_, POLLIN, 0}; ::poll(&ready, 1, 0) > 0;) {
    const ssize_t count = ::read(out_, buffer.data(), buffer.size());
    check(count > 0, "counting");
    counted_ += static_cast<std::size_t>(count);
  }
  return counted_;
}

int Process::wait() {
  int status = 0;
  if (process_ != 0) ::waitpid(process_, &status, 0);
  process_ = 0;
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

void Process::kill() {
  if (process_ == 0) return;
  ::kill(process_, SIGKILL);
  wait();
}

}  // namespace weft::bench
