// SPDX-License-Identifier: Apache-2.0
#include "code_text.hpp"

#include <algorithm>
#include <cctype>
#include <regex>

namespace weft::tidy {
namespace {

// Where the literal or comment that begins at `at` ends; `at` itself when none begins there.
std::size_t end_of_blank(std::string_view text, std::size_t at) {
  const auto until = [&](std::string_view mark, std::size_t from) {
    const auto found = text.find(mark, from);
    return found == text.npos ? text.size() : found + mark.size();
  };
  const std::string_view rest = text.substr(at);
  if (rest.starts_with("//")) return std::min(text.find('\n', at), text.size());
  if (rest.starts_with("/*")) return until("*/", at + 2);
  if (rest.starts_with("R\"")) {
    const auto open = text.find('(', at);
    const std::string tag(text.substr(at + 2, open - at - 2));
    return until(")" + tag + "\"", open);
  }
  const char quote = text[at];
  const bool digit_separator =
      quote == '\'' && at > 0 && std::isalnum(static_cast<unsigned char>(text[at - 1]));
  if ((quote != '"' && quote != '\'') || digit_separator) return at;
  std::size_t end = at + 1;
  while (end < text.size() && text[end] != quote) end += text[end] == '\\' ? 2 : 1;
  return std::min(end + 1, text.size());
}

// The end of the preprocessor line that begins at `at`, continuations included.
std::size_t end_of_directive(std::string_view text, std::size_t at) {
  do at = std::min(text.find('\n', at + 1), text.size());
  while (at < text.size() && text[at - 1] == '\\');
  return at;
}

bool begins_line(std::string_view text, std::size_t at) {
  while (at > 0 && (text[at - 1] == ' ' || text[at - 1] == '\t')) --at;
  return at == 0 || text[at - 1] == '\n';
}

// Does a brace after `head` open the body of a function, rather than a scope or an initializer?
bool heads_function(const std::string& head) {
  static const std::regex scope(R"(^\s*(namespace|extern|class|struct|union|enum)\b)");
  const auto last = head.find_last_not_of(" \t\n");
  return last != head.npos && head[last] != '=' && head.find(')') != head.npos &&
         !std::regex_search(head, scope);
}

}  // namespace

std::string code_of(std::string_view text) {
  std::string code(text);
  for (std::size_t at = 0; at < text.size();) {
    const bool directive = text[at] == '#' && begins_line(text, at);
    const std::size_t end = directive ? end_of_directive(text, at) : end_of_blank(text, at);
    for (std::size_t i = at; i < end; ++i)
      if (code[i] != '\n') code[i] = ' ';
    at = std::max(end, at + 1);
  }
  return code;
}

int line_of(std::string_view text, std::size_t offset) {
  const auto before = text.substr(0, offset);
  return 1 + static_cast<int>(std::count(before.begin(), before.end(), '\n'));
}

std::size_t closing(std::string_view code, std::size_t open) {
  int depth = 0;
  for (std::size_t at = open; at < code.size(); ++at) {
    if (code[at] == '(' || code[at] == '[' || code[at] == '{') ++depth;
    if (code[at] == ')' || code[at] == ']' || code[at] == '}') --depth;
    if (depth == 0) return at;
  }
  return code.size();
}

std::vector<FunctionText> functions_of(std::string_view code) {
  std::vector<FunctionText> functions;
  std::size_t head = 0;  // after the last thing that ended
  for (std::size_t at = 0; at < code.size(); ++at) {
    if (code[at] == ';' || code[at] == '}') head = at + 1;
    if (code[at] != '{') continue;
    if (heads_function(std::string(code.substr(head, at - head)))) {
      const std::size_t begin = std::min(code.find_first_not_of(" \t\n", head), at);
      const std::size_t end = closing(code, at);
      functions.push_back({line_of(code, begin), line_of(code, end) - line_of(code, begin) + 1});
      at = end;
    }
    head = at + 1;
  }
  return functions;
}

}  // namespace weft::tidy
