// SPDX-License-Identifier: Apache-2.0
// JSON texts and JSON Schemas.
#include <string>

#include "base/json.hpp"
#include "model/schema.hpp"
#include "target.hpp"

namespace weft::fuzz {

void json_text(std::string_view input) {
  const auto value = parse_json(input, "fuzz.json");
  if (!value) {
    expect(!value.error().diagnostics.empty(), "what is no JSON is so at some place");
    return;
  }
  const std::string text = canonical(*value);
  const auto again = parse_json(text);
  expect(again.has_value(), "the canonical text is JSON");
  expect(*again == *value, "the canonical text means the same");
  expect(canonical(*again) == text, "equal values have equal texts");
  expect(digest_of(*again) == digest_of(*value), "equal values have equal digests");
}

void schema(std::string_view input) {
  const std::size_t line = input.find('\n');
  const auto source = parse_json(input.substr(0, line));
  if (!source) return;
  const bool sound = check_schema(*source).empty();
  const auto schema = Schema::compile(*source);
  if (sound) expect(schema.has_value(), "a schema without mistakes can be used");
  if (!schema || line == input.npos) return;
  auto value = parse_json(input.substr(line + 1));
  if (!value) return;
  schema->convert_numbers(*value);
  json::value once_more = *value;
  schema->convert_numbers(once_more);
  expect(once_more == *value, "numbers are converted once");
  const auto violations = schema->validate(*value);
  const auto again = schema->validate(*value);
  expect(violations.size() == again.size(), "judging twice comes out the same");
  for (const Violation& one : violations) {
    expect(!one.message.empty(), "a violation says what it is");
    schema->part_for(one.pointer);
  }
}

}  // namespace weft::fuzz
