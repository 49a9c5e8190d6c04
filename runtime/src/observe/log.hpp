// SPDX-License-Identifier: Apache-2.0
// The log: lines for operators. What users see are events, not log lines.
#pragma once
#include <concepts>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "base/result.hpp"
#include "observe/redactor.hpp"

namespace weft::observe {

enum class Level { trace, debug, info, warn, error };

std::string_view to_string(Level level) noexcept;
// "trace", "debug", "info", "warn", "error".
result<Level> parse_level(std::string_view word);

// A named value beside the message. Borrows its texts until the call it is handed to returns.
struct Field {
  using Value = std::variant<std::string_view, std::int64_t, double, bool>;
  std::string_view key;
  Value value;

  Field(std::string_view name, std::string_view text) : key(name), value(text) {}
  Field(std::string_view name, const char* text) : key(name), value(std::string_view{text}) {}
  Field(std::string_view name, const std::string& text)
      : key(name), value(std::string_view{text}) {}
  Field(std::string_view name, bool flag) : key(name), value(flag) {}
  Field(std::string_view name, double number) : key(name), value(number) {}
  template <std::integral T>
  requires(!std::same_as<T, bool>) Field(std::string_view name, T number)
      : key(name), value(static_cast<std::int64_t>(number)) {}
};
using Fields = std::initializer_list<Field>;

// Writes lines such as
//   2026-11-21T03:27:37.120Z warn  service answers slowly service=comfy-a latency_ms=8123
//   url="http://a/b c"
// One event is always one line: control characters are escaped, in messages as in values. Every
// text passes the redactor first. A Logger is a handle: copies write to the same place. All
// functions may be called by any thread.
class Logger {
 public:
  // Gets each line, redacted, without time and newline. Called by the thread that logs, one at a
  // time.
  using Sink = std::function<void(Level, std::string_view line)>;

  // Lines below `threshold` are dropped. `redactor` must outlive the logger and its copies.
  static Logger to_stderr(const Redactor& redactor, Level threshold);
  // Appends to the file and makes its folder when that is missing.
  static result<Logger> to_file(const std::filesystem::path& path, const Redactor& redactor,
                                Level threshold);
  static Logger to_sink(Sink sink, const Redactor& redactor, Level threshold);

  // Cheap; asks before work is done for a line that would be dropped.
  bool is_on(Level level) const noexcept;
  void write(Level level, std::string_view message, Fields fields = {}) const;

  void trace(std::string_view message, Fields fields = {}) const {
    write(Level::trace, message, fields);
  }
  void debug(std::string_view message, Fields fields = {}) const {
    write(Level::debug, message, fields);
  }
  void info(std::string_view message, Fields fields = {}) const {
    write(Level::info, message, fields);
  }
  void warn(std::string_view message, Fields fields = {}) const {
    write(Level::warn, message, fields);
  }
  void error(std::string_view message, Fields fields = {}) const {
    write(Level::error, message, fields);
  }

  // The same log, with these fields put after the message of every line.
  Logger with(Fields fields) const;

 private:
  struct Output;
  Logger(std::shared_ptr<const Output> output, std::string bound_fields);

  std::shared_ptr<const Output> output_;
  std::string bound_fields_;  // rendered once: " service=comfy-a"
};

}  // namespace weft::observe
