// SPDX-License-Identifier: Apache-2.0
// What every command is given: the global options, where to write, and how to open the runtime.
#pragma once
#include <weft/runtime.hpp>

#include <filesystem>
#include <functional>
#include <iosfwd>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.hpp"
#include "terminal.hpp"

namespace weft::cli {

// The world of a command line. main() hands in the real one, tests one they can look at.
struct Surroundings {
  std::ostream& out;
  std::ostream& err;
  int out_terminal = -1;  // file descriptor, when it is a terminal
  int err_terminal = -1;
  std::function<result<std::unique_ptr<Runtime>>(RuntimeOptions)> open;
  std::string version;
  // Ends the process now, without a farewell to anything; not set in tests that go on.
  std::function<void(int exit_code)> leave = {};
  // One line that nobody is to see, from a terminal (after `prompt`) or a pipe; without its end.
  std::function<result<std::string>(const std::string& prompt)> ask_secret = {};
};

struct GlobalOptions {
  std::filesystem::path config;
  std::filesystem::path state;
  std::vector<std::filesystem::path> plugins;
  bool json = false;
  bool quiet = false;
  int verbosity = 0;  // of log lines: 0 warnings, 1 information, 2 everything
  bool no_color = false;
};

class Context {
 public:
  explicit Context(const Surroundings& surroundings);

  GlobalOptions options;
  // Set by the parser: what the chosen command does. Answers the exit code.
  std::function<result<int>()> action;

  result<std::unique_ptr<Runtime>> open(Role role);
  // For looking at what the configuration names: what is wrong with it is the answer, and is not
  // logged as well.
  result<std::unique_ptr<Runtime>> open_to_examine();
  // For trying the services of a file, which stand in place of the configured ones.
  result<std::unique_ptr<Runtime>> open_to_try(const std::filesystem::path& services);

  std::ostream& out() { return surroundings_.out; }
  // Standard error, or the view upon it.
  Screen& screen() { return screen_; }
  // Ends the process now, where that can be done.
  void leave(int exit_code) {
    if (surroundings_.leave) surroundings_.leave(exit_code);
  }
  result<std::string> ask_secret(const std::string& prompt) {
    return surroundings_.ask_secret(prompt);
  }
  const std::string& version() const { return surroundings_.version; }
  // Are colours wanted on standard output; on the screen?
  bool color() const;
  bool screen_color() const;
  // Columns of standard output; 0 when it is no terminal, where nothing is to be cut.
  int width() const;
  // One JSON document, or one of a stream, on a line of its own.
  void print(const json::value& value);
  // To standard error: for people, or as JSON with --json.
  void complain(const Error& error);

 private:
  bool color_on(int terminal) const;
  result<std::unique_ptr<Runtime>> open(Role role, const std::filesystem::path& services);
  void log(std::string_view level, std::string_view line);

  const Surroundings& surroundings_;
  Screen screen_;
  bool warns_ = true;
};

}  // namespace weft::cli
