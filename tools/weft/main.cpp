// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <iostream>
#include <weft/runtime.hpp>

#include "command_line.hpp"

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);  // `weft runs | head` ends like any other
  const auto terminal = [](int fd) { return weft::cli::is_terminal(fd) ? fd : -1; };
  const weft::cli::Surroundings surroundings{
      std::cout,
      std::cerr,
      terminal(STDOUT_FILENO),
      terminal(STDERR_FILENO),
      [](weft::RuntimeOptions options) { return weft::Runtime::open(std::move(options)); },
      std::string(weft::version()),
      [](int exit_code) { std::_Exit(exit_code); }};
  return weft::cli::run_command_line(surroundings, {argv + 1, argv + argc});
}
