// SPDX-License-Identifier: Apache-2.0
#include "secret_line.hpp"

#include <termios.h>
#include <unistd.h>

#include <iostream>

namespace weft::cli {
namespace {

// While it exists, the terminal does not show what is typed.
class NoEcho {
 public:
  NoEcho() {
    is_terminal_ = ::tcgetattr(STDIN_FILENO, &before_) == 0;
    if (!is_terminal_) return;
    termios quiet = before_;
    quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet);
  }
  ~NoEcho() {
    if (!is_terminal_) return;
    ::tcsetattr(STDIN_FILENO, TCSANOW, &before_);
    std::cerr << std::endl;  // the one that was typed was not shown
  }
  NoEcho(const NoEcho&) = delete;
  NoEcho& operator=(const NoEcho&) = delete;

 private:
  termios before_{};
  bool is_terminal_ = false;
};

}  // namespace

result<std::string> read_secret_line(const std::string& prompt) {
  if (::isatty(STDIN_FILENO) != 0) std::cerr << prompt << std::flush;
  const NoEcho no_echo;
  std::string line;
  if (!std::getline(std::cin, line))
    return invalid("standard input is empty", "type the value, or hand it in: < key.txt");
  if (!line.empty() && line.back() == '\r') line.pop_back();
  return line;
}

}  // namespace weft::cli
