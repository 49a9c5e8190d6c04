// SPDX-License-Identifier: Apache-2.0
#include "model/document.hpp"
#include "shell/rehearsal.hpp"

namespace weft::shell {
namespace {

// The pointer for a path such as 'operations."a.b".errors[0].when: unknown …'; "" for none.
std::string pointer_of_path(std::string_view text) {
  std::string pointer;
  while (!text.empty()) {
    std::string_view part;
    if (text.front() == '"') {
      const auto end = text.find('"', 1);
      if (end == std::string_view::npos) return {};
      part = text.substr(1, end - 1);
      text.remove_prefix(end + 1);
    } else {
      const auto end = text.front() == '[' ? text.find(']') : text.find_first_of(".[: ");
      if (end == std::string_view::npos) return {};
      const bool is_index = text.front() == '[';
      part = text.substr(is_index ? 1 : 0, is_index ? end - 1 : end);
      text.remove_prefix(is_index ? end + 1 : end);
    }
    if (part.empty()) return {};
    pointer = child_pointer(pointer, part);
    if (text.starts_with(':')) return pointer;
    if (text.starts_with('.'))
      text.remove_prefix(1);
    else if (!text.starts_with('['))
      return {};
  }
  return {};
}

constexpr std::string_view schema_prefix = "config /";

// Of a mistake in one of several expressions its line says which: "/image/url:1:10: error: …".
std::string pointer_of_expression(std::string_view message) {
  const auto begin = message.find("\n/");
  if (begin == std::string_view::npos) return {};
  message.remove_prefix(begin + 1);
  return std::string(message.substr(0, message.find(':')));
}

std::string pointer_in(std::string_view message) {
  if (!message.starts_with(schema_prefix)) {
    const std::string key = pointer_of_path(message);
    return key.empty() ? key : key + pointer_of_expression(message);
  }
  message.remove_prefix(schema_prefix.size() - 1);
  return std::string(message.substr(0, message.find(' ')));
}

}  // namespace

Error place_mistakes(Error error, const Document& document, const std::string& pointer) {
  for (Diagnostic& mistake : error.diagnostics)
    if (const std::string within = pointer_in(mistake.message); !within.empty())
      mistake.position = document.key_position(pointer + within);
  return error;
}

}  // namespace weft::shell
