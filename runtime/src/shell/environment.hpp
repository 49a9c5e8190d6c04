// SPDX-License-Identifier: Apache-2.0
// What every role of a runtime stands on: the configuration as read, the folders, the log.
#pragma once
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/time.hpp"
#include "model/config.hpp"
#include "observe/log.hpp"
#include "observe/metrics.hpp"
#include "shell/preview_board.hpp"
#include "weft/runtime.hpp"

namespace weft::shell {

struct Environment {
  RuntimeOptions options;
  Configuration config;
  std::filesystem::path state;                 // absolute
  std::filesystem::path secrets;               // the state folder that keeps the secrets
  std::vector<std::filesystem::path> plugins;  // folders, in the order of search
  std::unique_ptr<observe::Redactor> redactor;
  std::unique_ptr<observe::Metrics> metrics;
  std::unique_ptr<observe::Logger> log;
  std::unique_ptr<PreviewBoard> previews;
};

// The configuration as its files say now; the built-in one when there is no file.
result<Configuration> read_configuration(const RuntimeOptions& options);

// The services of a file, by themselves.
result<Configuration> read_services(const std::filesystem::path& file);

// Finds and reads the configuration. Writes nothing.
result<std::shared_ptr<const Environment>> read_environment(RuntimeOptions options);

// A variable of this process; "" when it is not set.
std::string environment_variable(const char* name);

// An error or a warning on one line, as the log has it: message, remedy and all that is said in
// detail.
std::string on_one_line(const Error& error);
std::string on_one_line(const Diagnostic& diagnostic);
// Line breaks, and what is indented after them, become "; ".
std::string join_lines(const std::string& text);

// The moment now, as the runtime counts time.
Timestamp now();

// The text of a file that somebody named.
result<std::string> read_text_file(const std::filesystem::path& file);

}  // namespace weft::shell
