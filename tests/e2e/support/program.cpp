// SPDX-License-Identifier: Apache-2.0
#include "program.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <system_error>
#include <thread>
#include <utility>

namespace weft::testing {
namespace {

std::string content_of(const std::filesystem::path& file) {
  std::ostringstream text;
  text << std::ifstream(file, std::ios::binary).rdbuf();
  return text.str();
}

void redirect(const std::filesystem::path& file, int descriptor) {
  const int opened = ::open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (opened < 0 || ::dup2(opened, descriptor) < 0) ::_exit(126);
}

[[noreturn]] void become(char* const* arguments, const std::filesystem::path& folder,
                         const std::filesystem::path& out, const std::filesystem::path& err) {
  const int nothing = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  if (::chdir(folder.c_str()) != 0 || ::dup2(nothing, STDIN_FILENO) < 0) ::_exit(126);
  redirect(out, STDOUT_FILENO);
  redirect(err, STDERR_FILENO);
  ::execvp(arguments[0], arguments);
  ::_exit(127);
}

}  // namespace

Program::Program(const std::vector<std::string>& command, const std::filesystem::path& folder) {
  static std::atomic<unsigned> count = 0;
  const std::string number = std::to_string(++count);
  out_ = folder / ("said-" + number + ".out");
  err_ = folder / ("said-" + number + ".err");
  std::vector<std::string> words = command;
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  process_ = ::fork();
  if (process_ < 0) throw std::system_error(errno, std::generic_category(), "fork");
  if (process_ == 0) become(arguments.data(), folder, out_, err_);
}

Program::Program(Program&& other) noexcept
    : out_(std::move(other.out_)),
      err_(std::move(other.err_)),
      process_(std::exchange(other.process_, 0)),
      status_(other.status_) {}

Program::~Program() {
  if (!process_) return;
  signal(SIGKILL);
  reap(true);
}

void Program::signal(int number) const {
  if (process_) ::kill(process_, number);
}

bool Program::reap(bool block) {
  if (process_ && ::waitpid(process_, &status_, block ? 0 : WNOHANG) == process_) process_ = 0;
  return process_ == 0;
}

bool Program::running() {
  return !reap(false);
}

std::string Program::out() const {
  return content_of(out_);
}

Finished Program::finish(std::chrono::seconds limit) {
  if (!eventually([&] { return reap(false); }, limit)) {
    signal(SIGKILL);
    reap(true);
  }
  Finished finished;
  if (WIFEXITED(status_)) finished.exit_code = WEXITSTATUS(status_);
  if (WIFSIGNALED(status_)) finished.signal = WTERMSIG(status_);
  finished.out = content_of(out_);
  finished.err = content_of(err_);
  return finished;
}

Finished run_program(const std::vector<std::string>& command, const std::filesystem::path& folder) {
  return Program(command, folder).finish();
}

void wait_a_moment() {
  std::this_thread::sleep_for(std::chrono::milliseconds{2});
}

}  // namespace weft::testing
