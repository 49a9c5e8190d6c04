// SPDX-License-Identifier: Apache-2.0
#include "plugin/child_start.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>

extern char** environ;

namespace weft::plugin {
namespace {

namespace fs = std::filesystem;

// What a child may see of the runtime's environment; keys may stand in the rest.
bool is_passed_on(std::string_view variable) {
  for (const std::string_view name : {"PATH=", "HOME=", "LANG=", "TMPDIR="})
    if (variable.starts_with(name)) return true;
  return variable.starts_with("LC_") || variable.starts_with("CUDA_");
}

std::vector<std::string> environment_of(const ChildCommand& command) {
  std::vector<std::string> all;
  for (char** variable = environ; variable && *variable; ++variable)
    if (is_passed_on(*variable)) all.emplace_back(*variable);
  for (const auto& [name, value] : command.environment) {
    const std::string begin = name + "=";
    std::erase_if(all, [&](const std::string& other) { return other.starts_with(begin); });
    all.push_back(begin + value);
  }
  return all;
}

// execvpe is not async-signal-safe, so the program is found before the fork.
std::optional<fs::path> find_program(const std::string& name) {
  const auto runs = [](const fs::path& file) {
    std::error_code error;
    return fs::is_regular_file(file, error) && ::access(file.c_str(), X_OK) == 0;
  };
  if (name.find('/') != std::string::npos)
    return runs(name) ? std::optional<fs::path>(name) : std::nullopt;
  const char* variable = std::getenv("PATH");
  std::string_view rest = variable ? variable : "/usr/bin:/bin";
  for (bool more = true; more;) {
    const auto colon = rest.find(':');
    const fs::path candidate = fs::path(rest.substr(0, colon)) / name;
    if (runs(candidate)) return candidate;
    more = colon != std::string_view::npos;
    if (more) rest.remove_prefix(colon + 1);
  }
  return std::nullopt;
}

std::vector<char*> pointers_to(const std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (const std::string& text : texts) pointers.push_back(const_cast<char*>(text.c_str()));
  pointers.push_back(nullptr);
  return pointers;
}

// A pipe whose ends are above the standard descriptors, so that dup2 onto those hits neither.
bool make_pipe(Descriptor& from, Descriptor& to) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return false;
  const Descriptor low_from(ends[0]), low_to(ends[1]);
  from = Descriptor(::fcntl(ends[0], F_DUPFD_CLOEXEC, 10));
  to = Descriptor(::fcntl(ends[1], F_DUPFD_CLOEXEC, 10));
  return from && to;
}

// All that the child needs between fork and exec, made ready before the fork.
struct Preparation {
  const char* program;
  char* const* argv;
  char* const* environment;
  const char* folder;
  int null_device, out, error, failure, guardian;
  pid_t parent;
};

// Runs in a fork of a process with many threads: nothing but async-signal-safe calls.
[[noreturn]] void become(const Preparation& with) noexcept {
  const auto give_up = [&with]() {
    const int error = errno;
    (void)!::write(with.failure, &error, sizeof error);
    ::_exit(127);
  };
  ::setpgid(0, 0);
  Guardian::announce(with.guardian, ::getpid());
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != with.parent) ::_exit(127);  // it died before the line above
  struct sigaction fallback {};
  fallback.sa_handler = SIG_DFL;
  for (int signal = 1; signal < NSIG; ++signal) ::sigaction(signal, &fallback, nullptr);
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  if (::chdir(with.folder) != 0) give_up();
  if (::dup2(with.null_device, 0) < 0 || ::dup2(with.out, 1) < 0 || ::dup2(with.error, 2) < 0 ||
      ::dup3(with.failure, 3, O_CLOEXEC) < 0)
    give_up();
  ::close_range(4, ~0U, 0);
  ::execve(with.program, with.argv, with.environment);
  const int error = errno;
  (void)!::write(3, &error, sizeof error);
  ::_exit(127);
}

ChildExit not_started(const std::string& what) {
  return {ChildEnd::not_started, -1, 0, what + ": " + std::strerror(errno)};
}

}  // namespace

void Descriptor::reset() noexcept {
  if (number_ >= 0) ::close(std::exchange(number_, -1));
}

ChildStart start_child(const ChildCommand& command, int guardian) {
  const auto program = find_program(command.argv.front());
  if (!program)
    return {std::nullopt,
            {ChildEnd::no_such_program, -1, 0, "there is no program " + command.argv.front()}};
  const auto environment = environment_of(command);
  const auto argv = pointers_to(command.argv);
  const auto variables = pointers_to(environment);

  StartedChild child;
  Descriptor out, error, failed, failure;
  const Descriptor null_device(::open("/dev/null", O_RDWR | O_CLOEXEC));
  if (!null_device || !make_pipe(child.out, out) || !make_pipe(child.error, error) ||
      !make_pipe(failed, failure))
    return {std::nullopt, not_started("no descriptor left")};
  const Preparation ready{program->c_str(),  argv.data(), variables.data(), command.folder.c_str(),
                          null_device.get(), out.get(),   error.get(),      failure.get(),
                          guardian,          ::getpid()};
  child.process = ::fork();
  if (child.process == 0) become(ready);
  if (child.process < 0) return {std::nullopt, not_started("fork")};
  failure.reset();
  int why = 0;
  ssize_t size = 0;
  while ((size = ::read(failed.get(), &why, sizeof why)) < 0 && errno == EINTR) {
  }
  if (size != 0) {
    Guardian::take_back(guardian, child.process);
    ::waitpid(child.process, nullptr, 0);
    errno = why;
    return {std::nullopt, not_started(command.argv.front())};
  }
  child.exited = Descriptor(static_cast<int>(::syscall(SYS_pidfd_open, child.process, 0)));
  if (!child.exited) {
    const ChildExit failed_to_watch = not_started("pidfd");
    ::kill(-child.process, SIGKILL);
    Guardian::take_back(guardian, child.process);
    ::waitpid(child.process, nullptr, 0);
    return {std::nullopt, failed_to_watch};
  }
  for (const Descriptor* end : {&child.out, &child.error}) ::fcntl(end->get(), F_SETFL, O_NONBLOCK);
  return {std::move(child), {}};
}

}  // namespace weft::plugin
