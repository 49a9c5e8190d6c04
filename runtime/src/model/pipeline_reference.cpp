// SPDX-License-Identifier: Apache-2.0
#include "model/pipeline_reference.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>

#include "base/text.hpp"

namespace weft {

std::string PipelineReference::to_string() const {
  return number == 0 ? name : name + "@" + std::to_string(number);
}

bool is_pipeline_name(std::string_view text) noexcept {
  constexpr std::size_t bytes_at_most = 100;
  const auto fits = [](unsigned char c) {
    return std::isalnum(c) || c == '_' || c == '-' || c == '.';
  };
  return !text.empty() && text.size() <= bytes_at_most &&
         std::isalnum(static_cast<unsigned char>(text.front())) &&
         std::all_of(text.begin(), text.end(), fits);
}

result<PipelineReference> parse_pipeline_reference(std::string_view text) {
  const std::size_t at = text.find('@');
  PipelineReference reference{std::string(text.substr(0, at)), 0};
  bool good = is_pipeline_name(reference.name);
  if (at != text.npos) {
    const std::string_view digits = text.substr(at + 1);
    const auto [end, problem] =
        std::from_chars(digits.data(), digits.data() + digits.size(), reference.number);
    good = good && problem == std::errc{} && end == digits.data() + digits.size() &&
           reference.number > 0;
  }
  if (good) return reference;
  return invalid("'" + excerpt(text, 100) + "' names no version of a pipeline",
                 "write NAME for its newest version, or NAME@3");
}

}  // namespace weft
