// SPDX-License-Identifier: Apache-2.0
#include "observe/log.hpp"

#include <spdlog/logger.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <array>
#include <mutex>

#include "base/text.hpp"

namespace weft::observe {
namespace {

constexpr std::array<std::string_view, 5> words{"trace", "debug", "info", "warn", "error"};

// The numbers of both enumerations agree from trace to error.
spdlog::level::level_enum to_spdlog(Level level) {
  return static_cast<spdlog::level::level_enum>(level);
}
Level from_spdlog(spdlog::level::level_enum level) {
  return static_cast<Level>(level);
}
static_assert(static_cast<int>(Level::trace) == SPDLOG_LEVEL_TRACE);
static_assert(static_cast<int>(Level::error) == SPDLOG_LEVEL_ERROR);

// spdlog says "warning"; configuration and log shall use one word.
class LevelWord final : public spdlog::custom_flag_formatter {
 public:
  void format(const spdlog::details::log_msg& message, const std::tm&,
              spdlog::memory_buf_t& out) override {
    constexpr std::size_t width = 5;
    std::string word{to_string(from_spdlog(message.level))};
    word.resize(width, ' ');
    out.append(word.data(), word.data() + word.size());
  }
  std::unique_ptr<custom_flag_formatter> clone() const override {
    return std::make_unique<LevelWord>();
  }
};

std::unique_ptr<spdlog::formatter> line_formatter() {
  auto formatter = std::make_unique<spdlog::pattern_formatter>(spdlog::pattern_time_type::utc);
  formatter->add_flag<LevelWord>('*').set_pattern("%Y-%m-%dT%H:%M:%S.%eZ %* %v");
  return formatter;
}

class CallbackSink final : public spdlog::sinks::base_sink<std::mutex> {
 public:
  explicit CallbackSink(Logger::Sink called) : sink_(std::move(called)) {}

 private:
  void sink_it_(const spdlog::details::log_msg& message) override {
    sink_(from_spdlog(message.level), {message.payload.data(), message.payload.size()});
  }
  void flush_() override {}

  Logger::Sink sink_;
};

// Control characters as "\n", "\t" or "\x1b"; quotes and backslashes too when the text will stand
// between quotes.
void append_escaped(std::string& out, std::string_view text, bool quoted) {
  constexpr std::string_view hex = "0123456789abcdef";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '\n') {
      out += "\\n";
    } else if (c == '\t') {
      out += "\\t";
    } else if (byte < 0x20 || byte == 0x7F) {
      out += {'\\', 'x', hex[byte >> 4], hex[byte & 15]};
    } else {
      if (quoted && (c == '"' || c == '\\')) out += '\\';
      out += c;
    }
  }
}

bool needs_quotes(std::string_view text) {
  return text.empty() || text.find_first_of(" \"=\\\n\t\r") != std::string_view::npos;
}

void append_value(std::string& out, const Field::Value& value, const Redactor& redactor) {
  if (const auto* text = std::get_if<std::string_view>(&value)) {
    const std::string safe = redactor.redact(*text);  // before escaping could hide a secret
    const bool quoted = needs_quotes(safe);
    if (quoted) out += '"';
    append_escaped(out, safe, quoted);
    if (quoted) out += '"';
  } else if (const auto* flag = std::get_if<bool>(&value)) {
    out += *flag ? "true" : "false";
  } else if (const auto* number = std::get_if<std::int64_t>(&value)) {
    out += std::to_string(*number);
  } else {
    fmt::format_to(std::back_inserter(out), "{}", std::get<double>(value));
  }
}

void append_fields(std::string& out, Fields fields, const Redactor& redactor) {
  for (const Field& field : fields) {
    out += ' ';
    append_escaped(out, redactor.redact(field.key), false);
    out += '=';
    append_value(out, field.value, redactor);
  }
}

}  // namespace

std::string_view to_string(Level level) noexcept {
  return words[static_cast<std::size_t>(level)];
}

result<Level> parse_level(std::string_view word) {
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (words[i] == word) return static_cast<Level>(i);
  }
  const std::array<std::string, 5> known{"trace", "debug", "info", "warn", "error"};
  return invalid("unknown log level '" + excerpt(word) + "'", suggest(word, known));
}

struct Logger::Output {
  const Redactor& redactor;
  mutable spdlog::logger log;  // its functions are thread-safe, though not const

  Output(const Redactor& used, Level threshold, spdlog::sink_ptr sink)
      : redactor(used), log("weft", std::move(sink)) {
    log.set_formatter(line_formatter());
    log.set_level(to_spdlog(threshold));
    log.flush_on(spdlog::level::trace);  // the lines before a crash are the ones that matter
  }
};

Logger::Logger(std::shared_ptr<const Output> output, std::string bound_fields)
    : output_(std::move(output)), bound_fields_(std::move(bound_fields)) {}

Logger Logger::to_stderr(const Redactor& redactor, Level threshold) {
  auto sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
  return {std::make_shared<Output>(redactor, threshold, std::move(sink)), {}};
}

result<Logger> Logger::to_file(const std::filesystem::path& path, const Redactor& redactor,
                               Level threshold) {
  try {
    auto sink = std::make_shared<spdlog::sinks::basic_file_sink_mt>(path.string());
    return Logger{std::make_shared<Output>(redactor, threshold, std::move(sink)), {}};
  } catch (const spdlog::spdlog_ex& error) {
    return machine("cannot open log file " + path.string() + ": " + error.what(),
                   "choose another log file or mend its folder");
  }
}

Logger Logger::to_sink(Sink sink, const Redactor& redactor, Level threshold) {
  auto called = std::make_shared<CallbackSink>(std::move(sink));
  return {std::make_shared<Output>(redactor, threshold, std::move(called)), {}};
}

bool Logger::is_on(Level level) const noexcept {
  return output_->log.should_log(to_spdlog(level));
}

void Logger::write(Level level, std::string_view message, Fields fields) const {
  if (!is_on(level)) return;
  std::string line;
  append_escaped(line, output_->redactor.redact(message), false);
  line += bound_fields_;
  append_fields(line, fields, output_->redactor);
  output_->log.log(to_spdlog(level), spdlog::string_view_t{line.data(), line.size()});
}

Logger Logger::with(Fields fields) const {
  std::string bound = bound_fields_;
  append_fields(bound, fields, output_->redactor);
  return {output_, std::move(bound)};
}

}  // namespace weft::observe
