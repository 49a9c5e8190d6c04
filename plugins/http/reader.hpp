// SPDX-License-Identifier: Apache-2.0
// Compiles the texts of a description, and notes which settings they use.
#pragma once
#include <string>
#include <string_view>

#include "description.hpp"
#include "table.hpp"

namespace http_plugin {

// The expressions of one table of variables.
class Compiler {
 public:
  Compiler(weft::expressions& language, json variables, std::string& all_text)
      : language_(language), variables_(std::move(variables)), all_text_(all_text) {}

  // Empty when the key is absent. A bare expression; a template; a value with templates in it.
  weft::expression bare(Table& table, std::string_view key);
  weft::expression text(Table& table, std::string_view key);
  weft::expression value(Table& table, std::string_view key);
  weft::expression literal(const Table& table, std::string_view key, const std::string& text);

 private:
  template <class Make>
  weft::expression compile(const Table& table, std::string_view key, const std::string& source,
                           Make make);
  weft::expressions& language_;
  json variables_;
  std::string& all_text_;  // of all expressions so far
};

// Whether an expression in `text` reads that member of a variable, or the variable as a whole.
bool reads(std::string_view text, std::string_view variable, std::string_view member);

std::vector<Header> read_headers(Table& table, Compiler& compiler);
Request read_request(const json& value, const std::string& path, std::string_view method,
                     Compiler& compiler);
std::vector<ErrorRule> read_errors(Table& table, Compiler& compiler);
Operation read_operation(const json& value, const std::string& path, const std::string& name,
                         const json& variables, weft::expressions& language, std::string& all_text);

}  // namespace http_plugin
