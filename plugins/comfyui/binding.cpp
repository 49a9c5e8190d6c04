// SPDX-License-Identifier: Apache-2.0
#include "binding.hpp"

#include <weft/plugin/values.hpp>

namespace comfyui {
namespace {

using nlohmann::json;

// The inside of a text that is one ${...}, or "".
std::string reference_in(const std::string& text) {
  const bool is_one = text.starts_with("${") && text.find('}') == text.size() - 1;
  return is_one ? text.substr(2, text.size() - 3) : "";
}

}  // namespace

json bound_value(const std::string& text, const json& variables) {
  const std::string path = reference_in(text);
  if (path.empty()) {
    if (text.find("${") == std::string::npos) return text;
    throw weft::error(WEFT_BAD_INPUT, "'" + text + "' is no text and no single ${reference}");
  }
  const json* at = &variables;
  for (std::size_t begin = 0; begin <= path.size();) {
    const std::size_t end = std::min(path.find('.', begin), path.size());
    const auto found = at->is_object() ? at->find(path.substr(begin, end - begin)) : at->end();
    if (!at->is_object() || found == at->end()) return nullptr;
    at = &*found;
    begin = end + 1;
  }
  return *at;
}

std::string referred_input(const std::string& text) {
  const std::string path = reference_in(text);
  return path.starts_with("inputs.") ? path.substr(7) : "";
}

}  // namespace comfyui
