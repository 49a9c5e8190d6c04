// SPDX-License-Identifier: Apache-2.0
// weft/plugin/process.hpp - weft::command, a program to run, and weft::exit_status, how it ended.
#pragma once

#include <weft/draft/process.h>
#include <weft/plugin/values.hpp>

#include <concepts>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weft {

class command {
 public:
  // command("sort", "--reverse", path)
  template <std::convertible_to<std::string>... Arguments>
  explicit command(std::string program, Arguments&&... arguments)
      : argv_{std::move(program), std::string(std::forward<Arguments>(arguments))...} {}
  explicit command(std::vector<std::string> argv) : argv_(std::move(argv)) {}

  command& arg(std::string value) {
    argv_.push_back(std::move(value));
    return *this;
  }
  command& args(const std::vector<std::string>& values) {
    argv_.insert(argv_.end(), values.begin(), values.end());
    return *this;
  }
  command& cwd(std::string folder) {  // default: the job's own
    cwd_ = std::move(folder);
    return *this;
  }
  command& env(std::string name, std::string value) {
    env_.emplace_back(std::move(name), std::move(value));
    return *this;
  }
  command& timeout(std::uint32_t milliseconds) {
    timeout_ms_ = milliseconds;
    return *this;
  }
  const std::vector<std::string>& argv() const noexcept { return argv_; }

  // Hands the request, as the C ABI has it, to `start`; what it points to is borrowed from this
  // object.
  template <class Start>
  weft_status start(Start&& start) const {
    std::vector<weft_str> argv;
    for (const std::string& text : argv_) argv.push_back(borrow(text));
    std::vector<weft_pair> env;
    for (const auto& [name, value] : env_) env.push_back({borrow(name), borrow(value)});
    weft_process_request raw{};
    raw.size = sizeof raw;
    raw.timeout_ms = timeout_ms_;
    raw.argv = borrow_list(argv);
    raw.cwd = borrow(cwd_);
    raw.env = borrow_list(env);
    return start(raw);
  }

 private:
  std::vector<std::string> argv_;
  std::string cwd_;
  std::vector<std::pair<std::string, std::string>> env_;
  std::uint32_t timeout_ms_ = 0;
};

class exit_status {
 public:
  exit_status() = default;
  exit_status(int code, int signal, std::string last_words)
      : code_(code), signal_(signal), last_words_(std::move(last_words)) {}

  bool ok() const noexcept { return code_ == 0 && signal_ == 0; }
  int code() const noexcept { return code_; }      // -1 if a signal ended it
  int signal() const noexcept { return signal_; }  // 0 if none
  // The last line it wrote to stderr: usually says what went wrong.
  const std::string& last_words() const noexcept { return last_words_; }
  // "exit code 1: No such filter: 'scael'"
  std::string text() const {
    std::string said =
        signal_ != 0 ? "signal " + std::to_string(signal_) : "exit code " + std::to_string(code_);
    return last_words_.empty() ? said : said + ": " + last_words_;
  }

 private:
  int code_ = 0, signal_ = 0;
  std::string last_words_;
};

// One line of a child's output; WEFT_STDOUT or WEFT_STDERR.
using line_sink = std::function<void(std::string_view line, std::uint32_t stream)>;

namespace detail {

// Follows the events of one child: calls the line sink, remembers what exit_status tells.
class child_watch {
 public:
  explicit child_watch(const line_sink& on_line) : on_line_(on_line) {}

  // Throws what the line sink throws.
  void see(const weft_process_event& event) {
    if (event.head.type == WEFT_EV_PROCESS_LINE) {
      if (event.stream == WEFT_STDERR && event.line.size != 0) last_words_ = view(event.line);
      if (on_line_) on_line_(view(event.line), event.stream);
    } else if (event.head.type == WEFT_EV_PROCESS_EXIT) {
      code_ = event.exit_code;
      signal_ = event.signal;
      message_ = view(event.head.message);
    }
  }
  const std::string& message() const noexcept { return message_; }
  exit_status status() const { return {code_, signal_, last_words_}; }

 private:
  const line_sink& on_line_;
  int code_ = 0, signal_ = 0;
  std::string last_words_, message_;
};

}  // namespace detail

}  // namespace weft
