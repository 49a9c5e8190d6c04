// SPDX-License-Identifier: Apache-2.0
// What a fuzzer feeds: functions that take any bytes and must neither crash, nor hang, nor answer
// wrongly. Each stands in targets/; a list of them in targets.cpp.
#pragma once
#include <span>
#include <stdexcept>
#include <string_view>

namespace weft::fuzz {

// Thrown when something weft promises does not hold; so is any other exception that leaves a
// target.
struct BrokenPromise : std::logic_error {
  using logic_error::logic_error;
};
inline void expect(bool holds, const char* promise) {
  if (!holds) throw BrokenPromise(promise);
}

struct Target {
  std::string_view name;
  void (*run)(std::string_view input);
};
std::span<const Target> targets() noexcept;
// Throws std::invalid_argument when there is none of that name.
const Target& find_target(std::string_view name);

// ---- texts that people write
void definition_toml(std::string_view input);
void definition_json(std::string_view input);
void config(std::string_view input);
void schema(std::string_view input);  // the first line is the schema, the rest a value
void json_text(std::string_view input);
void units(std::string_view input);  // money, durations, sizes, ids, digests, excerpts

// ---- the expression language
void expression(std::string_view input);
void arithmetic(std::string_view input);  // two int64 and what is done with them
void text_template(std::string_view input);

// ---- plugin libraries
void manifest(std::string_view input);
void elf(std::string_view input);

// ---- what comes over the network and from other programs
void url(std::string_view input);  // lines: base, location, headers
void http_session(std::string_view input);
// Records, parted by 0x1e: a description and operation, then answers to what the http plugin asks.
void service_answer(std::string_view input);
void media_type(std::string_view input);
void media_reports(std::string_view input);

// ---- the database
void stored_row(std::string_view input);  // the first byte names a column, the rest is its text

}  // namespace weft::fuzz
