// SPDX-License-Identifier: Apache-2.0
// A configuration with one service that does the steps it is given, and runtimes upon it.
#pragma once
#include <sys/types.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>
#include <weft/runtime.hpp>

#include "catch.hpp"
#include "print_result.hpp"
#include "temp_folder.hpp"

namespace weft::shell::test {

inline constexpr std::string_view config = R"(
plugins = [")" WEFT_TEST_PLUGINS R"("]
[state]
path = "state"
[classes]
cpu = 2
io = 4
[services.worker]
component = "script_worker"
[operations."test.work"]
summary = "does the steps it is given"
[operations."test.work".params]
properties.steps = { type = "array" }
[operations."test.work".outputs.seen]
schema = {}
)";

class Place {
 public:
  explicit Place(std::string_view more = {}) { configure(std::string(config) + std::string(more)); }
  // Puts another configuration in the place of the present one.
  void configure(const std::string& text) {
    std::ofstream(folder() / "weft.new") << text;
    std::filesystem::rename(folder() / "weft.new", folder() / "weft.toml");
  }
  const std::filesystem::path& folder() const { return folder_.path(); }

  std::unique_ptr<Runtime> open(Role role = Role::on_demand) {
    RuntimeOptions options;
    options.role = role;
    options.config = folder() / "weft.toml";
    options.log = [this](std::string_view, std::string_view line) {
      const std::lock_guard lock(mutex_);
      log_.emplace_back(line);
    };
    return Runtime::open(std::move(options)).value();
  }
  std::ptrdiff_t logged(std::string_view part) {
    const std::lock_guard lock(mutex_);
    return std::ranges::count_if(
        log_, [&](const std::string& line) { return line.find(part) != line.npos; });
  }
  // The process whose id is in that file; 0 while it is not there.
  pid_t process_in(const std::string& file) const {
    pid_t process = 0;
    std::ifstream(folder() / file) >> process;
    return process;
  }

 private:
  testing::TempFolder folder_;
  std::mutex mutex_;
  std::vector<std::string> log_;
};

// A definition of one task with these steps, in JSON.
inline Submission work(const std::string& steps) {
  Submission submission;
  submission.definition =
      R"({"pipeline": {"name": "p"}, "tasks": {"a": {"operation": "test.work", "params": {"steps": )" +
      steps + "}}}}";
  submission.file = "p.json";
  return submission;
}

template <class Predicate>
bool eventually(const Predicate& met) {
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds{60};
  while (!met()) {
    if (std::chrono::steady_clock::now() > until) return false;
    std::this_thread::yield();
  }
  return true;
}

}  // namespace weft::shell::test
