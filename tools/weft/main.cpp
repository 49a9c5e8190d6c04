// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <iostream>
#include <weft/runtime.hpp>

#include "command_line.hpp"
#include "secret_line.hpp"

namespace {

// A standard stream that is closed must not become the number of a file that the runtime opens.
// What stands in for it refuses what a program does with it.
void keep_standard_streams() {
  for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
    if (::fcntl(fd, F_GETFD) < 0) [[maybe_unused]]
      const int taken = ::open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
}

// Has everything been printed? Who reads from a pipe may leave when he has seen enough.
bool said_all() {
  std::cout.flush();
  struct stat out {};
  const bool piped =
      ::fstat(STDOUT_FILENO, &out) == 0 && (S_ISFIFO(out.st_mode) || S_ISSOCK(out.st_mode));
  return std::cout.good() || piped;
}

}  // namespace

int main(int argc, char** argv) {
  keep_standard_streams();
  std::signal(SIGPIPE, SIG_IGN);  // `weft runs | head` ends like any other
  const auto terminal = [](int fd) { return weft::cli::is_terminal(fd) ? fd : -1; };
  const weft::cli::Surroundings surroundings{
      std::cout,
      std::cerr,
      terminal(STDOUT_FILENO),
      terminal(STDERR_FILENO),
      [](weft::RuntimeOptions options) { return weft::Runtime::open(std::move(options)); },
      std::string(weft::version()),
      [](int exit_code) { std::_Exit(exit_code); },
      weft::cli::read_secret_line};
  const int code = weft::cli::run_command_line(surroundings, {argv + 1, argv + argc});
  if (said_all()) return code;
  std::cerr << "error: standard output cannot be written\n"
               "    it is closed, or its disk is full\n";
  return weft::exit_code(weft::machine("standard output cannot be written"));
}
