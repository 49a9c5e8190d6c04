// SPDX-License-Identifier: Apache-2.0
// A program that runs beside the test, and what it said.
#pragma once
#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

namespace weft::testing {

struct Finished {
  int exit_code = -1;  // -1: killed
  int signal = 0;      // that killed it; 0: it ended by itself
  std::string out;
  std::string err;
};

// Runs until it ends, or is killed with this value.
class Program {
 public:
  // `folder` is where it runs, and where what it says is kept while it runs.
  Program(const std::vector<std::string>& command, const std::filesystem::path& folder);
  ~Program();
  Program(Program&& other) noexcept;
  Program(const Program&) = delete;
  Program& operator=(Program&&) = delete;

  void signal(int number) const;
  // Waits for the end; kills it when it has not come after `limit`.
  Finished finish(std::chrono::seconds limit = std::chrono::seconds{110});
  bool running();
  // What it has said so far.
  std::string out() const;

 private:
  bool reap(bool block);

  std::filesystem::path out_;
  std::filesystem::path err_;
  pid_t process_ = 0;  // 0: ended
  int status_ = 0;
};

Finished run_program(const std::vector<std::string>& command, const std::filesystem::path& folder);

// Asks `met` again and again; false when it was not so within `limit`.
template <class Predicate>
bool eventually(const Predicate& met, std::chrono::seconds limit = std::chrono::seconds{30});

void wait_a_moment();

template <class Predicate>
bool eventually(const Predicate& met, std::chrono::seconds limit) {
  const auto until = std::chrono::steady_clock::now() + limit;
  while (!met()) {
    if (std::chrono::steady_clock::now() > until) return false;
    wait_a_moment();
  }
  return true;
}

}  // namespace weft::testing
