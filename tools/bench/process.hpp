// SPDX-License-Identifier: Apache-2.0
// Processes that are measured, or killed, from outside.
#pragma once
#include <sys/types.h>

#include <string>
#include <vector>

namespace weft::bench {

// A program with a pipe to its standard input and one from its standard output. Killed with this
// object.
class Process {
 public:
  // weft-bench itself as a child with these arguments (see child.hpp).
  explicit Process(const std::vector<std::string>& arguments);
  // Any program, by its path.
  Process(const std::string& program, const std::vector<std::string>& arguments);
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  pid_t id() const noexcept { return process_; }
  // The next line that it prints, without its end; throws std::runtime_error when none comes.
  std::string read_line();
  void write_line(const std::string& line);
  // For a child that prints a character for each of something: how many so far. Does not wait.
  std::size_t counted();
  // The exit code; -1 when a signal killed it.
  int wait();
  // SIGKILL, and gone on return.
  void kill();

 private:
  void start(const std::string& program, std::vector<std::string> arguments);

  pid_t process_ = 0;
  int in_ = -1;
  int out_ = -1;
  std::size_t counted_ = 0;
};

}  // namespace weft::bench
